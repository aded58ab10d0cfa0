import type { Instant } from '@causeway/engine'

/** The earlier of two deadlines that may not be there. */
export function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}
