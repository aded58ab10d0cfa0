import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { CLIENT, type Ground } from '../ground.ts'
import type { Person, SignInPlan, SignInResult } from '../load/sign-in-plan.ts'
import type { SignInServer } from './gateway.ts'
import { treeCpuSeconds } from './process-tree.ts'

/** How many sign-ins a server takes. */
export interface SignInRate {
  readonly perSecond: number
  readonly perCpuSecond: number
}

const LOAD: string = fileURLToPath(new URL('../load/sign-in-load.ts', import.meta.url))
/** Enough to keep a server busy, few enough that none waits long. */
const AT_ONCE = 16
/** These come first: what a server sets up once, and what V8 compiles, is not counted. */
const WARM_UP = 100
const LIMIT_MS = 120_000

/** Each comes in and leaves again. Errors: one was refused, or lost. */
export async function measureSignIns(
  ground: Ground,
  server: SignInServer,
  people: readonly Person[],
  count: number,
): Promise<SignInRate> {
  const crowd = (size: number): Promise<SignInResult> =>
    signIn(ground, server, {
      people,
      sources: [CLIENT],
      isAtHome: true,
      arrival: { type: 'crowd', count: size, atOnce: AT_ONCE },
      warmUp: AT_ONCE,
    })
  await crowd(WARM_UP)
  const before = treeCpuSeconds(server.pid)
  const { milliseconds, refused, lost, seconds } = await crowd(count)
  const cpu = treeCpuSeconds(server.pid) - before
  if (milliseconds.length < count) throw new Error(`${refused} sign-ins were refused, ${lost} lost`)
  return { perSecond: count / seconds, perCpuSecond: (count + AT_ONCE) / cpu }
}

export async function signIn(
  ground: Ground,
  server: SignInServer,
  plan: Omit<SignInPlan, 'profile'>,
): Promise<SignInResult> {
  return resultOf(startSignIns(ground, server, plan))
}

/** Begins at once; {@link resultOf} waits for its end. */
export function startSignIns(
  ground: Ground,
  { profile }: SignInServer,
  plan: Omit<SignInPlan, 'profile'>,
): RunningProcess {
  const directory = scratchDirectory('p')
  const [profilePath, planPath] = [join(directory, 'load.ovpn'), join(directory, 'plan.json')]
  writeFileSync(profilePath, profile, { mode: 0o600 })
  writeFileSync(planPath, JSON.stringify({ ...plan, profile: profilePath }), { mode: 0o600 })
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  return start(process.execPath, [...loader, LOAD, planPath], {
    namespace: ground.client,
    title: `load of ${plan.arrival.count} sign-ins`,
  })
}

export async function resultOf(load: RunningProcess): Promise<SignInResult> {
  const { text } = await load.waitFor(/^done /, LIMIT_MS)
  await load.exited
  return JSON.parse(text.slice('done '.length)) as SignInResult
}

/** Names of so many people, with one password. */
export function people(count: number, name: string, password: string): Person[] {
  return Array.from({ length: count }, (_, i) => ({ username: `${name}-${i}`, password }))
}
