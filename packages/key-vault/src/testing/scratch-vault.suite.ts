import { openMemoryStore, type SqliteDocumentStore } from '@causeway/store'
import { onTestFinished } from 'vitest'
import { openVault, type Vault } from '../vault.ts'
import type { VaultOptions } from '../vault-context.ts'

/** 2026-11-22. */
export const NOW = 1_795_305_600
export const URL = 'https://contoso.vault.example'
export const DAY = 86_400

/** A vault for one test, with a clock that the test sets. */
export interface ScratchVault extends Vault {
  readonly store: SqliteDocumentStore
  setTime(unixSeconds: number): void
  as(options: Partial<VaultOptions>): Vault
}

export async function scratchVault(): Promise<ScratchVault> {
  const store = await openMemoryStore()
  onTestFinished(() => store.close())
  let now = NOW
  const options: VaultOptions = {
    data: { documents: store, secrets: store.secrets },
    folder: 'vaults/contoso',
    url: URL,
    softDelete: { retentionDays: 90, purgeProtection: false },
    unixSeconds: () => now,
    who: 'ann',
  }
  return {
    ...openVault(options),
    store,
    setTime: time => {
      now = time
    },
    as: changes => openVault({ ...options, ...changes }),
  }
}
