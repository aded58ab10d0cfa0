export {
  type ConfigurationFault,
  type DocumentName,
  formatConfigurationFault,
} from './configuration-fault.ts'
export { readConfigurationOf, readGatewayConfiguration } from './read-gateway-configuration.ts'
export { isDnsName } from './settings.ts'
