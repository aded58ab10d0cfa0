import type { TerminateCause } from '@causeway/radius'
import type { UserLimits } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { EndManner, Session } from './session.ts'
import { SessionDeadlines, type SessionTimes } from './session-deadlines.ts'

/** Hears of the sessions of a table. */
export interface SessionWitness {
  began(session: Session): void
  /** Nothing of it passes any more: its counters are final. They are of use only during the call. */
  ended(session: Session, cause: TerminateCause): void
}

/** The sessions of a gateway, whatever their protocol. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>()
  /** Not shown any more; they may still be saying goodbye. */
  readonly #leaving = new Map<string, Session>()
  readonly #causes = new Map<string, TerminateCause>()
  readonly #deadlines: SessionDeadlines
  readonly #witnesses: SessionWitness[] = []

  /** @param judgeAnew judges a session's user anew; the reason to end it, if there is one. */
  constructor(clock: Clock, judgeAnew: (session: Session) => string | undefined) {
    this.#deadlines = new SessionDeadlines({
      clock,
      explain: (id, cause) => this.explain(id, cause),
      judgeAnew,
    })
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Tells one witness more of sessions to come, and how they and those that are here end. */
  watchedBy(witness: SessionWitness): void {
    this.#witnesses.push(witness)
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session)
    this.#deadlines.watch(session)
    for (const witness of this.#witnesses) witness.began(session)
  }

  /** Why a session is about to end; the first word counts. Without any, it was lost. */
  explain(id: string, cause: TerminateCause): void {
    if (this.#causes.has(id) || !(this.#sessions.has(id) || this.#leaving.has(id))) return
    this.#causes.set(id, cause)
  }

  /** Ends a session for this cause. */
  end(session: Session, cause: TerminateCause, manner: EndManner, reason: string): void {
    this.explain(session.id, cause)
    session.end(manner, reason)
  }

  /** Other limits of a session from now on; what is not given stays. */
  limit(session: Session, limits: SessionTimes): void {
    this.#deadlines.change(session, limits)
  }

  /** Other limits of a session's user from now on. */
  hold(session: Session, limits: UserLimits): void {
    this.#deadlines.hold(session, limits)
  }

  /** Shows a session no more. {@link remove} has to follow. */
  unlist(id: string): void {
    const session = this.#sessions.get(id)
    if (!session) return
    this.#sessions.delete(id)
    this.#leaving.set(id, session)
    this.#deadlines.forget(id)
  }

  /** Forgets a session, listed or not. Only when its flows are closed. */
  remove(id: string): void {
    this.unlist(id)
    const session = this.#leaving.get(id)
    if (!session) return
    const cause = this.#causes.get(id) ?? 'lost-carrier'
    this.#leaving.delete(id)
    this.#causes.delete(id)
    for (const witness of this.#witnesses) witness.ended(session, cause)
  }

  /** Forgets all of them. */
  clear(): void {
    for (const id of [...this.#sessions.keys(), ...this.#leaving.keys()]) this.remove(id)
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  all(): readonly Session[] {
    return [...this.#sessions.values()]
  }
}
