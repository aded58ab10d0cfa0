import type { Endpoint, IpAddress, IpPrefix } from '@causeway/wire'
import type { NamedAttribute, TerminateCause } from '../wire/attribute-names.ts'
import type { NasIdentity, RadiusServer, ServerId } from './client-options.ts'

/** The engine's name for a UDP port or a TLS connection to one server; never used twice. */
export type LaneId = number

/** Where a datagram came in, and from whom. */
export interface RadiusPath {
  readonly lane: LaneId
  readonly remote: Endpoint
}

/** The outside's name for a request. It may be used again after its answer. */
export type RequestId = number

/** What the outside tells the engine. Commands about what is not there do nothing. */
export type RadiusCommand =
  | AccessCommand
  | AccountingCommand
  /** Nobody waits for the answer any more: none will come. */
  | { readonly type: 'cancel'; readonly id: RequestId }
  /** A TLS connection stands, its certificates are checked. */
  | { readonly type: 'connected'; readonly lane: LaneId }
  /** Bytes of a TLS connection, as they come. */
  | { readonly type: 'bytes'; readonly lane: LaneId; readonly bytes: Uint8Array }
  /** A TLS connection is gone or could not be made, or a UDP port failed. */
  | { readonly type: 'closed'; readonly lane: LaneId; readonly reason: string }
  /** From now on these servers. What is asked of one that has not changed goes on. */
  | { readonly type: 'servers'; readonly servers: readonly RadiusServer[] }
  /** From the next request on: what the gateway calls itself, and how long a request may take over all servers. */
  | { readonly type: 'settings'; readonly nas: NasIdentity; readonly totalMs: number }

/** Asks whether a user may come in; answered by accept, reject, challenge or failed. */
export interface AccessCommand {
  readonly type: 'access'
  readonly id: RequestId
  /** User-Name: what the user claims; with EAP its Identity (RFC 3579 §2.1). */
  readonly userName: string
  readonly credential: AccessCredential
  /** What else is known; the gateway's own name is added. */
  readonly attributes: readonly NamedAttribute[]
  /** Of the challenge that this answers. */
  readonly continuation?: Continuation
}

/** What binds an answer to its challenge; handed back as it came. */
export interface Continuation {
  readonly server: ServerId
  readonly state: Uint8Array | undefined
}

export type AccessCredential =
  /** User-Password (PAP). At most 128 bytes. */
  | { readonly type: 'password'; readonly password: Uint8Array }
  /** MS-CHAPv2 (RFC 2548 §2.3.2) as the peer answered it. */
  | {
      readonly type: 'mschapv2'
      readonly identifier: number
      /** 16 bytes: the authenticator challenge. */
      readonly challenge: Uint8Array
      /** 16 bytes. */
      readonly peerChallenge: Uint8Array
      /** 24 bytes. */
      readonly ntResponse: Uint8Array
    }
  /** An EAP packet of the peer. */
  | { readonly type: 'eap'; readonly packet: Uint8Array }

/** Records something of a session; answered by recorded or failed. */
export interface AccountingCommand {
  readonly type: 'accounting'
  readonly id: RequestId
  readonly record: AccountingRecord
  readonly attributes: readonly NamedAttribute[]
}

/** What is recorded of a session (RFC 2866 §5, RFC 2869 §5.1–5.3). */
export interface AccountingRecord {
  /** `on` and `off`: the gateway began, or ends; no session is meant. */
  readonly status: 'start' | 'interim' | 'stop' | 'on' | 'off'
  /** Acct-Session-Id: unique for the gateway, over its restarts too. */
  readonly sessionId: string
  /** Acct-Multi-Session-Id: ties sessions of one user together. */
  readonly multiSessionId?: string
  /** Whom the server let in, in its words. */
  readonly userName?: string
  /** Each Class of the accept, as it came. */
  readonly classes?: readonly Uint8Array[]
  readonly addresses?: readonly IpAddress[]
  readonly ipv6Prefixes?: readonly IpPrefix[]
  readonly counters?: AccountingCounters
  readonly sessionSeconds?: number
  /** Of `stop`. */
  readonly terminateCause?: TerminateCause
  /** How long ago it happened, when it is told late. Absent: now. */
  readonly ageSeconds?: number
}

/** Counted from the gateway's side: input is what the user sent. */
export interface AccountingCounters {
  readonly inputOctets: bigint
  readonly outputOctets: bigint
  readonly inputPackets: bigint
  readonly outputPackets: bigint
}
