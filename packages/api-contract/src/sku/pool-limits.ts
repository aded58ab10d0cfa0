/** Longest prefixes that an address pool may have, which is how small it may be. */
export interface PoolLimits {
  readonly ipv4: number
  readonly ipv6: number
}

/**
 * Smallest pools. IPv4 is Azure's: /29, /28 where both instances of an active-active gateway halve it, /24 where groups
 * have pools of their own. IPv6 is ours: the gateway's address and a few clients; for groups as many addresses as IPv4.
 */
export const POOL_LIMITS = {
  alone: { ipv4: 29, ipv6: 125 },
  activeActive: { ipv4: 28, ipv6: 125 },
  group: { ipv4: 24, ipv6: 120 },
} as const satisfies Record<string, PoolLimits>
