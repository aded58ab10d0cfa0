export { CommandError, configurationRefused } from './command-error.ts'
export { connectedPrivateNetworks, type Interfaces, reachableAddresses } from './connected-networks.ts'
export { configurationOf, type GatewayDocuments, readDocuments } from './documents.ts'
export { type CertificateFiles, checkGivenCertificate, uncoveredHosts } from './given-certificate.ts'
export { removeGivenCertificate, storeGivenCertificate } from './given-certificate-store.ts'
export type { Installation } from './installation.ts'
export { openInstallation } from './open-installation.ts'
export {
  type PreparedGateway,
  prepareGateway,
  type ShownIdentity,
  type StartOptions,
  showIdentity,
  withGuid,
} from './quick-start.ts'
export { separateSecrets, writeResource } from './resource-store.ts'
export { ensureOwnCertificate, type ServerCertificate } from './server-certificate.ts'
export { ensureIdentity } from './server-identity.ts'
export { separateSettings, writeSettings } from './settings-store.ts'
