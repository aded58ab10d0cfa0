import type { Body } from '../resources/document.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { inForce } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** Azure's weight of a route that no peer told. */
const OWN_WEIGHT = 32_768

/** `GatewayRoute`s: the networks inside and the clients' addresses. No route comes from elsewhere. */
export async function learnedRoutes(
  options: NetworkOptions,
  { id }: ServedResource,
): Promise<readonly Body[]> {
  const running = inForce(options, id)
  if (!running) return []
  const { resource, network } = running
  const inside = network?.addressPrefixes ?? options.gateway.settings().insidePrefixes ?? []
  const clients = resource.properties.vpnClientConfiguration
  const pools = [
    ...(clients?.vpnClientAddressPool?.addressPrefixes ?? []),
    ...(clients?.vngClientConnectionConfigurations ?? []).flatMap(
      ({ properties }) => properties.vpnClientAddressPool?.addressPrefixes ?? [],
    ),
  ]
  return [...new Set([...inside, ...pools])].map(prefix => ({
    network: prefix,
    origin: 'Network',
    asPath: '',
    weight: OWN_WEIGHT,
  }))
}
