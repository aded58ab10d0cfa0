import { iperf } from '../interop/harness/iperf.ts'
import { ping } from '../interop/harness/ping.ts'
import { type Ground, INSIDE } from './ground.ts'
import { median } from './median.ts'
import { cpuSeconds } from './process-usage.ts'

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

/** Median round trip to the inside host while there is no tunnel, in milliseconds. */
export async function untunneledLatency(ground: Ground): Promise<number> {
  return median((await ping(ground.client, INSIDE, PINGS)).times)
}

/** What a tunnel that is up carries. `pid` is the server's process, `direct` the {@link untunneledLatency}. */
export async function measureTunnel(
  ground: Ground,
  pid: number,
  device: string,
  direct: number,
  seconds: number,
): Promise<Traffic> {
  const tunneled = await ping(ground.client, INSIDE, { ...PINGS, device })
  const up = await measureFlow(ground, pid, device, 'up', seconds)
  const down = await measureFlow(ground, pid, device, 'down', seconds)
  return { up, down, addedLatencyMs: median(tunneled.times) - direct }
}

async function measureFlow(
  ground: Ground,
  pid: number,
  device: string,
  direction: Direction,
  seconds: number,
): Promise<Flow> {
  const before = cpuSeconds(pid)
  const inside = { namespace: ground.inside, address: INSIDE }
  const result = await iperf(ground.client, inside, { seconds, direction, device })
  const used = cpuSeconds(pid) - before
  return {
    gigabitsPerSecond: result.bitsPerSecond / 1e9,
    cpuSecondsPerGigabit: used / ((result.bytes * 8) / 1e9),
  }
}
