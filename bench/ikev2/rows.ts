import type { Group } from '../load/ikev2-access.ts'
import type { Samples, Target } from '../report.ts'
import type { Direction, Traffic } from '../traffic.ts'
import type { Contender } from './contender.ts'
import type { Handshakes } from './crowd.ts'
import type { Flood } from './flood.ts'

type Of<Measured> = { readonly contender: Contender['name']; readonly measured: Measured }

/** All rounds, in the order in which they ran. */
export interface Results {
  readonly traffic: Of<Traffic>[]
  readonly handshakes: (Of<Handshakes> & { readonly group: Group })[]
  /** KB for each IKE SA. */
  readonly memory: Of<number>[]
  readonly floods: Of<Flood>[]
}

/** What Causeway is held to. */
const TARGETS = {
  throughput: { of: 'ratio', relation: '>=', bound: 8 },
  cpu: { of: 'ratio', relation: '<=', bound: 1 / 8 },
  handshakes: { of: 'ratio', relation: '>=', bound: 1 },
  memory: { of: 'causeway', relation: '<=', bound: 30 },
  lost: { of: 'causeway', relation: '<=', bound: 0 },
  connected: { of: 'causeway', relation: '>=', bound: 100 },
} as const satisfies Record<string, Target>

const GROUP_NAMES: Readonly<Record<Group, string>> = { 'ECP-256': 'ECP 256', 'MODP-2048': 'group 14' }

/** The rows of everything that was measured. */
export function samplesOf(results: Results): Samples[] {
  return [
    ...trafficSamples(results),
    ...handshakeSamples(results),
    ...memorySamples(results),
    ...floodSamples(results),
  ]
}

function trafficSamples({ traffic }: Results): Samples[] {
  if (traffic.length === 0) return []
  const row = (measure: string, unit: string, pick: (it: Traffic) => number, target?: Target): Samples =>
    samples(`AES-256-GCM in UDP: ${measure}`, unit, traffic, pick, target)
  const both = (direction: Direction): Samples[] => [
    row(`throughput ${direction}`, 'Gbit/s', it => it[direction].gigabitsPerSecond, TARGETS.throughput),
    row(`responder CPU ${direction}`, 's/Gbit', it => it[direction].cpuSecondsPerGigabit, TARGETS.cpu),
  ]
  return [...both('up'), ...both('down'), row('added latency', 'ms', it => it.addedLatencyMs)]
}

function handshakeSamples({ handshakes }: Results): Samples[] {
  const groups = [...new Set(handshakes.map(({ group }) => group))]
  return groups.map(group =>
    samples(
      `IKE_SAs per responder-CPU-second, ${GROUP_NAMES[group]}`,
      '1/s',
      handshakes.filter(result => result.group === group),
      it => it.perCpuSecond,
      TARGETS.handshakes,
    ),
  )
}

function memorySamples({ memory }: Results): Samples[] {
  if (memory.length === 0) return []
  return [samples('memory per idle IKE_SA with Child SA', 'KB', memory, it => it, TARGETS.memory)]
}

function floodSamples({ floods }: Results): Samples[] {
  if (floods.length === 0) return []
  return [
    samples('responder CPU per bogus IKE_SA_INIT', 'µs', floods, it => it.microsecondsEach),
    samples('flood: echoes lost in a tunnel', '%', floods, it => it.lostPercent, TARGETS.lost),
    samples('flood: new clients let in', '%', floods, it => it.connectedPercent, TARGETS.connected),
  ]
}

function samples<Measured>(
  measure: string,
  unit: string,
  results: readonly Of<Measured>[],
  pick: (measured: Measured) => number,
  target?: Target,
): Samples {
  const of = (name: Contender['name']): number[] =>
    results.filter(({ contender }) => contender === name).map(({ measured }) => pick(measured))
  return { measure, unit, causeway: of('causeway'), peer: of('strongswan'), ...(target && { target }) }
}
