import { formatIpPrefix, type IpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import { remotePrefixesInside } from './prefixes-inside.ts'

type Networks = Pick<GatewayConfiguration, 'insidePrefixes' | 'customRoutes'> &
  Partial<Pick<GatewayConfiguration, 'sites'>>

/** What clients are told to send here beside the inside networks: custom routes, and with transit what is behind sites. */
export function customRoutesOfClients({
  insidePrefixes,
  customRoutes,
  sites,
}: Networks): readonly IpPrefix[] {
  if (!sites?.clientTransit) return customRoutes
  const known = new Set([...insidePrefixes, ...customRoutes].map(formatIpPrefix))
  const behind = new Map(
    sites.connections.flatMap(remotePrefixesInside).map(prefix => [formatIpPrefix(prefix), prefix]),
  )
  return [...customRoutes, ...[...behind].flatMap(([text, prefix]) => (known.has(text) ? [] : [prefix]))]
}
