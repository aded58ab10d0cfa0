import type { IpAddress, IpPrefix } from '@causeway/wire'
import type { Listener } from '../configuration.ts'
import type { LeasedAddress } from '../pool/address-pool.ts'

/** All that a running gateway wants of the machine it runs on. */
export interface GatewayHostState {
  /** Name of the TUN device. */
  readonly tun: string
  /** Inner MTU in bytes. */
  readonly mtu: number
  /** The gateway's own inner addresses, each with its network. */
  readonly addresses: readonly LeasedAddress[]
  /** Where clients' inner addresses come from: all prefixes that a session still uses. */
  readonly pools: readonly IpPrefix[]
  /** Where clients may go. */
  readonly destinations: readonly IpPrefix[]
  /** Masquerade clients behind the gateway's own addresses. */
  readonly nat: boolean
  /** The gateway's own listeners: their traffic is kept out of NAT. */
  readonly services: readonly Listener[]
  /** Networks behind other gateways. Absent: none. */
  readonly sites?: HostSites
}

/**
 * What the machine must know of sites. Whether clients and sites reach each other is not here: the datapath carries that
 * from tunnel to tunnel, and nothing from the TUN device goes back to it.
 */
export interface HostSites {
  /** Behind sites, as they are known inside, after NAT of what comes in: their routes lead to the TUN device. */
  readonly remotePrefixes: readonly IpPrefix[]
  /** Inside networks that sites reach, and that reach them. */
  readonly insidePrefixes: readonly IpPrefix[]
  /** Outer addresses of the sites' devices, as far as they are known: what carries the tunnel does not go through it. */
  readonly peers: readonly IpAddress[]
  /** What comes from inside networks and has no route but a default one goes to the TUN device (forced tunnelling). */
  readonly isDefaultSite: boolean
}

/** The machine under a gateway: addresses, forwarding, NAT and filtering. */
export interface GatewayHost {
  /**
   * Checks that the gateway can run here, and clears away what a crashed one has left.
   *
   * Errors: `ERR_HOST_PRIVILEGE`, `ERR_HOST_TUN`, `ERR_HOST_TOOL`, `ERR_HOST_BUSY`.
   */
  prepare(): Promise<void>
  /**
   * Makes the machine so. Called again with another state it changes what differs, in a way that
   * does not interrupt what stays. Errors: `ERR_HOST_COMMAND`.
   *
   * @returns what the operator should know of it, a line each.
   */
  apply(state: GatewayHostState): Promise<readonly string[]>
  /** Undoes what `apply` did. Idempotent. */
  restore(): Promise<void>
}

/** The stable codes of {@link HostError}. */
export type HostErrorCode =
  /** Not root, or without CAP_NET_ADMIN. */
  | 'ERR_HOST_PRIVILEGE'
  /** /dev/net/tun is missing. */
  | 'ERR_HOST_TUN'
  /** `ip` or `nft` is not installed. */
  | 'ERR_HOST_TOOL'
  /** Another gateway runs in this network namespace. */
  | 'ERR_HOST_BUSY'
  /** `ip` or `nft` refused what was asked. */
  | 'ERR_HOST_COMMAND'

/** The machine does not allow what the gateway needs. The message says what to do. */
export class HostError extends Error {
  readonly code: HostErrorCode

  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HostError'
    this.code = code
  }
}
