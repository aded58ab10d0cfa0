import { AZURE_VAULT_DOMAINS } from '@causeway/vault-client'

/** Domains below which vaults may be asked for certificates: Azure's, and our own where there is one. */
export function vaultDomainsWith(own: string | undefined): readonly string[] {
  return own === undefined ? AZURE_VAULT_DOMAINS : [...AZURE_VAULT_DOMAINS, own]
}
