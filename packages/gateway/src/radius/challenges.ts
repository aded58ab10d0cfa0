import { randomBytes } from 'node:crypto'
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
const ID_BYTES = 16

/**
 * Questions of RADIUS servers that OpenVPN's clients answer on their next connection, in the form of its dynamic
 * challenge: `CRV1:FLAGS:ID:USER:TEXT` goes to the client as the reason of a refusal, and `CRV1::ID::ANSWER` comes
 * back as the password.
 */
export class Challenges {
  readonly #now: () => number
  readonly #open = new Map<string, Challenge>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** The text for the client. */
  ask(username: string, continuation: Continuation, text: string, patienceSeconds?: number): string {
    this.#forgetOld()
    const id = randomBytes(ID_BYTES).toString('hex')
    const patience = Math.min(PATIENCE_MILLISECONDS, (patienceSeconds ?? Number.POSITIVE_INFINITY) * 1_000)
    this.#open.set(id, { username, continuation, endsAt: this.#now() + patience })
    const user = Buffer.from(username).toString('base64')
    return `CRV1:R:${id}:${user}:${text.replace(/[\p{Cc}]/gu, ' ') || 'Response'}`
  }

  /**
   * The challenge that this password answers, once, and the answer; `undefined`: it is an ordinary password. One that
   * has the form but is not known any more answers nothing.
   */
  take(
    username: string,
    password: string,
  ): { readonly continuation: Continuation; readonly answer: string } | 'expired' | undefined {
    const match = /^CRV1::([0-9a-f]{32})::(.*)$/s.exec(password)
    if (!match) return undefined
    const [, id = '', answer = ''] = match
    const challenge = this.#open.get(id)
    this.#open.delete(id)
    if (!challenge || challenge.username !== username || challenge.endsAt <= this.#now()) return 'expired'
    return { continuation: challenge.continuation, answer }
  }

  #forgetOld(): void {
    for (const [id, { endsAt }] of this.#open) {
      if (endsAt > this.#now() && this.#open.size < MOST) return
      this.#open.delete(id)
    }
  }
}
