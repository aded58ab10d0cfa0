import type { Instant } from '@causeway/engine'
import { RESPONSE_REPEATS } from '../limits.ts'
import type { Path } from '../path.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import type { ExchangeHost } from './exchange-host.ts'
import type { Answer } from './task.ts'

/** What a request's message id makes of it. */
export type RequestStanding =
  /** The one that comes next. */
  | 'new'
  /** The one before, which is answered: the peer has not heard it. */
  | 'repeat'
  /** The one that is being answered. */
  | 'busy'
  /** Out of the window. */
  | 'outside'

/** The response that was sent last, and to which request. */
export interface LastResponse {
  readonly messageId: number
  readonly datagrams: readonly Uint8Array[]
  /** The IKE SA ends with it. */
  readonly final: boolean
}

interface Answering {
  readonly exchange: number
  readonly messageId: number
  readonly path: Path
}

/** The requests of the peer: answered in order, each once; the last response is kept to be sent again. */
export class ResponseLane {
  readonly #host: ExchangeHost
  #expected: number
  #answering: Answering | undefined
  #last: LastResponse | undefined
  #repeats = 0

  constructor(host: ExchangeHost, firstId: number) {
    this.#host = host
    this.#expected = firstId
  }

  get last(): LastResponse | undefined {
    return this.#last
  }

  standing(messageId: number): RequestStanding {
    if (messageId === this.#expected) return this.#answering ? 'busy' : 'new'
    return this.#last && messageId === this.#expected - 1 ? 'repeat' : 'outside'
  }

  /** An authentic request whose standing is `new`. Its response goes where it came from. */
  handleRequest({ exchange, messageId }: IkeHeader, path: Path, answerIt: () => Answer, now: Instant): void {
    this.#answering = { exchange, messageId, path }
    const answer = answerIt()
    switch (answer.type) {
      case 'respond':
        this.respond(answer.payloads)
        return
      case 'later':
        return
      case 'respond-and-end':
        this.respond(answer.payloads, true)
        this.#host.end(answer.reason, answer.byPeer, now)
        return
      case 'ignore':
        this.#answering = undefined
        this.#host.drop(answer.reason, now)
        return
      default:
        answer satisfies never
    }
  }

  /** Answers the request that is being answered. */
  respond(payloads: readonly Payload[], final = false): void {
    const answering = this.#answering
    if (!answering) return
    const { exchange, messageId, path } = answering
    this.#answering = undefined
    this.#expected = messageId + 1
    const datagrams = this.#host.seal({ exchange, response: true, messageId }, payloads)
    this.#last = { messageId, datagrams, final }
    this.#repeats = 0
    this.#host.send(datagrams, path)
  }

  /** The IKE SA goes: nothing is answered any more. */
  close(): void {
    this.#answering = undefined
    this.#last = undefined
  }

  /**
   * Sends the last response again, where the repeated request came from. Not without end: who records a short request
   * with a long response could have that sent to anybody.
   */
  repeat(path: Path, now: Instant): void {
    if (!this.#last) return
    if (this.#repeats >= RESPONSE_REPEATS) {
      this.#host.drop('a request that is repeated too often', now)
      return
    }
    this.#repeats++
    this.#host.send(this.#last.datagrams, path)
  }
}
