import type { TerminateCause } from '@causeway/radius'
import type { Logger } from 'pino'
import type { SessionWatch, WatchVerdict } from '../authentication/identity.ts'
import type { Clock } from '../engine/clock.ts'
import type { Session } from '../session/session.ts'
import type { SessionWitness } from '../session/session-table.ts'

/** So often it is looked who is to be asked about. */
const ROUND_MILLISECONDS = 1_000
/** Ours: questions under way at once, so that the sessions of a full gateway are no storm at the provider. */
const QUESTIONS_AT_ONCE = 8
/** After an answer that says nothing it is asked again, at the latest after so long. */
const RETRY_SECONDS = 60
/** A question comes up to this part of its interval early: sessions that began together are not asked about together. */
const SPREAD = 0.2

const TOO_LONG = 'the sign-in could not be checked for too long'

export interface SignInWatchOptions {
  /** Ends a session for this cause. */
  readonly end: (session: Session, cause: TerminateCause, userReason: string) => void
  readonly clock: Clock
  readonly log: Logger
}

interface Watched {
  readonly session: Session
  readonly watch: SessionWatch
  /** By the monotonic clock. */
  dueAt: number
  isAsked: boolean
}

/** Has the users of sessions that can be asked about asked about, and ends the sessions of those who may stay no longer. */
export class SignInWatch implements SessionWitness {
  readonly #options: SignInWatchOptions
  /** Those first that nobody was asked about for longest. */
  readonly #watched = new Map<string, Watched>()
  #questions = 0
  #timer: NodeJS.Timeout | undefined
  /** It was logged that nothing can be found out. */
  #isBlind = false

  constructor(options: SignInWatchOptions) {
    this.#options = options
  }

  began(session: Session): void {
    const { watch } = session.terms
    if (!watch) return
    this.#watched.set(session.id, { session, watch, dueAt: this.#dueIn(watch.everySeconds), isAsked: false })
    this.#timer ??= setInterval(() => this.#round(), ROUND_MILLISECONDS).unref()
  }

  ended({ id }: Session): void {
    this.#watched.delete(id)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #round(): void {
    const now = this.#options.clock.now()
    const due = [...this.#watched.values()].filter(({ isAsked, dueAt }) => !isAsked && dueAt <= now)
    for (const watched of due) {
      // Where each question takes its time, not everybody's turn comes before theirs is over.
      const isLeftOut = this.#isBlind && now - watched.dueAt >= RETRY_SECONDS * 1_000
      if (isLeftOut && this.#isOver(watched)) this.#withdraw(watched, TOO_LONG, 'sign in again')
      else if (this.#questions < QUESTIONS_AT_ONCE) this.#ask(watched)
    }
  }

  #ask(watched: Watched): void {
    watched.isAsked = true
    this.#questions++
    const { id } = watched.session
    this.#watched.delete(id)
    this.#watched.set(id, watched)
    watched.watch
      .ask()
      .then(
        verdict => this.#hear(watched, verdict),
        error => this.#fail(watched, error),
      )
      .finally(() => {
        watched.isAsked = false
        this.#questions--
      })
  }

  #hear(watched: Watched, verdict: WatchVerdict): void {
    const { session, watch } = watched
    // It has ended while it was asked about.
    if (this.#watched.get(session.id) !== watched) return
    switch (verdict.type) {
      case 'allow':
        this.#see()
        watched.dueAt = this.#dueIn(watch.everySeconds)
        return
      case 'deny':
        this.#see()
        this.#withdraw(watched, verdict.reason, verdict.userReason)
        return
      case 'unknown':
        this.#wait(watched, verdict.reason)
        return
      default:
        verdict satisfies never
    }
  }

  #wait(watched: Watched, reason: string): void {
    const { log } = this.#options
    if (!this.#isBlind) log.warn({ reason }, `Entra ID: sign-ins cannot be checked again now: ${reason}`)
    this.#isBlind = true
    watched.dueAt = this.#dueIn(Math.min(watched.watch.everySeconds, RETRY_SECONDS))
    if (this.#isOver(watched)) this.#withdraw(watched, TOO_LONG, 'sign in again')
  }

  #isOver({ watch }: Watched): boolean {
    return this.#options.clock.unixSeconds() >= watch.goodUntil
  }

  #see(): void {
    if (this.#isBlind) this.#options.log.info('Entra ID: sign-ins can be checked again')
    this.#isBlind = false
  }

  #fail(watched: Watched, error: unknown): void {
    this.#options.log.error(
      { err: error, session: watched.session.id },
      'a sign-in could not be checked again',
    )
    watched.dueAt = this.#dueIn(watched.watch.everySeconds)
  }

  /** It is asked about no more, while it says goodbye. */
  #withdraw({ session }: Watched, reason: string, userReason: string): void {
    const { log, end } = this.#options
    this.ended(session)
    log.warn({ session: session.id, user: session.identity.user, reason }, 'session withdrawn')
    end(session, 'admin-reset', userReason)
  }

  #dueIn(seconds: number): number {
    return this.#options.clock.now() + seconds * 1_000 * (1 - Math.random() * SPREAD)
  }
}
