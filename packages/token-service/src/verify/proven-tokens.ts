import { createHash } from 'node:crypto'
import { limits } from '../limits.ts'

/** What was proven, with the end of the token that proves it. Unix seconds. */
interface Proven<Value> {
  readonly value: Value
  readonly provenAt: number
  readonly expiresAt: number
}

/**
 * Tokens whose signature and claims were judged good a moment ago: a client shows the same one at every call, and a
 * signature takes longer to check than most calls take to answer. Of a token its digest is kept, for a minute at most:
 * so long the key of an issuer that takes it back may still count.
 */
export class ProvenTokens<Value> {
  readonly #proven = new Map<string, Proven<Value>>()
  readonly #most: number

  constructor(most: number = limits.provenTokens) {
    this.#most = most
  }

  /** What the token was proven to say, while that holds; `now` is in Unix seconds. */
  valueOf(token: string, now: number): Value | undefined {
    const digest = digestOf(token)
    const found = this.#proven.get(digest)
    if (!found) return undefined
    // A clock that was put back makes everything unproven.
    const holds =
      now >= found.provenAt && now < Math.min(found.expiresAt, found.provenAt + limits.provenSeconds)
    if (holds) return found.value
    this.#proven.delete(digest)
    return undefined
  }

  /** Keeps what was proven; the token that was proven first goes when there is no room. */
  keep(
    token: string,
    value: Value,
    { now, expiresAt }: { readonly now: number; readonly expiresAt: number },
  ): void {
    const digest = digestOf(token)
    this.#proven.delete(digest)
    for (const oldest of this.#proven.keys()) {
      if (this.#proven.size < this.#most) break
      this.#proven.delete(oldest)
    }
    this.#proven.set(digest, { value, provenAt: now, expiresAt })
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
