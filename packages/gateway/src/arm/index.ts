export {
  type ConfigurationFault,
  type DocumentName,
  formatConfigurationFault,
} from './configuration-fault.ts'
export type { ConnectionPeer, ConnectionResource } from './connection-resource.ts'
export type { GatewayNetwork } from './gateway-network.ts'
export { pointToSiteOf } from './point-to-site.ts'
export { readGatewayConfiguration } from './read-gateway-configuration.ts'
export { isDnsName } from './settings.ts'
export { judgeInboundChain } from './sites/inbound-chain.ts'
export { connectionKey, connectionName } from './sites/read-sites.ts'
