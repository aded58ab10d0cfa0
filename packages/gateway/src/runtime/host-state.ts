import { formatIpPrefix, type IpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import type { GatewayHostState, HostSites } from '../host/host.ts'
import type { PoolPrefixes } from '../pool/address-pool.ts'
import type { PoolInUse } from '../pool/address-pools.ts'
import { remotePrefixesInside } from '../site/prefixes-inside.ts'
import type { SiteConnection } from '../site/site-configuration.ts'

/**
 * What the machine must be for this configuration, as long as sessions use these pools: the present
 * one first, then those that the configuration no longer has.
 */
export function hostState(
  tun: string,
  configuration: GatewayConfiguration,
  pools: readonly PoolInUse[],
): GatewayHostState {
  const { connections } = configuration.sites
  return {
    tun,
    mtu: deviceMtu(configuration),
    addresses: pools.flatMap(({ gateways }) => gateways),
    pools: pools.flatMap(({ prefixes }) => prefixList(prefixes)),
    destinations: [...configuration.insidePrefixes, ...configuration.customRoutes],
    nat: configuration.nat,
    services: configuration.listeners,
    ...(connections.length > 0 && { sites: hostSites(connections) }),
  }
}

/** What the machine must know of connections; all of them, up or not: what is meant for a site goes nowhere else. */
export function hostSites(connections: readonly SiteConnection[]): HostSites {
  return {
    remotePrefixes: distinct(connections.flatMap(remotePrefixesInside)),
    insidePrefixes: distinct(connections.flatMap(({ localPrefixes }) => localPrefixes)),
    peers: connections.flatMap(({ remote }) => (remote.type === 'address' ? [remote.address] : [])),
    isDefaultSite: connections.some(({ isDefaultSite }) => isDefaultSite),
  }
}

function distinct(prefixes: readonly IpPrefix[]): IpPrefix[] {
  return [...new Map(prefixes.map(prefix => [formatIpPrefix(prefix), prefix])).values()]
}

/** The TUN device is shared by all tunnel types; what is too large for one of them its flows see to. */
export function deviceMtu({ tunnels, sites, openvpn, ikev2, sstp }: TunnelMtus): number {
  const hasEsp = tunnels.has('IkeV2') || (sites?.connections.length ?? 0) > 0
  const mtus = [
    ...(tunnels.has('OpenVPN') ? [openvpn.tunnelMtu] : []),
    ...(hasEsp ? [ikev2.tunnelMtu] : []),
    ...(tunnels.has('SSTP') ? [sstp.tunnelMtu] : []),
  ]
  return Math.max(...(mtus.length > 0 ? mtus : [IDLE_MTU]))
}

/** Ours: of a device that no tunnel uses yet. */
const IDLE_MTU = 1_500

type TunnelMtus = Pick<GatewayConfiguration, 'tunnels'> &
  Partial<Pick<GatewayConfiguration, 'sites'>> &
  Readonly<Record<'openvpn' | 'ikev2' | 'sstp', { readonly tunnelMtu: number }>>

function prefixList({ ipv4, ipv6 }: PoolPrefixes): IpPrefix[] {
  return [ipv4, ipv6].filter(prefix => prefix !== undefined)
}
