import type { CryptoPort } from '@causeway/crypto'
import type { Endpoint, IpAddress } from '@causeway/wire'
import type { RadiusLimits } from '../limits.ts'

/** What a client is made of. */
export interface RadiusClientOptions {
  readonly crypto: Pick<CryptoPort, 'random' | 'hash' | 'hmac' | 'equal'>
  /** To begin with; the command `servers` replaces them. */
  readonly servers: readonly RadiusServer[]
  readonly nas: NasIdentity
  /** Wall-clock time in seconds since 1970, for Event-Timestamp. */
  readonly unixSeconds: () => number
  readonly limits?: Partial<RadiusLimits>
}

/** What the gateway calls itself: at least one of them (RFC 2865 §4.1). */
export interface NasIdentity {
  /** NAS-Identifier. */
  readonly identifier?: string
  /** NAS-IP-Address and NAS-IPv6-Address. */
  readonly addresses?: readonly IpAddress[]
}

/** The operator's name for a server. */
export type ServerId = string

export interface RadiusServer {
  readonly id: ServerId
  /** Of servers in the same state the highest is asked first. */
  readonly score: number
  /** `tls`: RadSec (RFC 6614); the connection, with both certificates checked, is the driver's. */
  readonly transport: 'udp' | 'tls'
  /** UDP: the shared secret, never empty. TLS: not looked at, it is always `radsec` (RFC 6614 §2.3). */
  readonly secret?: Uint8Array
  /** Absent: not asked. With TLS usually the same as `accounting`, which is then one connection. */
  readonly authentication?: Endpoint
  readonly accounting?: Endpoint
  /**
   * Our address towards it: the NAS-IP-Address or NAS-IPv6-Address of what it is asked and told, in place of the
   * client's own of that family. Absent: that of the client, where it has one.
   */
  readonly local?: IpAddress
  /**
   * `false` takes answers to Access-Request without Message-Authenticator, of old servers: their answers can be
   * forged by who is between (CVE-2024-3596), and each minute of it gives an event. Never with EAP (RFC 3579
   * §3.2). Absent: `true`.
   */
  readonly requireMessageAuthenticator?: boolean
  /** `false`: Status-Server (RFC 5997) is not sent. Absent: `true`; a server that ignores it is found out. */
  readonly statusServer?: boolean
  /**
   * A request is sent so often before another server is tried, when nothing at all comes from this one. More for a
   * server that waits for a user's second factor and does not know Status-Server. Absent: 2, which is 6 s.
   */
  readonly sendsBeforeFailOver?: number
}

export type Purpose = 'authentication' | 'accounting'
