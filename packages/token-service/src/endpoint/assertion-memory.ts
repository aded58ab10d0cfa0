import { limits } from '../limits.ts'

interface Seen {
  readonly source: string
  readonly expiresAt: number
}

/**
 * Client assertions that were used, until they expire (RFC 7523 §3 item 7). Microsoft's libraries sign one and send it
 * for every resource and every retry of the next ten minutes; so one may come again, but only from where it came first.
 */
export class AssertionMemory {
  readonly #seen = new Map<string, Seen>()
  readonly #most: number

  constructor(most: number = limits.rememberedAssertions) {
    this.#most = most
  }

  /** Whether an assertion, whose signature is good, may be used from a source; from then on only from there. */
  admit(clientId: string, assertionId: string, use: Seen, now: number): boolean {
    const key = `${clientId}\n${assertionId}`
    const before = this.#seen.get(key)
    if (before && now <= before.expiresAt) return before.source === use.source
    if (this.#seen.size >= this.#most) this.#makeRoom(now)
    this.#seen.set(key, use)
    return true
  }

  /** Those that have expired go; if there are none, the oldest. */
  #makeRoom(now: number): void {
    for (const [key, { expiresAt }] of this.#seen) if (expiresAt < now) this.#seen.delete(key)
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size < this.#most) break
      this.#seen.delete(oldest)
    }
  }
}
