import { RETRANSMIT_FIRST_MS, RETRANSMIT_LEAST_MS, RETRANSMIT_MOST_MS } from '../limits.ts'

/** Smoothed round trip and the retransmission timeout it gives (RFC 6298 §2), bounded. */
export class RoundTrip {
  #smoothed: number | undefined
  #deviation = 0

  /** A round trip of a packet that was sent once (Karn's rule), in milliseconds. */
  measured(sample: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = sample
      this.#deviation = sample / 2
      return
    }
    this.#deviation = 0.75 * this.#deviation + 0.25 * Math.abs(this.#smoothed - sample)
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * sample
  }

  /** Milliseconds to wait after the `transmissions`-th sending of a packet. */
  timeout(transmissions: number): number {
    const base = this.#smoothed === undefined ? RETRANSMIT_FIRST_MS : this.#smoothed + 4 * this.#deviation
    const first = Math.max(base, RETRANSMIT_LEAST_MS)
    return Math.min(first * 2 ** Math.min(transmissions - 1, 16), RETRANSMIT_MOST_MS)
  }
}
