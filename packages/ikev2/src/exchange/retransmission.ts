import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { RETRANSMIT_FACTOR, RETRANSMIT_FIRST_MS, RETRANSMIT_JITTER, RETRANSMIT_REPEATS } from '../limits.ts'

/** When a request is sent again (RFC 7296 §2.4), and when that has lasted long enough. */
export class Retransmission {
  readonly #crypto: CryptoPort
  #left = RETRANSMIT_REPEATS
  #wait = RETRANSMIT_FIRST_MS
  #at: Instant

  constructor(crypto: CryptoPort, now: Instant) {
    this.#crypto = crypto
    this.#at = now + this.#jittered()
  }

  /** When to look again. */
  get at(): Instant {
    return this.#at
  }

  /** What is due: nothing yet, another repeat, or to give up. */
  due(now: Instant): 'no' | 'repeat' | 'give-up' {
    if (now < this.#at) return 'no'
    if (this.#left === 0) return 'give-up'
    this.#left--
    this.#wait *= RETRANSMIT_FACTOR
    this.#at = now + this.#jittered()
    return 'repeat'
  }

  #jittered(): number {
    const fraction = (this.#crypto.random(1)[0] as number) / 255
    return Math.round(this.#wait * (1 + RETRANSMIT_JITTER * (2 * fraction - 1)))
  }
}
