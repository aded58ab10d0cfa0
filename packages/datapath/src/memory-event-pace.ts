/** Lets a burst through and then one each interval (a leaky bucket). */
export class MemoryEventPace {
  readonly #interval: number
  readonly #burst: number
  #emptyAt = 0

  /** `interval` in milliseconds; `burst`: how many may go at once after a rest. */
  constructor(interval: number, burst: number) {
    this.#interval = interval
    this.#burst = burst
  }

  /** Whether one more may go at `now`. */
  admits(now: number): boolean {
    const from = Math.max(this.#emptyAt, now)
    if (from - now > this.#interval * (this.#burst - 1)) return false
    this.#emptyAt = from + this.#interval
    return true
  }
}
