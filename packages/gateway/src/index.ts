export { type ConfigurationFault, formatConfigurationFault, readGatewayConfiguration } from './arm/index.ts'
export type {
  ControlWrap,
  GatewayConfiguration,
  GatewayIdentity,
  Listener,
  OpenVpnConfiguration,
  SessionRecord,
} from './configuration.ts'
export {
  answerResting,
  type ClientProcessOptions,
  createLog,
  errorBody,
  examineMachine,
  type Finding,
  type GatewayProcess,
  type GatewayProcessOptions,
  LOG_LEVELS,
  type LogLevel,
  startClientProcess,
  startGatewayProcess,
} from './control/index.ts'
export {
  CommandError,
  type Installation,
  openInstallation,
  type PreparedGateway,
  prepareGateway,
  type StartOptions,
} from './quick-start/index.ts'
