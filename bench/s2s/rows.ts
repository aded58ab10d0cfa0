import type { Samples, Target } from '../report.ts'
import type { Contender } from './contender.ts'
import type { Carried, Stream } from './measure.ts'

/** A round of a contender. */
export interface Result {
  readonly contender: Contender['name']
  readonly carried: Carried
}

/** What Causeway is held to. */
const THROUGHPUT: Target = { of: 'ratio', relation: '>=', bound: 8 }

/** The rows of everything that was measured. */
export function samplesOf(results: readonly Result[]): Samples[] {
  if (results.length === 0) return []
  const row = (measure: string, unit: string, pick: (it: Carried) => number, target?: Target): Samples => {
    const of = (name: Contender['name']): number[] =>
      results.filter(({ contender }) => contender === name).map(({ carried }) => pick(carried))
    return { measure, unit, causeway: of('causeway'), peer: of('strongswan'), ...(target && { target }) }
  }
  const stream = (name: string, pick: (it: Carried) => Stream): Samples[] => [
    row(`TCP ${name}: throughput`, 'Gbit/s', it => pick(it).gigabitsPerSecond, THROUGHPUT),
    row(`TCP ${name}: CPU of both gateways`, 's/GB', it => pick(it).cpuSecondsPerGigabyte),
  ]
  return [
    ...stream('out', ({ out }) => out),
    ...stream('back', ({ back }) => back),
    row('UDP, 200 bytes: received', 'kpps', it => it.datagrams.perSecond / 1e3),
    row('UDP, 200 bytes: CPU of both gateways', 'µs/packet', it => it.datagrams.cpuMicroseconds),
    row('round trip from host to host', 'ms', it => it.roundTripMs),
    row('memory of both gateways', 'MB', it => it.megabytes),
  ]
}
