import type { DocumentStore, StoredDocument } from '@causeway/store'
import type { Body } from '../resources/document.ts'

/** A vault's name, which one vault has in the whole installation, and whose it is. */
export interface VaultClaim {
  /** As its maker wrote it. */
  readonly name: string
  /** ARM id of the vault. */
  readonly id: string
  /** The vault is deleted, and nobody else may have its name until it is purged. */
  readonly deleted?: VaultDeletion
}

/** What is kept of a deleted vault. */
export interface VaultDeletion {
  readonly body: Body
  /** Unix seconds. */
  readonly deletedDate: number
  readonly scheduledPurgeDate: number
}

/** A deleted vault. */
export type DeletedVault = VaultClaim & { readonly deleted: VaultDeletion }

/** A claim with the version by which it is compared and set. */
export interface StoredClaim {
  readonly claim: VaultClaim
  readonly version: number
}

const CLAIMS = 'vault-names'
/** What a vault may be called, in lower case; nothing else is looked up. */
const NAME = /^[a-z0-9-]{1,63}$/

/** Names of vaults as documents. They compare without case. Errors of every method: the store's. */
export class VaultClaims {
  readonly #store: DocumentStore

  constructor(store: DocumentStore) {
    this.#store = store
  }

  async read(name: string): Promise<StoredClaim | undefined> {
    const key = keyOf(name)
    const stored = key === undefined ? undefined : await this.#store.read(key)
    return stored && claimOf(stored)
  }

  /** Every vault there is, the deleted ones too, by name. */
  async all(): Promise<readonly StoredClaim[]> {
    return (await this.#store.list(CLAIMS)).map(claimOf)
  }

  /** `version` 0: nobody has the name. `false`: somebody else was quicker. */
  async write(claim: VaultClaim, version: number): Promise<boolean> {
    const key = keyOf(claim.name)
    if (key === undefined) throw new Error('ERR_API_KEY: a vault is to be stored whose name was not checked')
    return (await this.#store.write(key, claim, version)).type === 'written'
  }

  /** Gives a name up, with an entry of the history. `false`: somebody else was quicker. */
  async release(
    { claim, version }: StoredClaim,
    entry: { readonly at: number; readonly who: string; readonly action: string },
  ): Promise<boolean> {
    const key = keyOf(claim.name) ?? ''
    const { type } = await this.#store.commit([
      { type: 'remove', key, expectedVersion: version },
      { type: 'record', entry: { ...entry, target: key, before: claim } },
    ])
    return type === 'written'
  }
}

export function isDeleted(claim: VaultClaim): claim is DeletedVault {
  return claim.deleted !== undefined
}

function keyOf(name: string): string | undefined {
  const word = name.toLowerCase()
  return NAME.test(word) ? `${CLAIMS}/${word}` : undefined
}

function claimOf({ value, version }: StoredDocument): StoredClaim {
  return { claim: value as VaultClaim, version }
}
