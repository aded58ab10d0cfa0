import type { Instant } from '@causeway/engine'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import type { IkeMessage, Payload } from '../wire/payload.ts'

/** An exchange that we begin, or a run of exchanges (IKE_AUTH with EAP). One IKE SA runs one at a time. */
export interface Task {
  /** A short name for the log. */
  readonly name: string
  /** A number of `EXCHANGE`. */
  readonly exchange: number
  /** What it creates, rekeys or deletes: requests of the peer that cross it have to wait (RFC 7296 §2.25). */
  readonly changes?: 'child' | 'ike-sa'
  /**
   * The payloads of the next request. `undefined`: it is no longer needed (the Child SA to rekey is gone).
   * `'later'`: something outside is asked first; `sa.exchanges.proceed()` calls again.
   */
  request(now: Instant): readonly Payload[] | undefined | 'later'
  /**
   * The authentic response, retransmissions filtered out. `again`: another request follows at once;
   * `wait`: it follows after `sa.exchanges.proceed()`.
   */
  response(message: IkeMessage, now: Instant): 'done' | 'again' | 'wait'
  /**
   * The IKE SA went before a response came. Lets go of what the task holds (SPIs, private keys). Emits nothing
   * about the session: that is the engine's.
   */
  abandon(now: Instant): void
  /**
   * The task waits in an IKE SA that has been rekeyed, or runs there and changes nothing: the same task for the
   * successor, or `undefined` when it is of no use there. Absent: it is abandoned, or just goes on.
   */
  moveTo?(successor: LiveIkeSa): Task | undefined
  /**
   * The task runs, and the peer has deleted a Child SA that we do not have: perhaps the one that the task is making,
   * whose response has not come yet. `spi`: the one that the peer receives by.
   */
  peerDeleted?(spi: number): void
  /** The task runs, and the peer deletes the IKE SA that it runs in. Called before that ends. */
  peerEnds?(now: Instant): void
}

/** What a handler of the peer's request says. */
export type Answer =
  | { readonly type: 'respond'; readonly payloads: readonly Payload[] }
  /** Something outside is asked first; then `sa.exchanges.respond()`. */
  | { readonly type: 'later' }
  /** Respond, and then the IKE SA is over; `reason` for the log. */
  | {
      readonly type: 'respond-and-end'
      readonly payloads: readonly Payload[]
      readonly reason: string
      /** The peer asked for the end (DELETE), or its message was to blame. */
      readonly byPeer: boolean
    }
  /** Not even answered (a request that no honest peer sends before it is authenticated). */
  | { readonly type: 'ignore'; readonly reason: string }
