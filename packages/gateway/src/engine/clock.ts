import { performance } from 'node:perf_hooks'
import type { Instant } from '@causeway/engine'

/** The two times of a gateway, kept apart. */
export interface Clock {
  /** The monotonic clock, in milliseconds. */
  now(): Instant
  /** Wall-clock time, for certificates and records. */
  unixSeconds(): number
}

export const systemClock: Clock = {
  now: () => performance.now(),
  unixSeconds: () => Date.now() / 1000,
}
