/** Key Vault's domain on the store: certificates, secrets, versions, soft delete. No HTTP inside. */
export type { Attributes, RecoveryLevel, SettableAttributes, SoftDelete } from './attributes.ts'
export type {
  CertificateContentType,
  CertificatePolicy,
  KeyProperties,
  LifetimeAction,
  X509Properties,
} from './certificate-policy.ts'
export type { Renewal } from './certificate-renewal.ts'
export type {
  CertificateBundle,
  CertificateItem,
  CertificateOperation,
  Certificates,
  DeletedCertificate,
  DeletedCertificateItem,
  ShownPolicy,
} from './certificates.ts'
export { dataActions, type VaultOperation } from './data-actions.ts'
export type { ListOptions, ListPage } from './listing.ts'
export type { DeletedPart, DeletedSecret, SecretBundle, SecretItem, Secrets } from './secrets.ts'
export { openVault, type Vault } from './vault.ts'
export type { VaultOptions } from './vault-context.ts'
export {
  VaultError,
  type VaultErrorBody,
  type VaultErrorCode,
  type VaultInnerCode,
  vaultErrorStatus,
} from './vault-error.ts'
export type { VaultData } from './vault-records.ts'
