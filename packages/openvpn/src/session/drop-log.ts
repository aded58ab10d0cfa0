import { DeadlineQueue, type Instant, type Outbox } from '@causeway/engine'
import { DROP_REASONS, DROP_REPORT_MS } from '../limits.ts'
import type { OpenVpnOutput, SessionId } from '../output.ts'

interface DropCount {
  readonly reason: string
  readonly session: SessionId | undefined
  count: number
}

/** Counts dropped packets and tells of each reason at most once a second. */
export class DropLog {
  readonly #outbox: Outbox<OpenVpnOutput>
  readonly #counts = new Map<string, DropCount>()
  readonly #quiet = new DeadlineQueue<string>()

  constructor(outbox: Outbox<OpenVpnOutput>) {
    this.#outbox = outbox
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
    this.#outbox.put({ type: 'event', session, event: { type: 'dropped', reason, count } })
  }
}
