import { type Instant, TokenBucket } from '@causeway/engine'
import type { Clock } from '../engine/clock.ts'
import type { TunnelLine } from '../observation/index.ts'

/** Ours: lines of one connection that strangers may cause in a second, and how soon one is told that was told last. */
const LINES_PER_SECOND = 2
const AGAIN_MILLISECONDS = 60_000

/** Peers that were meant for a connection and are not its: told in its log at a pace, and the last of them in its record. */
export class RefusedPeers {
  readonly #clock: Clock
  readonly #tell: (line: TunnelLine) => void
  readonly #pace = new TokenBucket(LINES_PER_SECOND)
  #last: string | undefined
  #told: { readonly message: string; readonly at: Instant } | undefined

  constructor(clock: Clock, tell: (line: TunnelLine) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** @param from where it came from. */
  add(from: string, reason: string): void {
    const message = `a peer at ${from} was not let in: ${reason}`
    const now = this.#clock.now()
    this.#last = message
    if (this.#told?.message === message && now - this.#told.at < AGAIN_MILLISECONDS) return
    if (!this.#pace.take(now)) return
    this.#told = { message, at: now }
    this.#tell({ level: 'warning', code: 'refused', message })
  }

  /** The right one is in. */
  forget(): void {
    this.#last = undefined
  }

  /** For the connection's record. */
  notes(): readonly string[] {
    return this.#last === undefined ? [] : [this.#last]
  }
}
