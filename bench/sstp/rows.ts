import type { Crowd } from '../openvpn/sessions.ts'
import type { Samples, Target } from '../report.ts'
import type { Direction, Traffic } from '../traffic.ts'

/** What TLS records hold; openvpn's own framing has one packet each. */
export type Contents = 'full records' | 'a record per packet' | 'packets'

interface TrafficResult {
  readonly server: 'causeway' | 'openvpn'
  readonly contents: Contents
  readonly traffic: Traffic
}

interface CrowdResult {
  readonly server: 'causeway' | 'openvpn'
  readonly crowd: Crowd
}

/** All rounds, in the order in which they ran. */
export interface Results {
  readonly traffic: TrafficResult[]
  readonly crowds: CrowdResult[]
}

/** What Causeway is held to, against openvpn over TCP. */
const TARGETS = {
  throughput: { of: 'ratio', relation: '>=', bound: 3 },
  fullCpu: { of: 'ratio', relation: '<=', bound: 1 / 4 },
  packetCpu: { of: 'ratio', relation: '<=', bound: 1 / 3 },
} as const satisfies Record<string, Target>

/** The rows of everything that was measured. */
export function samplesOf(results: Results): Samples[] {
  return [...trafficSamples(results), ...crowdSamples(results)]
}

function trafficSamples(results: Results): Samples[] {
  if (results.traffic.length === 0) return []
  return [
    ...flowRows(results, 'full records', 'up', TARGETS.fullCpu),
    ...flowRows(results, 'full records', 'down', TARGETS.fullCpu),
    latencyRow(results),
    ...flowRows(results, 'a record per packet', 'up', TARGETS.packetCpu),
    ...flowRows(results, 'a record per packet', 'down', TARGETS.packetCpu),
  ]
}

function flowRows(results: Results, contents: Contents, direction: Direction, cpu: Target): Samples[] {
  const row = (measure: string, unit: string, pick: (it: Traffic) => number, target: Target): Samples => ({
    measure: `${contents}: ${measure} ${direction}`,
    unit,
    ...both(results, contents, pick),
    target,
  })
  return [
    row('throughput', 'Gbit/s', it => it[direction].gigabitsPerSecond, TARGETS.throughput),
    row('server CPU', 's/Gbit', it => it[direction].cpuSecondsPerGigabit, cpu),
  ]
}

function latencyRow(results: Results): Samples {
  return { measure: 'added latency', unit: 'ms', ...both(results, 'full records', it => it.addedLatencyMs) }
}

function both(
  { traffic }: Results,
  contents: Contents,
  pick: (traffic: Traffic) => number,
): Pick<Samples, 'causeway' | 'peer'> {
  const of = (wanted: Contents): number[] =>
    traffic.filter(result => result.contents === wanted).map(result => pick(result.traffic))
  return { causeway: of(contents), peer: of('packets') }
}

function crowdSamples({ crowds }: Results): Samples[] {
  if (crowds.length === 0) return []
  const row = (measure: string, unit: string, pick: (crowd: Crowd) => number): Samples => {
    const of = (server: CrowdResult['server']): number[] =>
      crowds.filter(result => result.server === server).map(({ crowd }) => pick(crowd))
    return { measure, unit, causeway: of('causeway'), peer: of('openvpn') }
  }
  return [
    row('session set-ups per server-CPU-second', '1/s', crowd => crowd.connectsPerCpuSecond),
    row('memory per idle session', 'KB', crowd => crowd.kilobytesPerSession),
  ]
}
