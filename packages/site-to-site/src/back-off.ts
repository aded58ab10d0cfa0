/** A wait that doubles with every failure in a row. */
export interface BackOff {
  readonly firstMs: number
  readonly longestMs: number
}

/** Jitter takes up to this share off, so that the longest wait stays the longest. */
const JITTER = 0.25
/** Beyond so many doublings every wait is the longest. */
const MOST_DOUBLINGS = 30

/** How long to wait after `failures` (1 or more) in a row, in whole milliseconds. */
export function backOffMs({ firstMs, longestMs }: BackOff, failures: number, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS)
  const full = Math.min(firstMs * 2 ** doublings, longestMs)
  return Math.ceil(full * (1 - JITTER * random()))
}
