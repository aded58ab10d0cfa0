import { ReplayWindow } from './memory-replay-window.ts'

const NUMBERS_PER_SUBSPACE = 2 ** 32

/** The replay window of one inbound SA (RFC 4303 §3.4.3), with 64-bit numbers where they were negotiated. */
export class EspReplayWindow {
  readonly #window: ReplayWindow
  readonly #extended: boolean

  constructor(size: number, extended: boolean) {
    this.#window = new ReplayWindow(size)
    this.#extended = extended
  }

  /**
   * The sequence number that the 32 bits of a packet stand for: the one nearest to the window (RFC 4304
   * Appendix A2.2). It is right only if the packet then proves authentic.
   */
  infer(low: number): number {
    if (!this.#extended) return low
    const { highest, size } = this.#window
    const subspace = Math.floor(highest / NUMBERS_PER_SUBSPACE)
    const bottom = (highest % NUMBERS_PER_SUBSPACE) - size + 1
    if (bottom >= 0) return (low >= bottom ? subspace : subspace + 1) * NUMBERS_PER_SUBSPACE + low
    const before = low >= bottom + NUMBERS_PER_SUBSPACE && subspace > 0
    return (before ? subspace - 1 : subspace) * NUMBERS_PER_SUBSPACE + low
  }

  accept(sequence: number): 'newest' | 'late' | 'replay' {
    return this.#window.accept(sequence)
  }
}
