export {
  type ConfigurationFault,
  type DocumentName,
  formatConfigurationFault,
} from './configuration-fault.ts'
export { readGatewayConfiguration } from './read-gateway-configuration.ts'
export { isDnsName } from './settings.ts'
