import type { Change } from '@causeway/store'
import { type Attributes, recoveryLevelOf, type SoftDelete } from './attributes.ts'
import { dataActions, type VaultOperation } from './data-actions.ts'
import { VaultError } from './vault-error.ts'
import {
  type StoredObject,
  type VaultChanges,
  type VaultData,
  type VaultRecords,
  type VersionRecord,
  vaultChanges,
  vaultRecords,
} from './vault-records.ts'

/** Where a vault is and who uses it: a view of what is stored, made anew for each caller. */
export interface VaultOptions {
  readonly data: VaultData
  /** The vault's own folder of documents and secrets, such as `vaults/contoso`. */
  readonly folder: string
  /** Where it is reached, without a trailing slash: `https://contoso.vault.example`. */
  readonly url: string
  readonly softDelete: SoftDelete
  readonly unixSeconds: () => number
  /** The caller, for the history. */
  readonly who: string
}

/** What an operation changes, and what the history says of it. Neither holds a secret. */
export interface VaultCommit {
  readonly operation: VaultOperation
  readonly name: string
  readonly changes: readonly Change[]
  readonly before?: unknown
  readonly after?: unknown
}

/** @internal What the operations of a vault share. */
export interface VaultContext {
  readonly url: string
  readonly softDelete: SoftDelete
  readonly records: VaultRecords
  readonly changes: VaultChanges
  now(): number
  /** What is stored of a name, deleted or not. What should have been purged by now is. */
  object(name: string): Promise<StoredObject | undefined>
  /** `false`: somebody else was quicker. */
  commit(commit: VaultCommit): Promise<boolean>
  attributesOf(record: VersionRecord): Attributes
}

export function vaultContext(options: VaultOptions): VaultContext {
  const { data, folder, url, softDelete, unixSeconds, who } = options
  const records = vaultRecords(data, folder)
  const context: VaultContext = {
    url,
    softDelete,
    records,
    changes: vaultChanges(data, folder),
    now: unixSeconds,
    async object(name) {
      const stored = await records.object(name)
      const { deleted } = stored?.record ?? {}
      if (!stored || !deleted || deleted.scheduledPurgeDate > unixSeconds()) return stored
      await removeForGood(context, stored, name)
      return records.object(name)
    },
    async commit({ operation, name, changes, before, after }) {
      const target = `${folder}/objects/${name.toLowerCase()}`
      const action = dataActions[operation]
      const entry = { at: unixSeconds(), who, action, target, before, after }
      const outcome = await data.documents.commit([...changes, { type: 'record', entry }])
      return outcome.type === 'written'
    },
    attributesOf: record => attributesOf(record, softDelete),
  }
  return context
}

/** @internal Removes an object with all its versions and values. `false`: somebody else changed it meanwhile. */
export async function removeForGood(
  context: VaultContext,
  { record, documentVersion }: StoredObject,
  name: string,
): Promise<boolean> {
  const operation = record.type === 'certificate' ? 'purgeDeletedCertificate' : 'purgeDeletedSecret'
  const changes = await context.changes.removeAll(name, documentVersion)
  return context.commit({ operation, name, changes, before: record })
}

/** Ours: turns of reading and writing while others change the same name. */
const ATTEMPTS = 20

/** @internal Tries again while somebody else is quicker (`undefined`). Errors: `Conflict`. */
export async function untilWritten<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const result = await attempt()
    if (result !== undefined) return result
  }
  throw new VaultError('Conflict', 'others change the same name all the time; try again')
}

function attributesOf(record: VersionRecord, softDelete: SoftDelete): Attributes {
  const { enabled, nbf, exp, created, updated } = record
  return {
    enabled,
    ...(nbf !== undefined && { nbf }),
    ...(exp !== undefined && { exp }),
    created,
    updated,
    recoveryLevel: recoveryLevelOf(softDelete),
    recoverableDays: softDelete.retentionDays,
  }
}
