import type { Instant } from '@causeway/engine'
import { AUTH_PENDING_MOST_MS, PENDING_MESSAGES_MOST } from '../limits.ts'

/**
 * How long, and how often, the decision about one client may be put off: the bounds of a conversation
 * with a user that goes on beside the handshake.
 */
export class PendingWindow {
  #end: Instant | undefined
  #postponements = 0
  #messages = 0

  /** Whether the decision has been put off. */
  get open(): boolean {
    return this.#end !== undefined
  }

  /** The new deadline, never later than the first postponement allows. `undefined`: put off too often. */
  postpone(seconds: number, now: Instant): Instant | undefined {
    if (this.#postponements >= PENDING_MESSAGES_MOST) return undefined
    this.#postponements++
    this.#end ??= now + AUTH_PENDING_MOST_MS
    return Math.min(now + seconds * 1000, this.#end)
  }

  /** Counts a message to the user. Whether it may pass. */
  admitMessage(): boolean {
    if (this.#messages >= PENDING_MESSAGES_MOST) return false
    this.#messages++
    return true
  }
}
