import type { Pair } from './pair.ts'

/** Two gateways of one program that have a tunnel between them, or are about to. */
export interface RunningPair {
  /** Of both gateways. */
  readonly pids: readonly number[]
  /** The end of what both have said. */
  tail(): string
  stop(): Promise<void>
}

/** A program that takes part in the comparison, as both gateways. */
export interface Contender {
  readonly name: 'causeway' | 'strongswan'
  start(pair: Pair): Promise<RunningPair>
}

/** Both have it. */
export const SECRET = 'Bench_Shared_Secret1'
