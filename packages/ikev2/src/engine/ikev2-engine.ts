import { type Datagram, DropLog, type Engine, type Instant, Outbox } from '@causeway/engine'
import { sameBytes, WireFault } from '@causeway/wire'
import type { Ikev2Command } from '../command.ts'
import type { Ikev2Limits, Ikev2Options } from '../engine-options.ts'
import type { SessionId } from '../ids.ts'
import { HalfOpenCount } from '../initial/half-open-count.ts'
import { InitialAttempt } from '../initial/initial-attempt.ts'
import { InitialResponder } from '../initial/initial-responder.ts'
import {
  COOKIE_PER_PREFIX,
  COOKIE_TOTAL,
  HALF_OPEN_MS,
  HALF_OPEN_PER_PREFIX,
  HALF_OPEN_TOTAL,
} from '../limits.ts'
import type { Ikev2Output } from '../output.ts'
import type { Path } from '../path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { type Arrival, receive } from '../sa/receive.ts'
import { readIkeHeader } from '../wire/header.ts'
import { EXCHANGE } from '../wire/numbers.ts'
import { Attempts } from './attempts.ts'
import { earlier } from './earlier.ts'
import { handleSaTimeout } from './handle-sa-timeout.ts'
import { instruct, type SaCommand } from './instruct.ts'
import { LastWords } from './last-words.ts'
import { Lives } from './lives.ts'
import { OpenRequests } from './open-requests.ts'
import { ownOutput } from './own-output.ts'
import { Reception } from './reception.ts'
import { type SessionHolder, SessionTable } from './session-table.ts'
import { Strangers } from './strangers.ts'

/** IKEv2 in both roles: sessions that come to us beside sessions that we begin. */
export interface Ikev2Engine extends Engine<Path, Ikev2Command, Ikev2Output> {
  /** Sessions whose peer is authenticated. */
  readonly sessionCount: number
  /** Sessions that are on their way there, in either role. */
  readonly halfOpenCount: number
  /** IKE SAs of every kind, with attempts, and those that linger until their DELETE is answered. */
  readonly ikeSaCount: number
  /** SPIs by which ESP is received or about to be. */
  readonly espSpiCount: number
  /** Requests to the outside without an answer. */
  readonly openRequestCount: number
}

/** Makes an engine. */
export function createIkev2(options: Ikev2Options): Ikev2Engine {
  return new Ikev2(options)
}

const DEFAULT_LIMITS: Ikev2Limits = {
  halfOpenTotal: HALF_OPEN_TOTAL,
  halfOpenPerPrefix: HALF_OPEN_PER_PREFIX,
  cookieTotal: COOKIE_TOTAL,
  cookiePerPrefix: COOKIE_PER_PREFIX,
  halfOpenMs: HALF_OPEN_MS,
}

class Ikev2 implements Ikev2Engine {
  readonly #outbox = new Outbox<Ikev2Output>()
  readonly #sessions = new SessionTable()
  readonly #lastWords = new LastWords()
  readonly #drops: DropLog<SessionId>
  readonly #requests: OpenRequests
  readonly #lives: Lives
  readonly #reception: Reception
  readonly #attempts: Attempts

