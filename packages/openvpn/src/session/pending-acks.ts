import type { Instant } from '@causeway/engine'
import { ACK_DELAY_MS, ACK_EAGER } from '../limits.ts'

/** Most ids kept: more than a peer's window can make new; the oldest falls out. */
const PENDING_LIMIT = 32
/** Ids that are told again while there is room. */
const RECENT = 4

/** Message ids to acknowledge: on the next packet, or alone after a short delay. */
export class PendingAcks {
  readonly #ids = new Set<number>()
  #recent: number[] = []
  #dueAt: Instant | undefined

  add(messageId: number, now: Instant): void {
    this.#ids.delete(messageId)
    this.#ids.add(messageId)
    if (this.#ids.size > PENDING_LIMIT) this.#ids.delete(this.#ids.values().next().value as number)
    this.#dueAt = this.#ids.size >= ACK_EAGER ? now : (this.#dueAt ?? now + ACK_DELAY_MS)
  }

  /**
   * Takes at most `limit` ids, oldest first. Room that is left repeats the latest: an
   * acknowledgement that was lost costs no timeout, and the packet that must show the server its
   * cookie shows it every time.
   */
  take(limit: number): number[] {
    const taken = [...this.#ids].slice(0, limit)
    for (const id of taken) this.#ids.delete(id)
    if (this.#ids.size === 0) this.#dueAt = undefined
    const repeated = this.#recent.filter(id => !taken.includes(id)).slice(0, limit - taken.length)
    this.#recent = [...taken, ...this.#recent.filter(id => !taken.includes(id))].slice(0, RECENT)
    return [...taken, ...repeated]
  }

  isDue(now: Instant): boolean {
    return this.#dueAt !== undefined && this.#dueAt <= now
  }

  deadline(): Instant | undefined {
    return this.#dueAt
  }
}
