import type { CryptoPort } from '@causeway/crypto'
import { DeadlineQueue, type DropLog, type Instant } from '@causeway/engine'
import { createChildren } from '../child/child-table.ts'
import { closeChildren } from '../child/close-child.ts'
import type { ChildId, SessionId } from '../ids.ts'
import { createDeleteTask } from '../information/delete-task.ts'
import type { InitialAttempt } from '../initial/initial-attempt.ts'
import { DELETE_MS } from '../limits.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { type InitialBirth, LiveIkeSa } from '../sa/live-ike-sa.ts'
import { startReauthentication, startTimers } from '../sa/start-timers.ts'
import type { SuccessorIkeSa, Surroundings } from '../sa/surroundings.ts'
import type { SessionEvent } from '../session-event.ts'
import type { LastWords } from './last-words.ts'
import type { Answered, OpenRequests } from './open-requests.ts'
import type { SessionHolder, SessionTable } from './session-table.ts'
import { EspSpis } from './spis.ts'
import type { Strangers } from './strangers.ts'
import { Succession } from './succession.ts'

/** What the engine lends to the lives of its IKE SAs. */
export interface LivesOptions {
  readonly crypto: CryptoPort
  /** Into the one queue. */
  readonly put: (output: Ikev2Output) => void
  readonly sessions: SessionTable
  readonly requests: OpenRequests
  readonly drops: DropLog<SessionId>
  readonly strangers: Strangers
  readonly lastWords: LastWords
  readonly halfOpenMs: number
}

/** How IKE SAs begin, follow each other and end, and what they may ask of the engine meanwhile. */
export class Lives implements Surroundings {
  readonly crypto: CryptoPort
  readonly deadlines: DeadlineQueue<SessionHolder> = new DeadlineQueue<SessionHolder>()
  readonly espSpis: EspSpis
  readonly #options: LivesOptions
  readonly #succession: Succession
  /** Sessions that end when another is established; and those of them whose time has come. */
  readonly #replaces = new Map<SessionId, SessionId>()
  #superseded: SessionId[] = []
  #established = 0
  #lastChild = 0

  constructor(options: LivesOptions) {
    this.#options = options
    this.crypto = options.crypto
    this.espSpis = new EspSpis(options.crypto)
    this.#succession = new Succession(this, options.sessions)
  }

  /** Sessions whose peer is authenticated. */
  get establishedCount(): number {
    return this.#established
  }

  emit(output: Ikev2Output): void {
    const { put, sessions } = this.#options
    if (output.type === 'open-flow') sessions.bindChild(output.child, output.session)
    if (output.type === 'close-flow') sessions.unbindChild(output.child)
    put(output)
  }

  request(session: SessionId, request: Ikev2Request, now: Instant, answered: Answered): void {
    this.#options.requests.ask(session, request, now, answered)
  }

  drop(session: SessionId | undefined, reason: string, now: Instant): void {
    this.#options.drops.add(session, reason, now)
  }

  newChildId(): ChildId {
    return ++this.#lastChild
  }

  newEspSpi(): number {
    return this.espSpis.take()
  }

  freeEspSpi(spi: number): void {
    this.espSpis.giveBack(spi)
  }

