import { removeForGood, untilWritten, type VaultContext } from './vault-context.ts'
import { VaultError } from './vault-error.ts'
import type { ObjectRecord, StoredObject, StoredVersion } from './vault-records.ts'

/** The two kinds of what a vault holds. */
export type Kind = ObjectRecord['type']

/** An object that is there, with one of its versions. */
export interface FoundVersion {
  readonly stored: StoredObject
  readonly version: StoredVersion
}

const DAY_SECONDS = 86_400
const WORDS = {
  certificate: {
    code: 'CertificateNotFound',
    title: 'certificate',
    remove: 'deleteCertificate',
    recover: 'recoverDeletedCertificate',
  },
  secret: {
    code: 'SecretNotFound',
    title: 'secret',
    remove: 'deleteSecret',
    recover: 'recoverDeletedSecret',
  },
} as const

/** @internal Errors: `CertificateNotFound` or `SecretNotFound`. */
export function notFound(kind: Kind, name: string): VaultError {
  const { code, title } = WORDS[kind]
  return new VaultError(
    code,
    `A ${title} with (name/id) ${name} was not found in this key vault. If it was deleted recently, it may be recovered.`,
  )
}

/**
 * @internal What may be read as this kind: a certificate is a secret too. `version` absent: the current one. Errors:
 * not found.
 */
export async function findVersion(
  { records, object }: VaultContext,
  kind: Kind,
  name: string,
  version: string | undefined,
): Promise<FoundVersion> {
  const stored = await object(name)
  if (!stored || stored.record.deleted || (kind === 'certificate' && stored.record.type !== kind))
    throw notFound(kind, name)
  const found = await records.version(name, version ?? stored.record.version)
  if (!found) throw notFound(kind, version === undefined ? name : `${name}/${version}`)
  return { stored, version: found }
}

/** @internal Whether a new version of this kind may have the name. Errors: `Conflict`, `Forbidden`. */
export function checkNameIsFree(stored: StoredObject | undefined, kind: Kind): void {
  if (!stored) return
  const { name, type, deleted } = stored.record
  if (deleted)
    throw new VaultError(
      'Conflict',
      `The ${type} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, it can only be recovered or purged.`,
      { inner: 'ObjectIsDeletedButRecoverable' },
    )
  if (type === kind) return
  if (type === 'certificate') throw managed(name)
  throw new VaultError(
    'Conflict',
    `There is a secret named ${name}, and a certificate would need that name for its own: choose another name, or delete and purge the secret.`,
    { inner: 'NameInUse' },
  )
}

/** @internal A secret that is a certificate's cannot be changed by itself. */
export function managed(name: string): VaultError {
  return new VaultError(
    'Forbidden',
    `The secret ${name} is managed by the certificate ${name}: change the certificate instead.`,
    { inner: 'SecretManagedByCertificate' },
  )
}

/** @internal Errors: not found; `Forbidden` for a certificate's secret. */
export function softDelete(context: VaultContext, kind: Kind, name: string): Promise<FoundVersion> {
  return untilWritten(async () => {
    const { stored, version } = await findVersion(context, kind, name, undefined)
    if (stored.record.type !== kind) throw managed(stored.record.name)
    const now = context.now()
    const scheduledPurgeDate = now + context.softDelete.retentionDays * DAY_SECONDS
    const record: ObjectRecord = { ...stored.record, deleted: { deletedDate: now, scheduledPurgeDate } }
    const isWritten = await replaceRecord(context, stored, record, WORDS[kind].remove)
    return isWritten ? { stored: { ...stored, record }, version } : undefined
  })
}

/** @internal What is deleted, and not purged yet. Errors: not found. */
export async function findDeleted(context: VaultContext, kind: Kind, name: string): Promise<FoundVersion> {
  const stored = await context.object(name)
  const version = stored && (await context.records.version(name, stored.record.version))
  if (stored?.record.deleted && stored.record.type === kind && version) return { stored, version }
  const { code, title } = WORDS[kind]
  throw new VaultError(code, `Deleted ${title} not found: ${name}`)
}

/** @internal Errors: not found. */
export function recoverDeleted(context: VaultContext, kind: Kind, name: string): Promise<FoundVersion> {
  return untilWritten(async () => {
    const { stored, version } = await findDeleted(context, kind, name)
    const { deleted: _, ...record } = stored.record
    const isWritten = await replaceRecord(context, stored, record, WORDS[kind].recover)
    return isWritten ? { stored: { ...stored, record }, version } : undefined
  })
}

/** @internal Errors: not found; `Forbidden` under purge protection. */
export async function purgeDeleted(context: VaultContext, kind: Kind, name: string): Promise<void> {
  await untilWritten(async () => {
    const { stored } = await findDeleted(context, kind, name)
    if (context.softDelete.purgeProtection)
      throw new VaultError(
        'Forbidden',
        `Operation "purge" is not allowed: purge protection is enabled for this vault, and ${name} will be purged when its retention ends.`,
        { inner: 'PurgeProtectionEnabled' },
      )
    return (await removeForGood(context, stored, name)) || undefined
  })
}

/** @internal `false`: somebody else was quicker. */
export function replaceRecord(
  context: VaultContext,
  stored: StoredObject,
  record: ObjectRecord,
  operation: Parameters<VaultContext['commit']>[0]['operation'],
): Promise<boolean> {
  const changes = [context.changes.putObject(record, stored.documentVersion)]
  return context.commit({ operation, name: record.name, changes, before: stored.record, after: record })
}
