import type { Instant } from '@causeway/engine'
import type { SessionId } from './connection-command.ts'
import { chooseSession, type Session } from './session-choice.ts'
import type { Surroundings } from './surroundings.ts'

/** The sessions of one tunnel: the one that stays, and those that are on their way out. */
export class TunnelSessions {
  readonly #around: Surroundings
  readonly #all = new Map<SessionId, Session>()
  #current: Session | undefined

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** The one that stays. There is one when there are any. */
  get current(): Session | undefined {
    return this.#current
  }

  has(id: SessionId): boolean {
    return this.#all.has(id)
  }

  all(): readonly Session[] {
    return [...this.#all.values()]
  }

  /** The one to send through: the current one, or while it has no Child SA any that has. */
  get carrier(): Session | undefined {
    if (this.#current && this.#current.children.size > 0) return this.#current
    return this.all().findLast(({ children }) => children.size > 0)
  }

  /** Takes it in, and decides which one stays. */
  add(session: Session, terms: number, now: Instant): void {
    const { crossingMs } = this.#around.limits
    const older = this.#current
    this.#all.set(session.id, session)
    this.#current = session
    if (!older) return
    const { stays, goes, after } = chooseSession(session, older, { terms, crossingMs })
    this.#current = stays
    goes.closesAt = now + this.#waitMs(after)
  }

  /** The session that is gone with it, if it was there. The newest of the others takes its place. */
  remove(id: SessionId): Session | undefined {
    const session = this.#all.get(id)
    if (!session) return undefined
    this.#all.delete(id)
    if (this.#current === session) {
      this.#current = this.all().at(-1)
      if (this.#current) this.#current.closesAt = undefined
    }
    return session
  }

  noteDue(id: SessionId): void {
    const session = this.#all.get(id)
    if (session) session.isDue = true
  }

  child(id: SessionId, child: number, isUp: boolean): void {
    const children = this.#all.get(id)?.children
    if (isUp) children?.add(child)
    else children?.delete(child)
  }

  /** When the first of them is to be ended. */
  nextClose(): Instant | undefined {
    const times = this.all().flatMap(({ closesAt }) => (closesAt === undefined ? [] : [closesAt]))
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** Those whose time is over; while the one that stays carries nothing, they get more. */
  dueToClose(now: Instant): readonly Session[] {
    const due = this.all().filter(({ closesAt }) => closesAt !== undefined && closesAt <= now)
    if (this.#current?.children.size !== 0) return due
    for (const session of due) session.closesAt = now + this.#around.limits.settleMs
    return []
  }

  /** Those beyond what a tunnel may have, oldest first. */
  surplus(): readonly Session[] {
    const spare = this.all().filter(session => session !== this.#current)
    return spare.slice(0, Math.max(0, this.#all.size - this.#around.limits.sessionsPerTunnel))
  }

  #waitMs(after: 'now' | 'settle' | 'patience'): number {
    const { settleMs, patienceMs } = this.#around.limits
    if (after === 'now') return 0
    return Math.ceil((after === 'settle' ? settleMs : patienceMs) * (1 + this.#around.random()))
  }
}
