import type { Instant } from '@causeway/engine'
import type { Identification, Path, SessionEvent, SessionId } from '@causeway/ikev2'
import type { LiveConnection } from './live-connection.ts'
import type { SiteChildren } from './site-children.ts'

/** An IKE SA of a connection, from the dial or the first sign of whose it is until its flows are closed. */
export interface SiteSession {
  readonly id: SessionId
  readonly connection: LiveConnection
  /** Name of the tunnel. A peer's is known once it has proven itself. */
  tunnel: string
  readonly initiator: 'us' | 'peer'
  /** Of the engine's `dial` or `answer`. */
  terms: number
  material: string | undefined
  readonly children: SiteChildren
  /** What we are called to the peer. */
  ownIdentification: Identification | undefined
  /** Subject of the peer's certificate. */
  peerSubject: string | undefined
  /** Where it goes; of a dial once that is known. */
  path: Path | undefined
  /** What was agreed on. */
  agreed: Extract<SessionEvent, { readonly type: 'established' }> | undefined
  /** Unix time. */
  establishedSeconds: number
  /** When it was. */
  establishedAt: Instant | undefined
  /**
   * The peer has said, at this time, that it knows of no other session: those that were established by then end with
   * the first Child SA.
   */
  initialContactAt: Instant | undefined
  /** We have ended it, or IKE has: it gets no routes any more. */
  isOver: boolean
  /** IKE knows of it no more. */
  isGone: boolean
  /** When its Child SAs came about, by their number. Unix time. */
  readonly childSince: Map<number, number>
}
