import { iperf } from '../../interop/harness/iperf.ts'
import { ping } from '../../interop/harness/ping.ts'
import { median } from '../median.ts'
import { cpuSeconds } from '../process-usage.ts'
import type { Contender, Server, Transport } from './contender.ts'
import { type Ground, INSIDE } from './ground.ts'
import { openTunnel } from './tunnel.ts'

export type Direction = 'up' | 'down'

/** One TCP stream in one direction. */
export interface Flow {
  readonly gigabitsPerSecond: number
  /** What the server's process spent, for each Gbit that the receiver got. */
  readonly cpuSecondsPerGigabit: number
}

/** What one connection of one client program to one server carried. */
export interface Traffic extends Record<Direction, Flow> {
  /** Median round trip through the tunnel less that without it, in milliseconds. */
  readonly addedLatencyMs: number
}

const PINGS = { count: 100, intervalSeconds: 0.01 }

export async function measureTraffic(
  ground: Ground,
  server: Contender,
  client: Contender['name'],
  transport: Transport,
  seconds: number,
): Promise<Traffic> {
  const direct = median((await ping(ground.client, INSIDE, PINGS)).times)
  const running = await server.start(transport)
  try {
    const tunnel = await openTunnel(ground, client, running.profile)
    const tunneled = await ping(ground.client, INSIDE, { ...PINGS, device: tunnel.device })
    const up = await measureFlow(ground, running, tunnel.device, 'up', seconds)
    const down = await measureFlow(ground, running, tunnel.device, 'down', seconds)
    await tunnel.stop()
    return { up, down, addedLatencyMs: median(tunneled.times) - direct }
  } finally {
    await running.stop()
  }
}

async function measureFlow(
  ground: Ground,
  server: Server,
  device: string,
  direction: Direction,
  seconds: number,
): Promise<Flow> {
  const before = cpuSeconds(server.pid)
  const inside = { namespace: ground.inside, address: INSIDE }
  const result = await iperf(ground.client, inside, { seconds, direction, device })
  const used = cpuSeconds(server.pid) - before
  return {
    gigabitsPerSecond: result.bitsPerSecond / 1e9,
    cpuSecondsPerGigabit: used / ((result.bytes * 8) / 1e9),
  }
}
