import type { CryptoPort } from '@causeway/crypto'
import { type Instant, TokenBucket } from '@causeway/engine'
import type { IpAddress } from '@causeway/wire'
import { RATE_BUCKETS } from '../limits.ts'

/**
 * A rate per source prefix in a table of fixed size: prefixes fall into buckets by a keyed hash,
 * so that no source can add memory or aim at another's bucket.
 */
export class PrefixRate {
  readonly #crypto: CryptoPort
  readonly #key: Uint8Array
  readonly #perSecond: number
  readonly #buckets: (TokenBucket | undefined)[] = Array.from({ length: RATE_BUCKETS })

  constructor(crypto: CryptoPort, perSecond: number) {
    this.#crypto = crypto
    this.#key = crypto.random(32)
    this.#perSecond = perSecond
  }

  take({ family, bytes }: IpAddress, now: Instant): boolean {
    const hash = this.#crypto.hmac('SHA256', this.#key, [bytes.subarray(0, family === 4 ? 3 : 8)])
    const index = (((hash[0] as number) << 8) | (hash[1] as number)) % RATE_BUCKETS
    this.#buckets[index] ??= new TokenBucket(this.#perSecond)
    return this.#buckets[index].take(now)
  }
}
