import { type Instant, TokenBucket } from '@causeway/engine'
import { sameBytes } from '@causeway/wire'
import type { SessionId } from '../ids.ts'
import type { InitialResponder } from '../initial/initial-responder.ts'
import { ERROR_ANSWERS_PER_SECOND, INITIAL_REPEATS, REFUSAL_EVENTS_PER_SECOND } from '../limits.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import type { Arrival } from '../sa/receive.ts'
import { writeInvalidMajorVersion } from '../wire/header.ts'
import type { Lives } from './lives.ts'
import type { SessionTable } from './session-table.ts'
import type { Strangers } from './strangers.ts'

/** What a reception works with. */
export interface ReceptionOptions {
  readonly responder: InitialResponder
  readonly sessions: SessionTable
  readonly strangers: Strangers
  readonly lives: Lives
  readonly halfOpenTotal: number
}

/** Meets those who come with IKE_SA_INIT, or with a version that is not spoken here. */
export class Reception {
  readonly #options: ReceptionOptions
  readonly #errorAnswers = new TokenBucket(ERROR_ANSWERS_PER_SECOND)
  readonly #refusalEvents = new TokenBucket(REFUSAL_EVENTS_PER_SECOND)
  #lastSession = 0

  constructor(options: ReceptionOptions) {
    this.#options = options
  }

  /** An IKE_SA_INIT request. */
  meet(arrival: Arrival, now: Instant): void {
    const { header, path, bytes } = arrival
    const fault = wrongStart(arrival) ?? this.#mirrored(arrival)
    if (fault) {
      this.#drop(fault, now)
      return
    }
    const known = this.#options.strangers.find(header.initiatorSpi, path)
    if (known?.initial && sameBytes(known.initial.initiator, bytes)) this.#repeat(known, arrival, now)
    else this.#judge(arrival, now)
  }

  /**
   * Our own message, sent back: with a shared secret, which proves both ends, we would else be our own peer. Nobody else
   * comes with an SPI of ours, and who changes it has changed what AUTH covers.
   */
  #mirrored({ header }: Arrival): string | undefined {
    const isOurs = this.#options.sessions.bySpi(header.initiatorSpi) !== undefined
    return isOurs ? 'IKE_SA_INIT: our own, sent back' : undefined
  }

  /** RFC 7296 §2.5: a request of a higher major version is told ours; anything else is none of ours. */
  answerVersion({ header, path, bytes }: Arrival, now: Instant): void {
    if (header.majorVersion < 2 || header.response) {
      this.#drop('not IKEv2', now)
      return
    }
    const answer = writeInvalidMajorVersion(header)
    if (answer.length > bytes.length || !this.#errorAnswers.take(now)) {
      this.#drop('not IKEv2', now)
      return
    }
    this.#options.lives.emit({ type: 'send', path, bytes: answer })
  }

  #judge(arrival: Arrival, now: Instant): void {
    const { responder, lives } = this.#options
    const verdict = responder.judge(arrival, () => lives.newIkeSpi(), now)
    switch (verdict.type) {
      case 'drop':
        this.#drop(verdict.reason, now)
        return
      case 'answer':
        this.#answer(arrival, verdict.bytes, verdict.refusal, now)
        return
      case 'open': {
        const { birth } = verdict
        if (!this.#hasRoom(now)) {
          this.#drop('too many half-open IKE SAs', now)
          return
        }
        const sa = lives.begin(this.#newSession(), birth)
        if (sa.initial) sa.send([sa.initial.responder], arrival.path)
        return
      }
      default:
        verdict satisfies never
    }
  }

  #answer({ path }: Arrival, bytes: Uint8Array, refusal: string | undefined, now: Instant): void {
    const { lives } = this.#options
    if (refusal === undefined) {
      lives.emit({ type: 'send', path, bytes })
      return
    }
    if (!this.#errorAnswers.take(now)) {
      this.#drop('too many to refuse', now)
      return
    }
    lives.emit({ type: 'send', path, bytes })
    const event = { type: 'refused', path, reason: refusal, byPeer: false } as const
    if (this.#refusalEvents.take(now)) lives.emit({ type: 'event', session: undefined, event })
    else this.#drop('too many refusals to tell', now)
  }

  /** RFC 7296 §2.1: a repeated request is answered by the same response, and makes nothing new. */
  #repeat(known: LiveIkeSa, { path }: Arrival, now: Instant): void {
    if (!known.initial || known.initialRepeats >= INITIAL_REPEATS) {
      this.#drop('repeated too often', now)
      return
    }
    known.initialRepeats++
    known.send([known.initial.responder], path)
  }

  #hasRoom(now: Instant): boolean {
    const { strangers, halfOpenTotal, lives } = this.#options
    return strangers.size < halfOpenTotal || lives.makeRoom(now)
  }

  #newSession(): SessionId {
    do this.#lastSession++
    while (this.#options.sessions.holder(this.#lastSession))
    return this.#lastSession
  }

  #drop(reason: string, now: Instant): void {
    this.#options.lives.drop(undefined, reason, now)
  }
}

function wrongStart({ header: { initiatorSpi, responderSpi, messageId, fromInitiator } }: Arrival) {
  const zero = (spi: Uint8Array): boolean => spi.every(byte => byte === 0)
  const right = fromInitiator && messageId === 0 && !zero(initiatorSpi) && zero(responderSpi)
  return right ? undefined : 'IKE_SA_INIT: malformed'
}
