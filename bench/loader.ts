import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningProcess, start } from '../interop/harness/process.ts'
import { scratchDirectory } from '../interop/harness/scratch.ts'
import type { Ground } from './ground.ts'
import type { Access } from './load/access.ts'

/** Starts a program of bench/load/ in the client's namespace. */
export function startLoader(
  ground: Ground,
  program: 'ikev2-client' | 'ikev2-flood' | 'ikev2-load' | 'sstp-client' | 'sstp-load',
  access: Access,
  ...args: readonly string[]
): RunningProcess {
  const path = fileURLToPath(new URL(`./load/${program}.ts`, import.meta.url))
  const node = ['--conditions=@causeway/source', '--import', 'tsx']
  return start(process.execPath, [...node, path, writeAccess(access), ...args], {
    namespace: ground.client,
    title: [program, ...args].join(' '),
  })
}

/** The file that a load reads. */
function writeAccess(access: Access): string {
  const path = join(scratchDirectory('p'), 'access.json')
  writeFileSync(path, JSON.stringify(access), { mode: 0o600 })
  return path
}
