import { fileURLToPath } from 'node:url'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import type { Ground } from '../ground.ts'
import type { Group, Ikev2Access } from '../load/ikev2-access.ts'
import { writeAccess } from './contender.ts'

/** Starts a program of bench/load/ in the client's namespace. */
export function startLoader(
  ground: Ground,
  program: 'ikev2-client' | 'ikev2-flood' | 'ikev2-load',
  access: Ikev2Access,
  group: Group,
  ...args: readonly string[]
): RunningProcess {
  const path = fileURLToPath(new URL(`../load/${program}.ts`, import.meta.url))
  const node = ['--conditions=@causeway/source', '--import', 'tsx']
  return start(process.execPath, [...node, path, writeAccess(access), group, ...args], {
    namespace: ground.client,
    title: [program, group, ...args].join(' '),
  })
}
