import type { CONNECTION_STATUSES } from '@causeway/api-contract'
import type { IpAddress } from '@causeway/wire'
import type { RequestId, SessionId } from './connection-command.ts'

export type ConnectionStatusName = (typeof CONNECTION_STATUSES)[number]

/** Why something is as it is. */
export interface Reason {
  readonly code: ReasonCode
  /** One sentence that an operator understands. */
  readonly message: string
}

export type ReasonCode =
  /** There is no plan. */
  | 'not-configured'
  /** The first try is under way. */
  | 'dialling'
  /** ResponderOnly: the other side has to begin. */
  | 'waiting-for-peer'
  /** IKE came to nothing: no answer, another policy, a refused proof. */
  | 'refused'
  /** IKE ended what was up. */
  | 'closed'
  /** An IKE SA without a Child SA carries nothing. */
  | 'no-child-sa'
  | 'name-not-resolved'
  /** The vault has not answered yet. */
  | 'certificate-pending'
  | 'certificate-refused'
  | 'certificate-expired'
  | 'configuration-changed'
  | 'peer-not-proven'
  | 'too-many-sessions'
  | 'reset'
  /** Another session carries the traffic. */
  | 'superseded'
  /** IKE knows of a session that we have given up. */
  | 'given-up'
  /** InitiatorOnly: nobody comes in. */
  | 'initiator-only'
  | 'unknown-tunnel'
  | 'up'

export type LogCode =
  | ReasonCode
  | 'certificate-received'
  | 'certificate-expiring'
  | 'renewing'
  | 'renewal-failed'
  | 'old-address'

export type LogLevel = 'info' | 'warning' | 'error'

export interface TunnelChange {
  readonly tunnel: string
  readonly to: 'connected' | 'disconnected'
}

export interface TunnelStatus {
  readonly tunnel: string
  readonly status: ConnectionStatusName
  readonly reason: Reason
  /** Unix time of the last session that was established; ARM's `lastConnectionEstablishedUtcTime`. */
  readonly lastEstablishedSeconds: number | undefined
}

export interface ConnectionStatus {
  /** Connected when one tunnel is. */
  readonly status: ConnectionStatusName
  /** Of the tunnel that `status` is of. */
  readonly reason: Reason
  readonly tunnels: readonly TunnelStatus[]
}

/** What leaves the engine, in order. */
export type ConnectionOutput =
  /** Answered by `reply` within `deadlineMs`; a later answer does nothing. */
  | {
      readonly type: 'request'
      readonly id: RequestId
      readonly deadlineMs: number
      readonly request: ConnectionRequest
    }
  /** Begin a session. `terms` and `material` come back in `established`. */
  | {
      readonly type: 'dial'
      readonly tunnel: string
      readonly session: SessionId
      readonly remote: IpAddress
      readonly terms: number
      /** Version of our certificate; `undefined`: the shared key. */
      readonly material: string | undefined
      /** Stays up until this one is, and is ended by us then, not by IKE. */
      readonly replaces?: SessionId
    }
  /** To `incoming`. */
  | { readonly type: 'answer'; readonly session: SessionId; readonly answer: IncomingAnswer }
  | { readonly type: 'disconnect'; readonly session: SessionId; readonly reason: Reason }
  /** Send the tunnel's traffic through this session; `undefined`: there is none. */
  | { readonly type: 'carry'; readonly tunnel: string; readonly session: SessionId | undefined }
  /** Make the Child SAs of the present plan, and delete older ones when they stand. */
  | { readonly type: 'renew-children'; readonly session: SessionId }
  /** Nothing of this connection uses this version of our certificate any more: forget its key. */
  | { readonly type: 'release-material'; readonly version: string }
  | { readonly type: 'status'; readonly status: ConnectionStatus }
  | {
      readonly type: 'log'
      readonly level: LogLevel
      readonly code: LogCode
      readonly message: string
      /** The line is about this: a tunnel has come up, or is no longer. */
      readonly change?: TunnelChange
    }
  /** Once for each version and number of days. */
  | {
      readonly type: 'expiry-warning'
      readonly days: ExpiryDays
      readonly version: string
      readonly notAfterSeconds: number
    }

/** The seed's outbound certificate is warned of so many days before its end. */
export const EXPIRY_DAYS = [1, 7, 30] as const
export type ExpiryDays = (typeof EXPIRY_DAYS)[number]

export type ConnectionRequest =
  | { readonly type: 'fetch-certificate'; readonly certificateId: string }
  | { readonly type: 'resolve'; readonly name: string }

export type IncomingAnswer =
  | { readonly type: 'accept'; readonly terms: number; readonly material: string | undefined }
  | { readonly type: 'refuse'; readonly reason: Reason }
