import type { Instant } from '@causeway/engine'

/** Time that moves only when told to. Starts at 0. */
export class VirtualClock {
  #now: Instant = 0

  get now(): Instant {
    return this.#now
  }

  /** Moves on to a moment; one that has passed leaves the clock as it is. */
  advanceTo(at: Instant): void {
    if (at > this.#now) this.#now = at
  }

  advance(milliseconds: number): void {
    this.advanceTo(this.#now + milliseconds)
  }
}
