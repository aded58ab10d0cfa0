import type { VirtualNetworkGateway, VpnClientConfiguration } from '@causeway/api-contract'

/**
 * The point-to-site part of a gateway. `undefined`: it has none, and no client connects. That is also so when the part
 * is there and names no pool, no tunnel type and nobody to trust: Azure's clients send it empty to take it away.
 */
export function pointToSiteOf({ properties }: VirtualNetworkGateway): VpnClientConfiguration | undefined {
  const clients = properties.vpnClientConfiguration
  return clients && !namesNothing(clients) ? clients : undefined
}

function namesNothing(clients: VpnClientConfiguration): boolean {
  const lists = [
    clients.vpnClientAddressPool?.addressPrefixes,
    clients.vpnClientProtocols,
    clients.vpnClientRootCertificates,
    clients.radiusServers,
  ]
  const texts = [clients.radiusServerAddress, clients.aadTenant]
  return lists.every((list = []) => list.length === 0) && texts.every((text = '') => text === '')
}
