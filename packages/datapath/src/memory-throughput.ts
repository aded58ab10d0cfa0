/** Ours: a connection's window comes at once. */
const BURST_MILLISECONDS = 100

/** What all flows together may carry, both directions: a leaky bucket. */
export class MemoryThroughput {
  readonly #now: () => number
  #bytesPerSecond = 0
  /** When the bucket will be empty. */
  #emptyAt = Number.NEGATIVE_INFINITY
  dropped = 0

  /** @param now milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** 0: no limit. What went before is not held against what follows. */
  limit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
    this.#emptyAt = Number.NEGATIVE_INFINITY
  }

  /** Whether a packet of so many bytes may go on. One that may not is counted. */
  admits(bytes: number): boolean {
    if (this.#bytesPerSecond === 0) return true
    const now = this.#now()
    const from = Math.max(this.#emptyAt, now)
    if (from - now > BURST_MILLISECONDS) {
      this.dropped++
      return false
    }
    this.#emptyAt = from + (1_000 * bytes) / this.#bytesPerSecond
    return true
  }
}
