import type { RunningProcess } from '../../interop/harness/process.ts'
import type { Ground } from '../ground.ts'
import type { Group } from '../load/ikev2-access.ts'
import { startLoader } from '../loader.ts'
import { cpuSeconds, residentKilobytes } from '../process-usage.ts'
import type { Contender, Responder } from './contender.ts'

/** What it costs a responder to set up IKE SAs, each with its Child SA. */
export interface Handshakes {
  readonly perCpuSecond: number
}

/** How many sessions a crowd has. */
export interface CrowdSize {
  /** Connected before the first reading: what a responder sets up, or compiles, once is not counted. */
  readonly warmUp: number
  /** Connected while the CPU is read. */
  readonly handshakes: number
  /** Connected in the end, when memory is read. Absent: it is not read. */
  readonly idle?: number
}

/** What a crowd of clients that only connect and stay cost the responder. */
export interface Crowd extends Handshakes {
  /** KB for each session that came after the warm-up. */
  readonly kilobytesPerSession: number | undefined
}

const CONNECT_LIMIT_MS = 180_000

/** The load is the same for both responders: Causeway's client role, which makes no devices. */
export async function measureCrowd(
  ground: Ground,
  contender: Contender,
  group: Group,
  { warmUp, handshakes, idle }: CrowdSize,
): Promise<Crowd> {
  const responder = await contender.start({ cookies: false })
  const loads: RunningProcess[] = []
  try {
    loads.push(await connect(ground, responder, group, warmUp))
    const memory = residentKilobytes(responder.pid)
    const cpu = cpuSeconds(responder.pid)
    loads.push(await connect(ground, responder, group, handshakes))
    const perCpuSecond = handshakes / (cpuSeconds(responder.pid) - cpu)
    if (idle === undefined) return { perCpuSecond, kilobytesPerSession: undefined }
    loads.push(await connect(ground, responder, group, idle - handshakes - warmUp))
    const grown = residentKilobytes(responder.pid) - memory
    return { perCpuSecond, kilobytesPerSession: grown / (idle - warmUp) }
  } finally {
    await Promise.all(loads.map(load => load.stop('SIGKILL')))
    await responder.stop()
  }
}

async function connect(
  ground: Ground,
  { access }: Responder,
  group: Group,
  count: number,
): Promise<RunningProcess> {
  const load = startLoader(ground, 'ikev2-load', access, group, String(count))
  await load.waitFor(/^established /, CONNECT_LIMIT_MS)
  return load
}
