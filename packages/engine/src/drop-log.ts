import { DeadlineQueue } from './deadline-queue.ts'
import type { Instant } from './engine.ts'

/** What is told of dropped packets: the sum of a second, or the first one at once. */
export interface DropReport<Session> {
  /** `undefined`: of no session. */
  readonly session: Session | undefined
  readonly reason: string
  readonly count: number
}

interface DropCount<Session> {
  readonly reason: string
  readonly session: Session | undefined
  count: number
}

/** Each reason (of each session) is told at most once in so long. */
const REPORT_MS = 1_000
/** Reasons that are counted at a time; strangers must not choose how many. */
const REASONS = 1_024

/** Counts dropped packets and tells of each reason at most once a second. */
export class DropLog<Session extends number> {
  readonly #report: (report: DropReport<Session>) => void
  readonly #counts = new Map<string, DropCount<Session>>()
  readonly #quiet = new DeadlineQueue<string>()

  constructor(report: (report: DropReport<Session>) => void) {
    this.#report = report
  }

  /** Counts a drop; the first of its reason is told at once. */
  add(session: Session | undefined, reason: string, now: Instant): void {
    const key = `${session ?? ''} ${reason}`
    const known = this.#counts.get(key)
    if (known) {
      known.count++
      return
    }
    if (this.#counts.size >= REASONS) return
    this.#counts.set(key, { session, reason, count: 0 })
    this.#quiet.schedule(key, now + REPORT_MS)
    this.#report({ session, reason, count: 1 })
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
      this.#report({ ...entry })
      entry.count = 0
      this.#quiet.schedule(key, now + REPORT_MS)
    }
  }

  nextTimeout(): Instant | undefined {
    return this.#quiet.next()
  }
}
