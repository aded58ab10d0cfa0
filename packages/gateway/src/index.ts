export {
  type ConfigurationFault,
  formatConfigurationFault,
  pointToSiteOf,
  readGatewayConfiguration,
} from './arm/index.ts'
export { ClientLoad, type ClientLoadOptions } from './client/client-load.ts'
export { Ikev2Client, type Ikev2ClientOptions } from './client/ikev2-client.ts'
export { Ikev2Load, type Ikev2LoadOptions } from './client/ikev2-load.ts'
export type { Ikev2ClientProfile } from './client/ikev2-profile.ts'
export { SstpClient, type SstpClientOptions } from './client/sstp-client.ts'
export { SstpLoad, type SstpLoadOptions } from './client/sstp-load.ts'
export type { SstpClientProfile } from './client/sstp-profile.ts'
export {
  ClientRefusedError,
  startClient,
  type VpnClient,
  type VpnClientOptions,
} from './client/vpn-client.ts'
export type {
  ControlWrap,
  GatewayConfiguration,
  GatewayIdentity,
  Ikev2Configuration,
  Listener,
  OpenVpnConfiguration,
  SessionRecord,
} from './configuration.ts'
export {
  answerResting,
  type ClientProcessOptions,
  connectionNamed,
  createLog,
  errorBody,
  examineMachine,
  type Finding,
  type GatewayProcess,
  type GatewayProcessOptions,
  issueSiteCertificate,
  LOG_LEVELS,
  type LogLevel,
  type ManagementPort,
  type SiteCertificateRequest,
  startClientProcess,
  startGatewayProcess,
  trustedCertificate,
} from './control/index.ts'
export { type Clock, systemClock } from './engine/clock.ts'
export { type ClientHost, linuxClientHost, noClientHost } from './host/client-host.ts'
export { type GatewayHost, type GatewayHostState, HostError, type HostErrorCode } from './host/host.ts'
export { linuxHost } from './host/linux-host.ts'
export { type SystemCommand, systemCommand } from './host/system-command.ts'
export { ListenerError } from './listener/tcp-listener.ts'
export type {
  ConnectionPeer,
  ConnectionResource,
  GatewayNetwork,
  GatewayResource,
  ManagedGateway,
} from './managed/managed-gateway.ts'
export {
  createGatewayMetrics,
  createPacketCapture,
  type GatewayMetrics,
  type GatewayObserver,
  type PacketCapture,
  type PacketCaptureOptions,
} from './observation/index.ts'
export type { ProfilePackageRequest } from './profile/index.ts'
export {
  CommandError,
  ensureApiCertificate,
  ensureInstallationIdentity,
  type Installation,
  type InstallationIdentity,
  openInstallation,
  type Prepared,
  type PreparedGateway,
  type PreparedIdle,
  prepareGateway,
  type StartOptions,
} from './quick-start/index.ts'
export type { Gateway } from './runtime/gateway.ts'
export type { GatewayOptions } from './runtime/gateway-options.ts'
export { DEFAULT_TUN_NAME, startGateway } from './runtime/start-gateway.ts'
export type {
  CertificateReader,
  CertificateRefusal,
  ReadCertificate,
} from './site/certificate-reader.ts'
export type {
  ConnectionRecord,
  OutboundCertificateRecord,
  TunnelRecord,
} from './site/connection-record.ts'
