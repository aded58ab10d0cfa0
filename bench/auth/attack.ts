import { setTimeout as pause } from 'node:timers/promises'
import { ipBatch } from '../../interop/harness/namespace.ts'
import { CLIENT, type Ground } from '../ground.ts'
import type { SignInPlan, SignInResult } from '../load/sign-in-plan.ts'
import { median } from '../median.ts'
import { cpuSeconds } from '../process-usage.ts'
import type { Gateway, Memory } from './gateway.ts'
import { PASSWORD, type RadiusResponder } from './radius-responder.ts'
import { people, resultOf, signIn, startSignIns } from './sign-ins.ts'

/** What honest users and the gateway notice of 10,000 wrong passwords a minute. */
export interface Attack {
  /** Milliseconds until an honest user's traffic could flow, without and with the attack. */
  readonly quiet: Times
  readonly attacked: Times
  /** Of the honest users under attack. */
  readonly inPercent: number
  /** How often the attackers came from the first on, and how often the RADIUS server heard of it. */
  readonly attempts: number
  readonly requests: number
  readonly before: Memory
  readonly during: Memory
  readonly after: Memory
  /** About refusals, in the log of the gateway. */
  readonly lines: number
  /** Of the gateway, during the attack. */
  readonly cpuPercent: number
}

export interface Times {
  readonly median: number
  readonly p99: number
}

export interface AttackSize {
  readonly honest: number
  readonly attempts: number
}

/** 10,000 a minute. */
const ATTACKS_PER_SECOND = 10_000 / 60
const HONEST_PER_SECOND = 15
/** Of each client's process; not counted. */
const WARM_UP = 20
/** Time for the attack to begin before honest users are looked at, and for what is left of it to end. */
const RUN_UP_MS = 4_000
const AFTERMATH_MS = 3_000

/** Eight networks of attackers, and two addresses of honest users. */
const HOSTILE_SOURCES = Array.from({ length: 8 }, (_, i) => `198.18.${i}.7`)
const HONEST_SOURCES = [CLIENT, '198.19.1.1']

const HONEST = people(20, 'honest', PASSWORD)
/** Half of the names are those of honest users. */
const HOSTILE = [...people(20, 'honest', 'wrong'), ...people(40, 'nobody', 'wrong')]

/** Of a gateway that has just been started. */
export async function measureAttack(
  ground: Ground,
  gateway: Gateway,
  radius: RadiusResponder,
  size: AttackSize,
): Promise<Attack> {
  await openSources(ground)
  await signIn(ground, gateway, honestPlan(2 * HONEST.length))
  const [requestsBefore, lines] = [await radius.requests(), gateway.refusalLines()]
  const first = await signIn(ground, gateway, hostilePlan(size.attempts / 4))
  const firstRequests = (await radius.requests()) - requestsBefore
  await pause(AFTERMATH_MS)
  const honest = honestPlan(size.honest)
  const quiet = timesOf(await signIn(ground, gateway, honest))
  const before = await gateway.memory()
  const requests = await radius.requests()
  const hostile = startSignIns(ground, gateway, hostilePlan(size.attempts))
  const [start, cpu] = [performance.now(), cpuSeconds(gateway.pid)]
  await pause(RUN_UP_MS)
  const attacked = await signIn(ground, gateway, honest)
  const cpuPercent = (100_000 * (cpuSeconds(gateway.pid) - cpu)) / (performance.now() - start)
  const during = await gateway.memory()
  const { refused, lost, milliseconds } = await resultOf(hostile)
  if (milliseconds.length > 0) throw new Error(`${milliseconds.length} wrong passwords were let in`)
  await pause(AFTERMATH_MS)
  return {
    quiet,
    attacked: timesOf(attacked),
    inPercent: (100 * attacked.milliseconds.length) / size.honest,
    attempts: first.refused + first.lost + refused + lost,
    requests: firstRequests + (await radius.requests()) - requests - WARM_UP - size.honest,
    before,
    during,
    after: await gateway.memory(),
    lines: gateway.refusalLines() - lines,
    cpuPercent,
  }
}

function honestPlan(count: number): Omit<SignInPlan, 'profile'> {
  const arrival = { type: 'pace', count, perSecond: HONEST_PER_SECOND } as const
  return { people: HONEST, sources: HONEST_SOURCES, isAtHome: true, arrival, warmUp: WARM_UP }
}

function hostilePlan(count: number): Omit<SignInPlan, 'profile'> {
  const arrival = { type: 'pace', count: Math.ceil(count), perSecond: ATTACKS_PER_SECOND } as const
  return { people: HOSTILE, sources: HOSTILE_SOURCES, isAtHome: false, arrival, warmUp: 0 }
}

async function openSources(ground: Ground): Promise<void> {
  const own = [...HOSTILE_SOURCES, ...HONEST_SOURCES].filter(source => source !== CLIENT)
  await ipBatch(
    ground.client,
    own.map(source => `addr replace ${source}/32 dev eth0`),
  )
  await ipBatch(ground.server, [`route replace 198.18.0.0/15 via ${CLIENT}`])
}

function timesOf({ milliseconds, refused, lost }: SignInResult): Times {
  if (milliseconds.length === 0) throw new Error(`nobody came in: ${refused} were refused, ${lost} lost`)
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return { median: median(sorted), p99: sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN }
}