  newIkeSpi(): Uint8Array {
    for (;;) {
      const spi = this.crypto.random(8)
      if (spi.some(byte => byte !== 0) && !this.#options.sessions.bySpi(spi)) return spi
    }
  }

  ikeSasOf(session: SessionId): number {
    return this.#options.sessions.ikeSasOf(session)
  }

  reschedule(sa: IkeSa): void {
    const live = this.#options.sessions.live(sa)
    if (live) this.deadlines.schedule(live, live.nextTimeout())
  }

  /** An IKE SA that IKE_SA_INIT has made. A responder's counts as half-open. */
  begin(session: SessionId, birth: InitialBirth, replaces?: SessionId): LiveIkeSa {
    const initiator = birth.role === 'initiator'
    const sa = new LiveIkeSa(this, birth, {
      session,
      sessionRole: birth.role,
      children: createChildren(),
      state: 'initial',
      // IKE_SA_INIT was message 0 of the initiator; the responder has sent none.
      start: { ownFirstId: initiator ? 1 : 0, peerFirstId: initiator ? 0 : 1, open: initiator },
    })
    const until = birth.now + this.#options.halfOpenMs
    sa.timers.set('half-open', until)
    if (replaces !== undefined) this.#replaces.set(session, replaces)
    if (!initiator) this.#options.strangers.add(sa, until)
    this.#options.sessions.hold(session, sa)
    this.#options.sessions.add(sa)
    this.reschedule(sa)
    return sa
  }

  established(sa: IkeSa, now: Instant): void {
    const live = this.#options.sessions.live(sa)
    if (live?.state !== 'initial') return
    this.#options.strangers.remove(live)
    live.state = 'established'
    live.initial = undefined
    live.authentication = undefined
    this.#established++
    const superseded = this.#replaces.get(live.session)
    if (superseded !== undefined) this.#superseded.push(superseded)
    startTimers(live, now)
    startReauthentication(live, now)
    live.exchanges.requests.open(now)
  }

  succeed(old: IkeSa, successor: SuccessorIkeSa, now: Instant): IkeSa {
    return this.#succession.succeed(old, successor, now)
  }

  addRedundant(old: IkeSa, redundant: SuccessorIkeSa, now: Instant): IkeSa {
    return this.#succession.addRedundant(old, redundant, now)
  }

  promote(redundant: IkeSa, now: Instant): void {
    this.#succession.promote(redundant, now)
  }

  deleteIkeSa(sa: IkeSa, reason: string, now: Instant): void {
    const live = this.#options.sessions.live(sa)
    if (!live || live.state === 'deleting') return
    if (live.state === 'initial') {
      this.end(live, reason, false, now)
      return
    }
    live.exchanges.requests.discard(now)
    this.#close(live, reason, false)
    live.state = 'deleting'
    live.timers.clearAll()
    live.timers.set('deletion', now + DELETE_MS)
    live.exchanges.begin(createDeleteTask(live, reason), now)
    this.reschedule(live)
  }

  end(sa: IkeSa, reason: string, byPeer: boolean, now: Instant): void {
    const live = this.#options.sessions.live(sa)
    if (!live) return
    live.authentication?.close()
    live.authentication = undefined
    if (live.state === 'initial') this.#refuse(live, reason, byPeer, now)
    else this.#close(live, reason, byPeer)
    live.state = 'gone'
    live.exchanges.close(now)
    live.timers.clearAll()
    this.#options.sessions.remove(live)
    this.deadlines.schedule(live, undefined)
  }

  /**
   * Ends the sessions that have been replaced. Apart from `established`, so that the Child SAs of the new one are
   * there before those of the old one go.
   */
  endSuperseded(now: Instant): void {
    for (const session of this.#superseded.splice(0)) {
      const holder = this.#options.sessions.holder(session)
      if (holder instanceof LiveIkeSa) this.deleteIkeSa(holder, 'a new authentication took its place', now)
    }
  }

  /** An attempt is over, with keys or without. */
  forgetAttempt(attempt: InitialAttempt): void {
    this.#options.sessions.remove(attempt)
    this.deadlines.schedule(attempt, undefined)
  }

  /**
   * Ends the half-open IKE SA of a stranger that has waited longest: an honest peer is one for a second. Without
   * it, whoever holds many addresses could keep all others out.
   */
  makeRoom(now: Instant): boolean {
    const oldest = this.#options.strangers.givingWay()
    if (oldest) this.end(oldest, 'too many half-open IKE SAs: the oldest gave way', false, now)
    return oldest !== undefined
  }

  /** The session goes, if this IKE SA is what it lives in. */
  #close(live: LiveIkeSa, reason: string, byPeer: boolean): void {
    const { sessions } = this.#options
    if (sessions.holder(live.session) !== live) return
    closeChildren(live, { reason, byPeer })
    sessions.release(live.session)
    this.#replaces.delete(live.session)
    this.#established--
    this.#tell(live.session, { type: 'closed', reason, byPeer })
  }

  /** A stranger that never proved that it has the keys is only counted: its address may be forged. */
  #refuse(live: LiveIkeSa, reason: string, byPeer: boolean, now: Instant): void {
    const { session, path } = live
    this.#options.lastWords.keep(live, now)
    this.#options.strangers.fail(live)
    closeChildren(live, { reason, byPeer })
    this.#options.sessions.release(session)
    this.#replaces.delete(session)
    if (live.role === 'initiator' || live.heard)
      this.#tell(session, { type: 'refused', path, reason, byPeer })
    else this.drop(undefined, `half-open: ${reason}`, now)
  }

  #tell(session: SessionId, event: SessionEvent): void {
    this.emit({ type: 'event', session, event })
  }
}
