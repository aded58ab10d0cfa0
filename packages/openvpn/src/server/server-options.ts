import type { CryptoPort } from '@causeway/crypto'
import type { DataCipher, DataDigest } from '../data-channel.ts'
import type { ServerWrapOptions } from '../wrap/detect-wrap.ts'

/** How a server engine is made. */
export interface OpenVpnServerOptions {
  readonly crypto: CryptoPort
  /** Wall-clock time in seconds since 1970. Only for the packet ids of tls-auth and tls-crypt. */
  readonly unixSeconds: () => number
  /** The control channel wraps that are accepted. Another object makes another set, for sessions to come. */
  readonly wraps: ServerWrapOptions
  /** Begin no session any more: the server is about to stop. Sessions that exist go on. Absent: `false`. */
  readonly draining?: boolean
  /** Data ciphers in the server's order of preference. */
  readonly dataCiphers: readonly DataCipher[]
  /** For clients that negotiate nothing and name no cipher. Absent: they are refused. */
  readonly fallbackCipher?: DataCipher
  /** HMAC of CBC ciphers when the client does not name its own. */
  readonly fallbackDigest: DataDigest
  /** Pushed `ping`, and the data flow's own. 0: none. */
  readonly pingSeconds: number
  /** Pushed `ping-restart`. The server waits twice as long before it ends an idle session. 0: never. */
  readonly pingRestartSeconds: number
  /** Server-initiated key renegotiation, less up to a tenth by chance. 0: only the client's. */
  readonly renegotiationSeconds: number
  /** Offer the epoch data format (OpenVPN 2.7). The datapath must know it. */
  readonly epochData: boolean
  readonly limits?: Partial<OpenVpnServerLimits>
}

/** Bounds that a deployment may want otherwise; the defaults are in `limits.ts`. */
export interface OpenVpnServerLimits {
  readonly handshakeMs: number
  readonly halfOpenTotal: number
  readonly halfOpenPerPrefix: number
  readonly resetRepliesPerSecond: number
  readonly resetRepliesPerPrefix: number
  readonly statefulResetsPerSecond: number
}
