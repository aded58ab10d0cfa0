import { ipBatch } from '../../interop/harness/namespace.ts'
import { ping } from '../../interop/harness/ping.ts'
import { CLIENT, type Ground, INSIDE } from '../ground.ts'
import { startLoader } from '../loader.ts'
import { cpuSeconds } from '../process-usage.ts'
import type { Contender, Responder } from './contender.ts'

/** What initiators that never come back cost, and what honest ones notice of them. */
export interface Flood {
  /** CPU of the responder for each bogus IKE_SA_INIT, in microseconds. */
  readonly microsecondsEach: number
  /** Of an established tunnel's echoes during the flood. */
  readonly lostPercent: number
  /** Of new honest clients during the flood. */
  readonly connectedPercent: number
}

export interface FloodSize {
  readonly count: number
  readonly perSecond: number
}

const GROUP = 'ECP-256'
const SPOOFED = '198.18.0.0/15'
const PINGS = { count: 100, intervalSeconds: 0.02 }
/** Honest clients that come during the flood; at most so many of them at a time. */
const HONEST = 20
const AT_ONCE = 2
/** The first bogus ones are believed; from then on it is a matter of cookies. */
const FIRST = { count: 1_000, perSecond: 1_000 } as const
const LIMIT_MS = 60_000

/** Once with nothing but the flood, for its cost; once with honest traffic beside it, for what that notices. */
export async function measureFlood(ground: Ground, contender: Contender, size: FloodSize): Promise<Flood> {
  await openSpoofed(ground)
  const responder = await contender.start({ cookies: true })
  try {
    const tunnel = await contender.openTunnel(responder)
    await flood(ground, responder, FIRST)
    const before = cpuSeconds(responder.pid)
    await flood(ground, responder, size)
    const used = cpuSeconds(responder.pid) - before
    const [lostPercent, connectedPercent] = await Promise.all([
      lostEchoes(ground, tunnel.device),
      connected(ground, responder),
      flood(ground, responder, size),
    ])
    await tunnel.stop()
    return { microsecondsEach: (used / size.count) * 1e6, lostPercent, connectedPercent }
  } finally {
    await responder.stop()
  }
}

/** Answers find their way to the client's namespace, where nobody waits for them. */
async function openSpoofed(ground: Ground): Promise<void> {
  await ipBatch(ground.client, [`route replace local ${SPOOFED} dev lo`])
  await ipBatch(ground.server, [`route replace ${SPOOFED} via ${CLIENT}`])
}

async function flood(ground: Ground, { access }: Responder, { count, perSecond }: FloodSize): Promise<void> {
  const load = startLoader(ground, 'ikev2-flood', access, GROUP, String(count), String(perSecond))
  await load.waitFor(/^sent /, LIMIT_MS)
  await load.exited
}

async function lostEchoes(ground: Ground, device: string): Promise<number> {
  const { sent, received } = await ping(ground.client, INSIDE, { ...PINGS, device })
  return (100 * (sent - received)) / sent
}

/** All come in, or the load fails with what they were told. */
async function connected(ground: Ground, { access }: Responder): Promise<number> {
  const load = startLoader(ground, 'ikev2-load', access, GROUP, String(HONEST), String(AT_ONCE))
  try {
    await load.waitFor(/^established /, LIMIT_MS)
    return 100
  } finally {
    await load.stop('SIGKILL')
  }
}
