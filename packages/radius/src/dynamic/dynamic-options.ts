import type { CryptoPort } from '@causeway/crypto'
import type { Endpoint, IpAddress, IpPrefix } from '@causeway/wire'
import type { NasIdentity } from '../client/client-options.ts'
import type { ErrorCause } from '../wire/attribute-names.ts'
import type { DynamicRequest } from './dynamic-request.ts'

/** What the receiving side of dynamic authorization (RFC 5176) is made of. */
export interface DynamicAuthorizationOptions {
  readonly crypto: Pick<CryptoPort, 'hash' | 'hmac' | 'equal'>
  /** To begin with; the command `sources` replaces them. */
  readonly sources: readonly DynamicSource[]
  /** What a request must mean if it names its gateway. To begin with; the command `nas` replaces it. */
  readonly nas: NasIdentity
  /** Wall-clock time in seconds since 1970, for Event-Timestamp. */
  readonly unixSeconds: () => number
}

/** Who may end and change sessions. */
export interface DynamicSource {
  /** The operator's name for it. */
  readonly id: string
  /** Its addresses; of several that fit the first counts. */
  readonly prefix: IpPrefix
  /** Never empty. */
  readonly secret: Uint8Array
  /** Our address towards it: how it may call us, beside `nas`. */
  readonly local?: IpAddress
  /** `true` takes no request without Message-Authenticator; `radclient` sends none by itself. Absent: `false`. */
  readonly requireMessageAuthenticator?: boolean
  /** `true` takes no request without Event-Timestamp. Absent: `false`, and what was seen is remembered for a day. */
  readonly requireEventTimestamp?: boolean
}

/** How a request came, and its answer goes. */
export interface DynamicPath {
  /** The driver's name for its socket. */
  readonly socket: number
  readonly remote: Endpoint
}

/** What the outside tells the engine. */
export type DynamicCommand =
  /** The answer to `request`; a late or second one does nothing. */
  | { readonly type: 'reply'; readonly id: number; readonly reply: DynamicReply }
  /** From now on these sources. */
  | { readonly type: 'sources'; readonly sources: readonly DynamicSource[] }
  /** From now on the gateway is called this. */
  | { readonly type: 'nas'; readonly nas: NasIdentity }

export type DynamicReply =
  | { readonly type: 'done' }
  /** `session-context-not-found` when no session fits. */
  | { readonly type: 'refused'; readonly cause: ErrorCause }

/** What leaves the engine, in order. */
export type DynamicOutput =
  | { readonly type: 'send'; readonly path: DynamicPath; readonly bytes: Uint8Array }
  /** To be carried out, once; answered by the command `reply` with this id within 20 s. */
  | {
      readonly type: 'request'
      readonly id: number
      readonly source: string
      readonly request: DynamicRequest
    }
  | { readonly type: 'event'; readonly event: DynamicEvent }

export type DynamicEvent =
  /** A request was refused before the gateway was asked. */
  | { readonly type: 'refused'; readonly source: string; readonly cause: ErrorCause }
  /** What came and got no answer. */
  | {
      readonly type: 'dropped'
      readonly source: string | undefined
      readonly reason: DynamicDropReason
      readonly count: number
    }

export type DynamicDropReason =
  | 'unknown-source'
  | 'malformed'
  | 'unexpected-code'
  /** The Request Authenticator is not that of the secret. */
  | 'forged'
  | 'message-authenticator-missing'
  | 'message-authenticator-wrong'
  | 'message-authenticator-repeated'
  | 'event-timestamp-missing'
  /** Its Event-Timestamp is too far from our clock: a replay, or clocks that differ. */
  | 'stale'
  /** Seen before, and answered so long ago that nobody waits for it. */
  | 'replayed'
