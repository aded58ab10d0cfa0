import type { IpAddress } from '@causeway/wire'
import type { ConnectionPlan } from './connection-plan.ts'
import type { Material, MaterialRefusal } from './material.ts'

/** Names an IKE SA for as long as it lives, rekeys included. One number space for all connections. */
export type SessionId = number
export type RequestId = number

/**
 * What the gateway tells or answers. What is about a session, tunnel or request that is gone does nothing.
 */
export type ConnectionCommand =
  /** The connection as it is to be from now on; `undefined`: it is gone. */
  | { readonly type: 'configure'; readonly plan: ConnectionPlan | undefined }
  | { readonly type: 'reply'; readonly id: RequestId; readonly reply: ConnectionReply }
  /**
   * A peer wants in, and its identity leads to this connection and tunnel: which of our certificates to show,
   * by which terms to judge it? Answered at once by the output `answer`. Asked before AUTH is sent.
   */
  | { readonly type: 'incoming'; readonly session: SessionId; readonly tunnel: string }
  | { readonly type: 'session'; readonly session: SessionId; readonly event: SessionNews }
  | { readonly type: 'child'; readonly session: SessionId; readonly child: number; readonly isUp: boolean }
  /** The operator's reset: all sessions end and begin anew, with nothing remembered. */
  | { readonly type: 'reset' }
  /** The vault has said that something changed: look now, not at the next poll. */
  | { readonly type: 'material-changed' }

/** What IKE says of a session. */
export type SessionNews =
  | {
      readonly type: 'established'
      readonly tunnel: string
      readonly initiator: 'us' | 'peer'
      /** The peer's proof was judged by the terms, and held. */
      readonly isProven: boolean
      /** Of the `dial` or `answer` that it came by. */
      readonly terms: number
      readonly material: string | undefined
      /** What both ends know of the session, and differs between any two: the initiator's SPI in hex. */
      readonly order: string
    }
  /** Its peers have to authenticate anew before long (RFC 4478), which needs another session. */
  | { readonly type: 'due' }
  /** It came to nothing. `reason`: one sentence. */
  | { readonly type: 'refused'; readonly reason: string; readonly byPeer: boolean }
  /** It was established and is over: DELETE, DPD, the end of its lifetime. */
  | { readonly type: 'closed'; readonly reason: string; readonly byPeer: boolean }

export type ConnectionReply =
  | { readonly type: 'material'; readonly material: Material }
  | { readonly type: 'material-refused'; readonly refusal: MaterialRefusal }
  /** At least one; the first is used. */
  | { readonly type: 'addresses'; readonly addresses: readonly IpAddress[] }
  | { readonly type: 'not-resolved'; readonly reason: string }
