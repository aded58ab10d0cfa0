/**
 * What each operation of a vault needs as a dataAction of role-based access control. A role's `dataActions` hold
 * these, or patterns of them (`Microsoft.KeyVault/vaults/secrets/*`).
 *
 * Source: Azure's resource provider operations of Microsoft.KeyVault, and its built-in Key Vault roles.
 */
export const dataActions = {
  listCertificates: 'Microsoft.KeyVault/vaults/certificates/read',
  listCertificateVersions: 'Microsoft.KeyVault/vaults/certificates/read',
  readCertificate: 'Microsoft.KeyVault/vaults/certificates/read',
  importCertificate: 'Microsoft.KeyVault/vaults/certificates/import/action',
  createCertificate: 'Microsoft.KeyVault/vaults/certificates/create/action',
  readCertificateOperation: 'Microsoft.KeyVault/vaults/certificates/read',
  deleteCertificateOperation: 'Microsoft.KeyVault/vaults/certificates/update/action',
  updateCertificate: 'Microsoft.KeyVault/vaults/certificates/update/action',
  readCertificatePolicy: 'Microsoft.KeyVault/vaults/certificates/read',
  updateCertificatePolicy: 'Microsoft.KeyVault/vaults/certificates/update/action',
  deleteCertificate: 'Microsoft.KeyVault/vaults/certificates/delete',
  listDeletedCertificates: 'Microsoft.KeyVault/vaults/certificates/read',
  readDeletedCertificate: 'Microsoft.KeyVault/vaults/certificates/read',
  recoverDeletedCertificate: 'Microsoft.KeyVault/vaults/certificates/recover/action',
  purgeDeletedCertificate: 'Microsoft.KeyVault/vaults/certificates/purge/action',
  listSecrets: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  listSecretVersions: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  readSecret: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  setSecret: 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
  updateSecret: 'Microsoft.KeyVault/vaults/secrets/update/action',
  deleteSecret: 'Microsoft.KeyVault/vaults/secrets/delete',
  listDeletedSecrets: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  readDeletedSecret: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  recoverDeletedSecret: 'Microsoft.KeyVault/vaults/secrets/recover/action',
  purgeDeletedSecret: 'Microsoft.KeyVault/vaults/secrets/purge/action',
} as const

/** An operation of a vault. */
export type VaultOperation = keyof typeof dataActions
