import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { PEER_RENEGOTIATIONS_PER_MINUTE, RENEGOTIATION_LEAST_MS } from '../limits.ts'

const MINUTE_MS = 60_000

/** When key negotiations may begin. */
export class RenegotiationPace {
  readonly #crypto: CryptoPort
  readonly #everySeconds: number
  #last: Instant = Number.NEGATIVE_INFINITY
  #peerBegan: Instant[] = []

  /** `everySeconds`: our own interval; 0 for never. */
  constructor(crypto: CryptoPort, everySeconds: number) {
    this.#crypto = crypto
    this.#everySeconds = everySeconds
  }

  /** A negotiation began, whoever started it. */
  began(now: Instant): void {
    this.#last = now
  }

  /** When this side may start another. */
  earliest(): Instant {
    return this.#last + RENEGOTIATION_LEAST_MS
  }

  /** Whether the peer may start one now; if so it is counted. */
  admitPeer(now: Instant): boolean {
    this.#peerBegan = this.#peerBegan.filter(at => at > now - MINUTE_MS)
    if (this.#peerBegan.length >= PEER_RENEGOTIATIONS_PER_MINUTE) return false
    this.#peerBegan.push(now)
    return true
  }

  /**
   * When this side starts the next: its interval less up to a tenth by chance, so that sessions
   * that began together do not renegotiate together.
   */
  nextOwn(now: Instant): Instant | undefined {
    if (this.#everySeconds === 0) return undefined
    const [chance = 0] = this.#crypto.random(1)
    return now + this.#everySeconds * 1000 * (1 - chance / 2560)
  }
}