  constructor(options: Ikev2Options) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const { crypto, vendorIds = [] } = options
    const { halfOpenMs, halfOpenTotal } = limits
    const sessions = this.#sessions
    const put = (output: Ikev2Output): void => this.#outbox.put(ownOutput(output))
    const halfOpen = new HalfOpenCount()
    const lastWords = this.#lastWords
    const strangers = new Strangers(halfOpen)
    const drops = new DropLog<SessionId>(({ session, reason, count }) =>
      put({ type: 'event', session, event: { type: 'dropped', reason, count } }),
    )
    const requests = new OpenRequests(put, session => sessions.holder(session) !== undefined)
    const lives = new Lives({ crypto, put, sessions, requests, drops, strangers, lastWords, halfOpenMs })
    const responder = new InitialResponder(options, limits, halfOpen)
    this.#drops = drops
    this.#requests = requests
    this.#lives = lives
    this.#reception = new Reception({ responder, sessions, strangers, lives, halfOpenTotal })
    this.#attempts = new Attempts({ sessions, lives, vendorIds })
  }

  get sessionCount(): number {
    return this.#lives.establishedCount
  }

  get halfOpenCount(): number {
    return this.#sessions.size - this.#lives.establishedCount
  }

  get ikeSaCount(): number {
    return this.#sessions.ikeSaCount
  }

  get espSpiCount(): number {
    return this.#lives.espSpis.size
  }

  get openRequestCount(): number {
    return this.#requests.size
  }

  handleDatagram({ path, bytes }: Datagram<Path>, now: Instant): void {
    const header = readIkeHeader(bytes)
    if (header instanceof WireFault) {
      this.#drop(undefined, 'not an IKE message', now)
      return
    }
    const arrival = { header, bytes, path }
    if (header.majorVersion !== 2) {
      this.#reception.answerVersion(arrival, now)
      return
    }
    if (header.exchange === EXCHANGE.IKE_SA_INIT && !header.response) {
      this.#reception.meet(arrival, now)
      return
    }
    this.#deliver(arrival, now)
    this.#lives.endSuperseded(now)
  }

  handleCommand(command: Ikev2Command, now: Instant): void {
    switch (command.type) {
      case 'connect':
        this.#attempts.connect(command, now)
        return
      case 'reply':
        this.#requests.reply(command.id, command.reply, now)
        break
      case 'soft-limit':
      case 'hard-limit':
      case 'moved':
        this.#instruct(this.#sessions.ofChild(command.child), command, now)
        break
      default:
        this.#instruct(command.session, command, now)
    }
    this.#lives.endSuperseded(now)
  }

  handleTimeout(now: Instant): void {
    const { deadlines } = this.#lives
    const due: SessionHolder[] = []
    for (let holder = deadlines.takeDue(now); holder; holder = deadlines.takeDue(now)) due.push(holder)
    for (const holder of due) {
      if (holder instanceof InitialAttempt) holder.handleTimeout(now)
      else handleSaTimeout(holder, now)
      this.#reschedule(holder)
    }
    this.#requests.handleTimeout(now)
    this.#lastWords.handleTimeout(now)
    this.#drops.handleTimeout(now)
  }

  poll(): Ikev2Output | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    const ofSessions = earlier(this.#lives.deadlines.next(), this.#requests.nextTimeout())
    return earlier(ofSessions, earlier(this.#lastWords.nextTimeout(), this.#drops.nextTimeout()))
  }

  /** Takes a message to the IKE SA that its SPIs name. */
  #deliver(arrival: Arrival, now: Instant): void {
    const { header } = arrival
    const holder = this.#sessions.bySpi(header.fromInitiator ? header.responderSpi : header.initiatorSpi)
    if (!holder) {
      this.#meetUnknown(arrival, now)
      return
    }
    if (holder instanceof InitialAttempt) holder.handleDatagram(arrival, now)
    else if (isFor(holder, arrival)) receive(holder, arrival, now)
    else this.#drop(undefined, 'no IKE SA of these SPIs', now)
    this.#reschedule(holder)
  }

  /**
   * A message of no IKE SA. RFC 7296 §2.21.4 lets us tell by INVALID_IKE_SPI. Nobody may act on that, and anyone
   * could have us say it to anyone; a peer whose IKE SA we have lost finds out by its liveness check.
   */
  #meetUnknown(arrival: Arrival, now: Instant): void {
    const datagrams = this.#lastWords.repeat(arrival)
    if (!datagrams) this.#drop(undefined, 'no IKE SA of this SPI', now)
    else for (const bytes of datagrams) this.#outbox.put({ type: 'send', path: arrival.path, bytes })
  }

  #instruct(session: SessionId | undefined, command: SaCommand, now: Instant): void {
    const holder = session === undefined ? undefined : this.#sessions.holder(session)
    if (!holder) return
    if (!(holder instanceof InitialAttempt)) instruct(holder, command, now)
    else if (command.type === 'disconnect') this.#attempts.failed(holder, command.reason, false)
    else if (command.type === 'revise' && command.terms.initialContact !== undefined)
      holder.reviseInitialContact(command.terms.initialContact)
    this.#reschedule(holder)
  }

  #reschedule(holder: SessionHolder): void {
    if (holder instanceof InitialAttempt) this.#attempts.reschedule(holder)
    else this.#lives.reschedule(holder)
  }

  #drop(session: SessionId | undefined, reason: string, now: Instant): void {
    this.#drops.add(session, reason, now)
  }
}

function isFor(sa: LiveIkeSa, { header }: Arrival): boolean {
  const { initiatorSpi, responderSpi } = header
  return sameBytes(sa.initiatorSpi, initiatorSpi) && sameBytes(sa.responderSpi, responderSpi)
}
