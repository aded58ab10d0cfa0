import type { Instant } from '@causeway/engine'

const MINUTE_MS = 60_000

/** Keeps each tunnel to so many dials in any minute, also when it is taken away and configured again. */
export class DialPace {
  readonly #perMinute: number
  readonly #dials = new Map<string, readonly Instant[]>()

  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /** From when on the tunnel may dial: the present, or later. */
  nextAt(tunnel: string, now: Instant): Instant {
    const dials = this.#recent(tunnel, now)
    return dials.length < this.#perMinute ? now : (dials[0] ?? now) + MINUTE_MS
  }

  note(tunnel: string, now: Instant): void {
    this.#dials.set(tunnel, [...this.#recent(tunnel, now), now])
    for (const name of this.#dials.keys()) if (this.#recent(name, now).length === 0) this.#dials.delete(name)
  }

  #recent(tunnel: string, now: Instant): readonly Instant[] {
    return (this.#dials.get(tunnel) ?? []).filter(at => at > now - MINUTE_MS)
  }
}
