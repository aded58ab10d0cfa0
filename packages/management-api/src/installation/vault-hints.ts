import type { DocumentStore } from '@causeway/store'

/** Folders of what a reading of a vault depends on: what is in vaults, who may read it, and as whom. */
const FOLDERS = [
  'vaults',
  'vault-names',
  'role-assignments',
  'role-definitions',
  'managed-identities',
] as const
/** The vaults themselves, with their access policies. */
const VAULT_RESOURCE = '/providers/microsoft.keyvault/vaults/'

/** Tells of every change that a reading of a vault may depend on. Returns what ends it. */
export function watchVaults(documents: Pick<DocumentStore, 'watch'>, onChanged: () => void): () => void {
  const stops = [
    ...FOLDERS.map(folder => documents.watch(folder, onChanged)),
    documents.watch('resources', ({ key }) => {
      if (key.includes(VAULT_RESOURCE)) onChanged()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
