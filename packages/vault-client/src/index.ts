/** Reads certificates of a key vault, ours or Azure's, with Azure's own clients. */
export type { VaultIdentity } from './identity.ts'
export { limits } from './limits.ts'
export type { VaultAddress } from './vault-agent.ts'
export {
  createVaultClient,
  type VaultCertificate,
  type VaultClient,
  type VaultClientOptions,
} from './vault-client.ts'
export { AZURE_VAULT_DOMAINS, parseVaultObjectId, type VaultObjectId } from './vault-object-id.ts'
export type { VaultRefusal, VaultRefusalReason, VaultRole } from './vault-refusal.ts'
