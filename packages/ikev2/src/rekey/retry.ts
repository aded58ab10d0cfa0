import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { Reader } from '@causeway/wire'
import { RETRIES, RETRY_FACTOR, RETRY_FIRST_MS, RETRY_JITTER, RETRY_LONGEST_MS } from '../limits.ts'

/**
 * When to try again what the peer has put off by TEMPORARY_FAILURE for the `refusals`th time in a row; `undefined`:
 * it has gone on for minutes, and the two ends are out of step (RFC 7296 §2.25). Jitter keeps two ends that put each
 * other off from doing so for ever.
 */
export function nextTry(crypto: CryptoPort, refusals: number, now: Instant): Instant | undefined {
  if (refusals > RETRIES) return undefined
  const wait = Math.min(RETRY_FIRST_MS * RETRY_FACTOR ** (refusals - 1), RETRY_LONGEST_MS)
  const share = new Reader(crypto.random(4)).u32('random') / 2 ** 32
  return now + Math.round(wait * (1 + RETRY_JITTER * (2 * share - 1)))
}

/** The log's reason when `nextTry` has none. */
export const OUT_OF_STEP = 'the peer has put off rekeying for minutes: the two ends are out of step'
