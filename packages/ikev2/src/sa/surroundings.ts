import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import type { Ikev2Reply } from '../command.ts'
import type { ChildId, SessionId } from '../ids.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import type { IkeKeys } from '../protection/ike-keys.ts'
import type { IkeSa } from './ike-sa.ts'

/** What an IKE SA and its parts need of the engine that they live in. */
export interface Surroundings {
  readonly crypto: CryptoPort
  emit(output: Ikev2Output): void
  /**
   * Asks outside. `answered` is called once, with the reply, or with `undefined` when none came within
   * `REQUEST_MS`; never when the session is gone by then.
   */
  request(
    session: SessionId,
    request: Ikev2Request,
    now: Instant,
    answered: (reply: Ikev2Reply | undefined, now: Instant) => void,
  ): void
  newChildId(): ChildId
  /** An SPI for receiving ESP that no Child SA of the engine has. Give it back by `freeEspSpi`. */
  newEspSpi(): number
  freeEspSpi(spi: number): void
  newIkeSpi(): Uint8Array
  /** How many IKE SAs a session has, those included that wait for their end. */
  ikeSasOf(session: SessionId): number
  /**
   * A successor of `old` that CREATE_CHILD_SA made, with windows at zero. It takes over path, terms, peer
   * abilities and, at once, the Child SAs; `old` becomes `replaced`. Has another successor of `old` been made
   * before (simultaneous rekeying), then that one becomes `replaced` too and hands its Child SAs on. Tasks that
   * wait in `old` move along (`Task.moveTo`). `old` is deleted by its peer in good time, by us at the latest
   * after `REPLACED_MS`; who has begun the rekeying calls `deleteIkeSa(old)`.
   */
  succeed(old: IkeSa, successor: SuccessorIkeSa, now: Instant): IkeSa
  /**
   * One of two successors of `old` (simultaneous rekeying, RFC 7296 §2.8.2) that has lost, or that is to wait until
   * that is known. It is `replaced` from the start and gets no Child SAs; whoever has to delete it does
   * (`deleteIkeSa`).
   */
  addRedundant(old: IkeSa, redundant: SuccessorIkeSa, now: Instant): IkeSa
  /**
   * The one that waited has won after all: it takes the place of the session's live one, as `succeed` has it. It
   * does nothing when it, or the session, is gone.
   */
  promote(redundant: IkeSa, now: Instant): void
  /**
   * Tells the peer by DELETE that the IKE SA is over, and waits for its answer for a bounded time. When it was
   * the session's live one, its Child SAs end and the gateway is told by `closed` at once; a `replaced` one goes
   * quietly. One that is not yet established just ends.
   */
  deleteIkeSa(sa: IkeSa, reason: string, now: Instant): void
  /** Counts a dropped packet; at most one event a second and reason. */
  drop(session: SessionId | undefined, reason: string, now: Instant): void
  /** The engine looks at the SA's deadlines again. Call it after any change of them. */
  reschedule(sa: IkeSa): void
  /** The peer's authentication is done: the state becomes `established` and its timers begin. */
  established(sa: IkeSa, now: Instant): void
  /**
   * Takes the IKE SA out of the tables at once, with its Child SAs unless it is `replaced`, and tells the
   * gateway by `closed` (or `refused` before it was established). The peer is told nothing: for that see
   * `deleteIkeSa`.
   */
  end(sa: IkeSa, reason: string, byPeer: boolean, now: Instant): void
}

export interface SuccessorIkeSa {
  readonly role: 'initiator' | 'responder'
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  readonly suite: IkeSuite
  readonly keys: IkeKeys
}
