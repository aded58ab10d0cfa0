import type { ResourceServers } from '../call/services.ts'
import { connectionServer } from './connection/connection-server.ts'
import { gatewayServer } from './gateway-server.ts'
import { localGatewayServer } from './local-gateway-server.ts'
import type { NetworkOptions } from './network-options.ts'
import { publicAddressServer } from './public-address-server.ts'
import { virtualNetworkServer } from './virtual-network-server.ts'

/** What joins the resources of the network to the running gateway. */
export function networkServers(options: NetworkOptions): ResourceServers {
  return {
    'Microsoft.Network/virtualNetworkGateways': gatewayServer(options),
    'Microsoft.Network/connections': connectionServer(options),
    'Microsoft.Network/virtualNetworks': virtualNetworkServer(options),
    'Microsoft.Network/publicIPAddresses': publicAddressServer(options),
    'Microsoft.Network/localNetworkGateways': localGatewayServer(options),
  }
}
