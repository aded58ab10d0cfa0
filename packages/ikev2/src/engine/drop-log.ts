import { DeadlineQueue, type Instant } from '@causeway/engine'
import { DROP_REASONS, DROP_REPORT_MS } from '../limits.ts'
import type { Ikev2Output, SessionId } from '../output.ts'

interface DropCount {
  readonly reason: string
  readonly session: SessionId | undefined
  count: number
}

/** Counts dropped packets and tells of each reason at most once a second. */
export class DropLog {
  readonly #emit: (output: Ikev2Output) => void
  readonly #counts = new Map<string, DropCount>()
  readonly #quiet = new DeadlineQueue<string>()

  constructor(emit: (output: Ikev2Output) => void) {
    this.#emit = emit
  }

  /** Counts a drop; the first of its reason is told at once. */
  add(session: SessionId | undefined, reason: string, now: Instant): void {
    const key = `${session ?? ''} ${reason}`
    const known = this.#counts.get(key)
    if (known) {
      known.count++
      return
    }
    if (this.#counts.size >= DROP_REASONS) return
    this.#counts.set(key, { session, reason, count: 0 })
    this.#quiet.schedule(key, now + DROP_REPORT_MS)
    this.#report(session, reason, 1)
  }

  /** Tells of what was counted in the quiet second. */
  handleTimeout(now: Instant): void {
    for (let key = this.#quiet.takeDue(now); key !== undefined; key = this.#quiet.takeDue(now)) {
      const entry = this.#counts.get(key)
      if (!entry) continue
      if (entry.count === 0) {
        this.#counts.delete(key)
        continue
      }
      this.#report(entry.session, entry.reason, entry.count)
      entry.count = 0
      this.#quiet.schedule(key, now + DROP_REPORT_MS)
    }
  }

  nextTimeout(): Instant | undefined {
    return this.#quiet.next()
  }

  #report(session: SessionId | undefined, reason: string, count: number): void {
    this.#emit({ type: 'event', session, event: { type: 'dropped', reason, count } })
  }
}
