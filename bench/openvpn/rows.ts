import type { Samples, Target } from '../report.ts'
import type { Direction, Traffic } from '../traffic.ts'
import type { Contender, Transport } from './contender.ts'
import type { Crowd } from './sessions.ts'

export interface TrafficResult {
  readonly server: Contender['name']
  readonly client: Contender['name']
  readonly transport: Transport
  readonly traffic: Traffic
}

export interface CrowdResult {
  readonly server: Contender['name']
  readonly crowd: Crowd
}

/** All rounds, in the order in which they ran. */
export interface Results {
  readonly traffic: TrafficResult[]
  readonly crowds: CrowdResult[]
}

/** What Causeway is held to. */
const TARGETS = {
  ownThroughput: { of: 'ratio', relation: '>=', bound: 8 },
  ownCpu: { of: 'ratio', relation: '<=', bound: 1 / 8 },
  serverCpu: { of: 'ratio', relation: '<=', bound: 1 / 4 },
  connects: { of: 'ratio', relation: '>=', bound: 1 },
  memory: { of: 'causeway', relation: '<=', bound: 100 },
} as const satisfies Record<string, Target>

type Pick = (traffic: Traffic) => number

/** The traffic rows: first with Debian's client at both servers, then each program at both ends. */
export function trafficSamples(results: Results): Samples[] {
  if (results.traffic.length === 0) return []
  const transports: readonly Transport[] = ['udp', 'tcp']
  return transports.flatMap(transport => [
    ...flowRows(results, transport, 'openvpn'),
    ...flowRows(results, transport, 'causeway'),
  ])
}

export function crowdSamples(results: Results): Samples[] {
  if (results.crowds.length === 0) return []
  const of = (server: Contender['name'], pick: (crowd: Crowd) => number): number[] =>
    results.crowds.filter(result => result.server === server).map(result => pick(result.crowd))
  const row = (measure: string, unit: string, pick: (crowd: Crowd) => number, target: Target): Samples => {
    return { measure, unit, causeway: of('causeway', pick), peer: of('openvpn', pick), target }
  }
  return [
    row('connects per server-CPU-second', '1/s', crowd => crowd.connectsPerCpuSecond, TARGETS.connects),
    row('memory per idle session', 'KB', crowd => crowd.kilobytesPerSession, TARGETS.memory),
  ]
}

/** `client` is the program that stands opposite Causeway's server; opposite openvpn's it is always openvpn. */
function flowRows(results: Results, transport: Transport, client: Contender['name']): Samples[] {
  const samples = (measure: string, unit: string, pick: Pick, target?: Target): Samples => ({
    measure: `${transport}, ${client === 'openvpn' ? 'openvpn clients' : 'own clients'}: ${measure}`,
    unit,
    causeway: pickAll(results, 'causeway', client, transport, pick),
    peer: pickAll(results, 'openvpn', 'openvpn', transport, pick),
    ...(target && { target }),
  })
  const { throughput, cpu } = targetsOf(transport, client)
  const both = (direction: Direction): Samples[] => [
    samples(`throughput ${direction}`, 'Gbit/s', it => it[direction].gigabitsPerSecond, throughput),
    samples(`server CPU ${direction}`, 's/Gbit', it => it[direction].cpuSecondsPerGigabit, cpu),
  ]
  return [...both('up'), ...both('down'), samples('added latency', 'ms', it => it.addedLatencyMs)]
}

function targetsOf(
  transport: Transport,
  client: Contender['name'],
): { readonly throughput?: Target; readonly cpu?: Target } {
  if (client === 'openvpn') return { cpu: TARGETS.serverCpu }
  return transport === 'udp' ? { throughput: TARGETS.ownThroughput, cpu: TARGETS.ownCpu } : {}
}

function pickAll(
  results: Results,
  server: Contender['name'],
  client: Contender['name'],
  transport: Transport,
  pick: Pick,
): number[] {
  return results.traffic
    .filter(it => it.server === server && it.client === client && it.transport === transport)
    .map(it => pick(it.traffic))
}
