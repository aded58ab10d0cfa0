import { randomBytes } from 'node:crypto'
import { formatDynamicChallenge, readChallengeAnswer } from '@causeway/openvpn'
import type { Continuation } from '@causeway/radius'

/** What a server has asked a user for. */
interface Challenge {
  readonly username: string
  readonly continuation: Continuation
  /** By the monotonic clock. */
  readonly endsAt: number
}

/** Challenges that wait for a user; more, and the oldest is forgotten. */
const MOST = 1_024
/** A user has so long to answer, unless the server says less. */
const PATIENCE_MILLISECONDS = 120_000
const STATE_ID_BYTES = 16

/** Questions of RADIUS servers that OpenVPN's clients answer on their next connection (its dynamic challenge). */
export class Challenges {
  readonly #now: () => number
  readonly #open = new Map<string, Challenge>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Questions that wait. */
  get size(): number {
    return this.#open.size
  }

  /** The reason to refuse with. Errors: `RangeError` when user name and text do not fit into one. */
  ask(username: string, continuation: Continuation, text: string, patienceSeconds?: number): string {
    this.#forgetOld()
    const stateId = randomBytes(STATE_ID_BYTES).toString('hex')
    const reason = formatDynamicChallenge({
      stateId,
      username,
      text: text || 'Response',
      echo: false,
      responseRequired: true,
    })
    const patience = Math.min(PATIENCE_MILLISECONDS, (patienceSeconds ?? Number.POSITIVE_INFINITY) * 1_000)
    this.#open.set(stateId, { username, continuation, endsAt: this.#now() + patience })
    return reason
  }

  /**
   * The challenge that this password answers, once, and the answer; `undefined`: it is an ordinary password. An answer
   * to what is not known any more is `expired`.
   */
  take(
    username: string,
    password: string,
  ): { readonly continuation: Continuation; readonly answer: string } | 'expired' | undefined {
    const read = readChallengeAnswer(password)
    if (!read) return undefined
    const challenge = this.#open.get(read.stateId)
    this.#open.delete(read.stateId)
    if (!challenge || challenge.username !== username || challenge.endsAt <= this.#now()) return 'expired'
    return { continuation: challenge.continuation, answer: read.response }
  }

  /** Who answers one now has to begin anew. */
  clear(): void {
    this.#open.clear()
  }

  #forgetOld(): void {
    for (const [id, { endsAt }] of this.#open) {
      if (endsAt > this.#now() && this.#open.size < MOST) return
      this.#open.delete(id)
    }
  }
}
