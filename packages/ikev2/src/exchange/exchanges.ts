import type { Instant } from '@causeway/engine'
import type { Payload } from '../wire/payload.ts'
import type { Task } from './task.ts'

/**
 * Both directions of an IKE SA's exchanges (RFC 7296 §2.1–2.3): window of one, message ids,
 * retransmission with back-off, the cached response for a repeated request.
 */
export interface Exchanges {
  /** Queues a task. It begins when those before it are done. */
  begin(task: Task, now: Instant): void
  /** The task that has sent a request, or is about to. */
  readonly running: Task | undefined
  /** Behind it, in order. */
  readonly waiting: readonly Task[]
  /** The running task, which said `later` or `wait`, can go on. */
  proceed(now: Instant): void
  /** Answers the peer's request that was answered `later`. With `end` the IKE SA is over after it. */
  respond(
    payloads: readonly Payload[],
    now: Instant,
    end?: { readonly reason: string; readonly byPeer: boolean },
  ): void
}
