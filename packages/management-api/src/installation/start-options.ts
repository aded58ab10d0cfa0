import type { DocumentStore } from '@causeway/store'

/** How the operator wants the API. What is given is kept; what is absent is as it was, or has its default. */
export interface ManagementStartOptions {
  readonly port?: number | 'off'
  /** Address to listen on. */
  readonly host?: string
  /** What follows a vault's name in its host. */
  readonly vaultDomain?: string
  /** Where programs of this machine get tokens of the gateway's identities, on the loopback. Default `off`. */
  readonly identityPort?: number | 'off'
}

export const DEFAULT_PORT = 8_443
export const DEFAULT_VAULT_DOMAIN = 'vault.causeway.internal'

const KEY = 'installation/management'

/** The options of this start, stored for later ones. Errors: the store's. */
export async function keepStartOptions(
  documents: DocumentStore,
  given: ManagementStartOptions,
): Promise<ManagementStartOptions> {
  const stored = await documents.read(KEY)
  const kept = { ...(stored?.value as ManagementStartOptions | undefined), ...given }
  if (JSON.stringify(kept) !== JSON.stringify(stored?.value ?? {}))
    await documents.write(KEY, kept, stored?.version ?? 0)
  return kept
}
