import type { Samples, Target } from '../report.ts'
import type { ApiRound, Rate } from './measure.ts'

/** All rounds, in the order in which they ran. */
export interface Results {
  readonly rounds: ApiRound[]
  readonly peers: { readonly read: Rate }[]
}

/**
 * What Causeway is held to, on two cores that the clients share. The peer does TLS and HTTP and nothing else; a read
 * judges a token and rights, reads two documents, makes its answer and writes a line of the log: it may cost ten times as
 * much. Whoever manages a gateway waits seconds for Azure.
 */
const TARGETS = {
  reads: { of: 'ratio', relation: '>=', bound: 0.1 },
  crowd: { of: 'causeway', relation: '<=', bound: 1_500 },
  paced: { of: 'causeway', relation: '<=', bound: 100 },
  lost: { of: 'causeway', relation: '<=', bound: 0 },
  heapGrowth: { of: 'causeway', relation: '<=', bound: 5 },
} as const satisfies Record<string, Target>

const NAMES = {
  arrival: 'first tokens of 1,000 new connections',
  token: 'tokens',
  read: 'reads of a resource',
  list: 'lists of 100 resources',
  write: 'PUTs of new resources',
  pacedRead: 'reads at a pace',
  pacedWrite: 'PUTs at a pace',
} as const satisfies Partial<Record<keyof ApiRound, string>>

/** The rows of everything that was measured. */
export function samplesOf(results: Results): Samples[] {
  if (results.rounds.length + results.peers.length === 0) return []
  return [
    ...rateSamples(results, 'read', { perSecond: TARGETS.reads, p99: TARGETS.crowd }),
    ...rateSamples(results, 'list', {}),
    ...rateSamples(results, 'write', { p99: TARGETS.crowd }),
    ...rateSamples(results, 'pacedRead', { p99: TARGETS.paced }),
    ...rateSamples(results, 'pacedWrite', { p99: TARGETS.paced }),
    ...rateSamples(results, 'token', {}),
    ...rateSamples(results, 'arrival', {}),
    ...incrementSamples(results),
    ...memorySamples(results),
  ]
}

function rateSamples(
  { rounds, peers }: Results,
  kind: keyof typeof NAMES,
  targets: Partial<Record<keyof Rate, Target>>,
): Samples[] {
  const row = (measure: string, unit: string, of: keyof Rate): Samples => {
    const target = targets[of]
    return {
      measure: `${NAMES[kind]}${measure}`,
      unit,
      causeway: rounds.map(round => round[kind][of]),
      peer: kind === 'read' ? peers.map(({ read }) => read[of]) : [],
      ...(target && { target }),
    }
  }
  return [
    row('', '1/s', 'perSecond'),
    row(', median', 'ms', 'median'),
    row(', p99', 'ms', 'p99'),
    row(', CPU of the server for each', 'µs', 'cpuMicroseconds'),
  ]
}

function incrementSamples({ rounds }: Results): Samples[] {
  const row = (
    measure: string,
    unit: string,
    pick: (round: ApiRound) => number,
    target?: Target,
  ): Samples => ({
    measure: `counting up with If-Match: ${measure}`,
    unit,
    causeway: rounds.map(pick),
    peer: [],
    ...(target && { target }),
  })
  return [
    row('acknowledged', '1/s', ({ increments }) => increments.perSecond),
    row('412 for each of them', '', ({ increments }) => increments.conflicts),
    row('lost updates', '', ({ increments }) => increments.lost, TARGETS.lost),
  ]
}

function memorySamples({ rounds }: Results): Samples[] {
  const row = (
    measure: string,
    unit: string,
    pick: (round: ApiRound) => number,
    target?: Target,
  ): Samples => ({
    measure,
    unit,
    causeway: rounds.map(pick),
    peer: [],
    ...(target && { target }),
  })
  return [
    row('requests between before and after', '', ({ requests }) => requests),
    row('heap before', 'MB', ({ before }) => before.heap),
    row('heap during PUTs', 'MB', ({ during }) => during.heap),
    row('heap after', 'MB', ({ after }) => after.heap),
    row('heap grown', 'MB', ({ before, after }) => after.heap - before.heap, TARGETS.heapGrowth),
    row('resident before', 'MB', ({ before }) => before.resident),
    row('resident during PUTs', 'MB', ({ during }) => during.resident),
    row('resident after', 'MB', ({ after }) => after.resident),
  ]
}
