import type { IpAddress, IpPrefix } from '@causeway/wire'

/** What a server pushes, by meaning. The codec turns it to and from option text. */
export interface PushOptions {
  /** Inner IPv4 address and the pool's prefix (topology subnet) with the gateway's inner address. */
  readonly ipv4?: { readonly address: IpAddress; readonly prefixLength: number; readonly gateway: IpAddress }
  readonly ipv6?: { readonly address: IpAddress; readonly prefixLength: number; readonly gateway: IpAddress }
  /** Destinations reached through the tunnel. */
  readonly routes: readonly IpPrefix[]
  /** All traffic goes through the tunnel (`redirect-gateway def1`). */
  readonly redirectGateway: boolean
  readonly dnsServers: readonly IpAddress[]
  readonly dnsSearchDomains: readonly string[]
  /** Inner MTU; absent: the client's own. Sent only to clients that can take it (IV_MTU). */
  readonly mtu?: number
  /** Negotiated parts, filled in by the server engine and read by the client engine. */
  readonly negotiated?: NegotiatedOptions
}

/**
 * What a client sends from now on in place of its password (`auth-token`), at renegotiations and when it
 * connects again, so that a user who has signed in once is not asked again.
 */
export interface AuthToken {
  /** Opaque to the client. 1–127 printable characters without space, `,` `"` `'` `\` `#` `;`. Secret. */
  readonly token: string
  /**
   * Sent as user name with the token (`auth-token-user`), at most 127 bytes. Absent: the client's own;
   * a client that has none then sends no token either.
   */
  readonly username?: string
}

/** What the two engines agree through the push message. */
export interface NegotiatedOptions {
  readonly cipher?: string
  readonly peerId?: number
  readonly pingSeconds?: number
  readonly pingRestartSeconds?: number
  /** `explicit-exit-notify`: the client tells so often that it leaves. Only over UDP. */
  readonly exitNotices?: number
  /** `cc-exit`, `tls-ekm`, `dyn-tls-crypt`, `aead-epoch`. */
  readonly protocolFlags: readonly string[]
  readonly compression?: string
}
