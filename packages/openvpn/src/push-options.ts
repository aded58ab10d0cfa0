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
