import type { IpPrefix } from '@causeway/wire'

/**
 * Network address translation between a peer and the inside; in each list the first rule that fits translates.
 *
 * What goes out to the peer has its source translated by `egress` and its destination, back, by `ingress`; what comes in
 * from it the other way round. So the peer, and the selectors of its SAs, see the external addresses of `egress` and the
 * peer's own; routes and the host see the inside's own and the external ones of `ingress`. Addresses that no rule has
 * stay as they are; but who is translated is not reached under the internal address, and nobody has an external one.
 */
export interface NatRules {
  /** Our networks, and how the peer knows them. */
  readonly egress: readonly NatRule[]
  /** The peer's networks, and how they are known inside. */
  readonly ingress: readonly NatRule[]
}

/**
 * `internal` is known as `external` on the other side; both of one family.
 *
 * `static`: address for address and port for port: both prefixes and both ranges of ports have one length. Either side
 * may begin. A rule with ports is for TCP and UDP alone.
 *
 * `dynamic`: many behind few, by port (TCP, UDP) or identifier (ICMP echo); nothing else passes. Only the internal side
 * begins, and only who was spoken to is heard. External ports are chosen from 1024 up, where the rule names none.
 */
export interface NatRule {
  readonly type: 'static' | 'dynamic'
  readonly internal: NatAddresses
  readonly external: NatAddresses
}

export interface NatAddresses {
  readonly prefix: IpPrefix
  /** Both belong to it. Absent: all. */
  readonly ports?: { readonly first: number; readonly last: number }
}
