import type { AddressPrefixes, GatewayConfiguration } from '../configuration.ts'

/** All pools that sessions get their addresses from; the gateway's own first. */
export function poolsOf({ pool, groups }: GatewayConfiguration): AddressPrefixes[] {
  const own = pool.ipv4 || pool.ipv6 ? [pool] : []
  return [...own, ...groups.flatMap(({ pools }) => pools)]
}
