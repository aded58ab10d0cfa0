import { formatIpPrefix, type IpPrefix, parseIpPrefix, type TrafficSelector } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import { remotePrefixesInside } from './prefixes-inside.ts'
import { selectedPrefixes } from './selected-prefixes.ts'
import type { SiteConnection } from './site-configuration.ts'
import type { RoutePair } from './site-routes.ts'
import { ALL_SELECTORS } from './site-terms.ts'

/** What a flow may carry, as its first SA has it. */
export interface FlowSelectors {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

/** Where forced tunnelling leads: everything that has no longer route. */
const EVERYTHING: readonly IpPrefix[] = ['0.0.0.0/0', '::/0'].map(text => parseIpPrefix(text) as IpPrefix)

/**
 * The routes that a connection's flow may have: to its remote networks as far as the selectors hold them, from inside
 * networks and from those whose transit is configured. A default site has all destinations beside that, of clients too.
 */
export function routePairs(
  connection: SiteConnection,
  configuration: GatewayConfiguration,
  selectors: FlowSelectors,
): readonly RoutePair[] {
  const { sites } = configuration
  // Selectors are of addresses as they are outside of NAT.
  const local = connection.nat.egress.length > 0 ? ALL_SELECTORS : selectors.local
  const remote = connection.nat.ingress.length > 0 ? ALL_SELECTORS : selectors.remote
  const clients = sites.clientTransit || connection.isDefaultSite ? clientPrefixes(configuration) : []
  const others = sites.siteTransit ? otherPrefixes(connection, sites.connections) : []
  const inside = selectedPrefixes([...connection.localPrefixes, ...others], local)
  const fromClients = selectedPrefixes(clients, local)
  const specific = pairsOf(selectedPrefixes(remotePrefixesInside(connection), remote), [
    ...inside,
    ...(sites.clientTransit ? fromClients : []),
  ])
  if (!connection.isDefaultSite) return specific
  return [...specific, ...pairsOf(selectedPrefixes(EVERYTHING, remote), [...inside, ...fromClients])]
}

/** Pools of everybody and of groups. */
function clientPrefixes({ pool, groups }: GatewayConfiguration): readonly IpPrefix[] {
  const pools = [pool, ...groups.flatMap(group => group.pools)]
  return pools.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter(prefix => prefix !== undefined))
}

function otherPrefixes(
  connection: SiteConnection,
  connections: readonly SiteConnection[],
): readonly IpPrefix[] {
  return connections.filter(({ id }) => id !== connection.id).flatMap(remotePrefixesInside)
}

function pairsOf(prefixes: readonly IpPrefix[], sources: readonly IpPrefix[]): RoutePair[] {
  const pairs = prefixes.flatMap(prefix =>
    sources
      .filter(source => source.address.family === prefix.address.family)
      .map(source => ({ prefix, source })),
  )
  const text = ({ prefix, source }: RoutePair): string =>
    `${formatIpPrefix(prefix)} ${formatIpPrefix(source)}`
  return [...new Map(pairs.map(pair => [text(pair), pair])).values()]
}
