import { DeadlineQueue, type Instant } from '@causeway/engine'
import type { Ikev2Reply } from '../command.ts'
import type { SessionId } from '../ids.ts'
import { REQUEST_MS } from '../limits.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'

/** Called once: with the reply, or with `undefined` when none came in time. */
export type Answered = (reply: Ikev2Reply | undefined, now: Instant) => void

interface OpenRequest {
  readonly session: SessionId
  readonly answered: Answered
}

/** What has been asked outside and is not yet answered. Those of sessions that are gone time out unheard. */
export class OpenRequests {
  readonly #emit: (output: Ikev2Output) => void
  readonly #isAlive: (session: SessionId) => boolean
  readonly #open = new Map<number, OpenRequest>()
  readonly #deadlines = new DeadlineQueue<number>()
  #last = 0

  constructor(emit: (output: Ikev2Output) => void, isAlive: (session: SessionId) => boolean) {
    this.#emit = emit
    this.#isAlive = isAlive
  }

  get size(): number {
    return this.#open.size
  }

  ask(session: SessionId, request: Ikev2Request, now: Instant, answered: Answered): void {
    const id = ++this.#last
    this.#open.set(id, { session, answered })
    this.#deadlines.schedule(id, now + REQUEST_MS)
    this.#emit({ type: 'request', id, session, request })
  }

  /** A reply that nobody waits for does nothing. */
  reply(id: number, reply: Ikev2Reply, now: Instant): void {
    this.#deadlines.schedule(id, undefined)
    this.#settle(id, reply, now)
  }

  nextTimeout(): Instant | undefined {
    return this.#deadlines.next()
  }

  handleTimeout(now: Instant): void {
    for (let id = this.#deadlines.takeDue(now); id !== undefined; id = this.#deadlines.takeDue(now))
      this.#settle(id, undefined, now)
  }

  #settle(id: number, reply: Ikev2Reply | undefined, now: Instant): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    if (open && this.#isAlive(open.session)) open.answered(reply, now)
  }
}
