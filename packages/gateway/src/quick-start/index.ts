export { ensureApiCertificate } from './api-certificate.ts'
export { CommandError, configurationRefused } from './command-error.ts'
export { connectedPrivateNetworks, type Interfaces, reachableAddresses } from './connected-networks.ts'
export { withKnownSecrets } from './connection-store.ts'
export {
  configurationOf,
  type Documents,
  faultsOf,
  type GatewayDocuments,
  readDocuments,
  type WrittenDocuments,
  writeDocuments,
} from './documents.ts'
export { type CertificateFiles, checkGivenCertificate, uncoveredHosts } from './given-certificate.ts'
export { removeGivenCertificate, storeGivenCertificate } from './given-certificate-store.ts'
export type { Installation } from './installation.ts'
export { ensureInstallationIdentity, type InstallationIdentity, isSameId } from './installation-identity.ts'
export { openInstallation } from './open-installation.ts'
export { operatorGateway, withGuid } from './operator-gateway.ts'
export {
  type Prepared,
  type PreparedGateway,
  type PreparedIdle,
  prepareGateway,
  type ShownIdentity,
  type StartOptions,
  serverGuid,
  showIdentity,
  unusedOptions,
} from './quick-start.ts'
export { separateSecrets } from './resource-store.ts'
export { ensureOwnCertificate, type ServerCertificate } from './server-certificate.ts'
export { ensureIdentity } from './server-identity.ts'
export { separateSettings } from './settings-store.ts'
