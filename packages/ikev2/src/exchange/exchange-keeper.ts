import type { Instant } from '@causeway/engine'
import type { Payload } from '../wire/payload.ts'
import type { ExchangeHost } from './exchange-host.ts'
import type { Exchanges } from './exchanges.ts'
import { RequestLane } from './request-lane.ts'
import { ResponseLane } from './response-lane.ts'
import type { Task } from './task.ts'

/** How the exchanges of an IKE SA begin. */
export interface ExchangeStart {
  /** Message id of our first request, and of the peer's (RFC 7296 §2.2). */
  readonly ownFirstId: number
  readonly peerFirstId: number
  /** Whether we may ask at once. */
  readonly open: boolean
}

/** Both lanes of an IKE SA. It alone knows message ids, windows and retransmission. */
export class ExchangeKeeper implements Exchanges {
  readonly requests: RequestLane
  readonly responses: ResponseLane
  readonly #host: ExchangeHost

  constructor(host: ExchangeHost, { ownFirstId, peerFirstId, open }: ExchangeStart) {
    this.#host = host
    this.requests = new RequestLane(host, ownFirstId, open)
    this.responses = new ResponseLane(host, peerFirstId)
  }

  get running(): Task | undefined {
    return this.requests.running
  }

  get waiting(): readonly Task[] {
    return this.requests.waiting
  }

  begin(task: Task, now: Instant): void {
    this.requests.begin(task, now)
  }

  proceed(now: Instant): void {
    this.requests.proceed(now)
  }

  respond(
    payloads: readonly Payload[],
    now: Instant,
    end?: { readonly reason: string; readonly byPeer: boolean },
  ): void {
    this.responses.respond(payloads, end !== undefined)
    if (end) this.#host.end(end.reason, end.byPeer, now)
  }

  /** The IKE SA goes: tasks are abandoned, nothing is asked or answered any more. */
  close(now: Instant): void {
    this.responses.close()
    this.requests.abandon(now)
  }
}
