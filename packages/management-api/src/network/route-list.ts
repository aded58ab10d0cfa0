import type { Body } from '../resources/document.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { inForce, isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** Azure's weight of a route that no peer told. */
const OWN_WEIGHT = 32_768

/** `GatewayRoute`s: the networks inside, the clients' addresses, and what the connections lead to. There is no BGP. */
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
  return [...new Set([...inside, ...pools, ...behindConnections(options)])].map(prefix => ({
    network: prefix,
    origin: 'Network',
    asPath: '',
    weight: OWN_WEIGHT,
  }))
}

/** Networks at the other ends of the connections in force. */
function behindConnections({ gateway }: NetworkOptions): readonly string[] {
  const known = gateway.settings().sites?.remoteGateways ?? []
  return gateway.connectionsInForce().flatMap(({ peer }) => {
    switch (peer.type) {
      case 'local-gateway':
        return peer.addressPrefixes
      case 'remote-gateway':
        return known.find(({ id }) => isSameId(id, peer.id))?.addressPrefixes ?? []
      default:
        return peer satisfies never
    }
  })
}
