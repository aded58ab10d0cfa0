import type { Endpoint } from '@causeway/wire'
import type { AccessAccept, AccessChallenge, AccessReject } from './access-answer.ts'
import type { LaneId, RequestId } from './client-command.ts'
import type { Purpose, ServerId } from './client-options.ts'

/** What leaves the client, in order. */
export type RadiusOutput =
  /**
   * Open a UDP port of its own, a random one, to send to `remote` from. When it is refused (ICMP) or fails, `closed`
   * sends its requests elsewhere at once; an error that is kept quiet costs them the usual seconds.
   */
  | {
      readonly type: 'open-port'
      readonly lane: LaneId
      readonly server: ServerId
      readonly remote: Endpoint
    }
  /** Open a TLS connection; answered by `connected`, or `closed`. */
  | { readonly type: 'connect'; readonly lane: LaneId; readonly server: ServerId; readonly remote: Endpoint }
  /**
   * One packet: a datagram of a port, or bytes of a connection. On a connection each goes into a TLS record of its
   * own: FreeRADIUS 3 hangs up on a record with several.
   */
  | { readonly type: 'send'; readonly lane: LaneId; readonly bytes: Uint8Array }
  /** Close port or connection; nothing is said of it any more. */
  | { readonly type: 'close-lane'; readonly lane: LaneId }
  /** The one answer to a request. */
  | { readonly type: 'answer'; readonly id: RequestId; readonly answer: RadiusAnswer }
  | { readonly type: 'event'; readonly event: RadiusEvent }

export type RadiusAnswer =
  | AccessAccept
  | AccessReject
  | AccessChallenge
  /** An accounting record was taken. */
  | { readonly type: 'recorded'; readonly server: ServerId }
  | RequestFailure

/** No server decided. */
export interface RequestFailure {
  readonly type: 'failed'
  readonly reason: FailureReason
  /** For the log: plain words, no secret. */
  readonly detail: string
}

export type FailureReason =
  /** No server for this, or the challenge's server is gone. */
  | 'no-server'
  /** Nothing in time that could be believed. */
  | 'no-answer'
  /** The server answered what cannot be read; it may have meant a no. */
  | 'malformed-answer'
  /** What the user gave does not fit into a request. */
  | 'unsendable'
  /** Too many requests are open. */
  | 'overloaded'

/** A server by what it is asked: its ports may fail by themselves. */
export type ServerState =
  /** Answers, or has not been asked yet. */
  | 'alive'
  /** Has left a request without answer; asked after those that are alive. */
  | 'suspect'
  /** Has been silent throughout; asked when there is no other. */
  | 'dead'

export type RadiusEvent =
  | {
      readonly type: 'server-state'
      readonly server: ServerId
      readonly purposes: readonly Purpose[]
      readonly state: ServerState
      readonly reason: string
    }
  /** An answer without Message-Authenticator was believed, because the server's settings say so. */
  | { readonly type: 'unprotected-answer'; readonly server: ServerId }
  /** What came and was not taken. */
  | {
      readonly type: 'dropped'
      readonly server: ServerId | undefined
      readonly reason: DropReason
      readonly count: number
    }

/** Why what came was not taken as an answer. */
export type DropReason =
  | 'unknown-lane'
  | 'wrong-source'
  | 'malformed'
  /** No request waits for it: a late or repeated answer, or a replayed one. */
  | 'unknown-identifier'
  | 'unexpected-code'
  /** The Response Authenticator is not that of secret and request. */
  | 'forged'
  | 'message-authenticator-missing'
  | 'message-authenticator-wrong'
  | 'message-authenticator-repeated'
