import { DeadlineQueue, type Instant } from '@causeway/engine'
import { formatHex } from '@causeway/wire'
import { ANSWER_KEPT_MS, SEEN_REQUESTS } from '../limits.ts'

/** A request that came, known by its Request Authenticator, which nobody else can make. */
export interface SeenRequest {
  readonly key: string
  /** As it was sent. `undefined`: the gateway still works on it, or nobody waits for it any more. */
  answer: Uint8Array | undefined
  /** Whether nobody has answered yet. */
  isPending: boolean
  answeredAt: Instant
}

/** The requests of one source that were seen, so that none is carried out twice. */
export class SeenRequests {
  /** In the order of their coming. */
  readonly #requests = new Map<string, SeenRequest>()
  readonly #forget = new DeadlineQueue<SeenRequest>()

  get size(): number {
    return this.#requests.size
  }

  find(authenticator: Uint8Array): SeenRequest | undefined {
    return this.#requests.get(formatHex(authenticator))
  }

  /** Remembers a request until then; only those that are proven, or strangers could fill the list. */
  add(authenticator: Uint8Array, until: Instant): SeenRequest {
    const request: SeenRequest = {
      key: formatHex(authenticator),
      answer: undefined,
      isPending: true,
      answeredAt: 0,
    }
    this.#requests.set(request.key, request)
    this.#forget.schedule(request, until)
    if (this.#requests.size > SEEN_REQUESTS) this.#dropOldest()
    return request
  }

  nextTimeout(): Instant | undefined {
    return this.#forget.next()
  }

  handleTimeout(now: Instant): void {
    for (let one = this.#forget.takeDue(now); one; one = this.#forget.takeDue(now))
      this.#requests.delete(one.key)
  }

  #dropOldest(): void {
    const [oldest] = this.#requests.values()
    if (!oldest) return
    this.#requests.delete(oldest.key)
    this.#forget.schedule(oldest, undefined)
  }
}

/** What a repeated request is answered, while somebody may wait for it. */
export function repeatedAnswer({ answer, answeredAt }: SeenRequest, now: Instant): Uint8Array | undefined {
  return answer && now < answeredAt + ANSWER_KEPT_MS ? answer.slice() : undefined
}
