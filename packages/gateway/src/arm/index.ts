export { type ConfigurationFault, formatConfigurationFault } from './configuration-fault.ts'
export { readGatewayConfiguration } from './read-gateway-configuration.ts'
