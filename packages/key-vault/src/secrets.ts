import { type Attributes, readAttributes } from './attributes.ts'
import {
  checkNameIsFree,
  type FoundVersion,
  findDeleted,
  findVersion,
  managed,
  purgeDeleted,
  recoverDeleted,
  softDelete,
} from './deletion.ts'
import { bodyOf, stringIn, tagsIn } from './fields.ts'
import { type ListOptions, type ListPage, listObjects, listVersions } from './listing.ts'
import { checkedName, checkedVersion, newVersion } from './object-name.ts'
import { untilWritten, type VaultContext } from './vault-context.ts'
import { badParameter, VaultError } from './vault-error.ts'
import type { ObjectRecord, VersionRecord } from './vault-records.ts'

/** A secret without its value. Wire names as in Key Vault. */
export interface SecretItem {
  /** With the version, except in a list of secrets. */
  readonly id: string
  readonly contentType?: string
  readonly attributes: Attributes
  readonly tags?: Readonly<Record<string, string>>
  /** The key of a certificate's secret. */
  readonly kid?: string
  /** It belongs to a certificate. */
  readonly managed?: true
}

export interface SecretBundle extends SecretItem {
  readonly value: string
}

/** Of what is deleted. Unix seconds. */
export interface DeletedPart {
  readonly recoveryId: string
  readonly deletedDate: number
  readonly scheduledPurgeDate: number
}
export type DeletedSecret = SecretItem & DeletedPart

/** The secrets of a vault. `version` absent or empty: the current one. Errors: `VaultError`. */
export interface Secrets {
  /** `body`: `{value, contentType?, attributes?, tags?}`. Makes a new version. */
  set(name: string, body: unknown): Promise<SecretBundle>
  /** Errors: `Forbidden` when it is disabled. */
  get(name: string, version?: string): Promise<SecretBundle>
  list(options?: ListOptions): Promise<ListPage<SecretItem>>
  listVersions(name: string, options?: ListOptions): Promise<ListPage<SecretItem>>
  /** `body`: `{contentType?, attributes?, tags?}`; what is absent stays. */
  update(name: string, version: string | undefined, body: unknown): Promise<SecretItem>
  delete(name: string): Promise<DeletedSecret>
  listDeleted(options?: ListOptions): Promise<ListPage<DeletedSecret>>
  getDeleted(name: string): Promise<DeletedSecret>
  recover(name: string): Promise<SecretItem>
  purge(name: string): Promise<void>
}

/** From the specification: 25 KB. */
const VALUE_CHARACTERS = 25_600
const CONTENT_TYPE_CHARACTERS = 255

/** @internal */
export function vaultSecrets(context: VaultContext): Secrets {
  const item = (
    record: ObjectRecord,
    version: VersionRecord,
    id = idOf(context, record, version),
  ): SecretItem => itemOf(context, record, version, id)
  const short = (record: ObjectRecord, version: VersionRecord): SecretItem =>
    item(record, version, `${context.url}/secrets/${record.name}`)
  const deleted = ({ stored, version }: FoundVersion): DeletedSecret => ({
    ...item(stored.record, version.record),
    ...deletedPartOf(context, 'secrets', stored.record),
  })
  return {
    set: async (name, body) => set(context, checkedName(name), body),
    async get(name, version) {
      const found = await findVersion(context, 'secret', checkedName(name), checkedVersion(version))
      return readValue(context, found)
    },
    list: async (options = {}) => listObjects(context, options, record => !record.deleted, short),
    async listVersions(name, options = {}) {
      const { stored } = await findVersion(context, 'secret', checkedName(name), undefined)
      return listVersions(context, name, options, version => item(stored.record, version))
    },
    update: async (name, version, body) => update(context, checkedName(name), checkedVersion(version), body),
    delete: async name => deleted(await softDelete(context, 'secret', checkedName(name))),
    listDeleted: async (options = {}) =>
      listObjects(
        context,
        options,
        record => record.type === 'secret' && record.deleted !== undefined,
        (record, version) => ({ ...short(record, version), ...deletedPartOf(context, 'secrets', record) }),
      ),
    getDeleted: async name => deleted(await findDeleted(context, 'secret', checkedName(name))),
    async recover(name) {
      const { stored, version } = await recoverDeleted(context, 'secret', checkedName(name))
      return item(stored.record, version.record)
    },
    purge: async name => purgeDeleted(context, 'secret', checkedName(name)),
  }
}

/** @internal What an answer about something deleted has besides. */
export function deletedPartOf(
  { url }: VaultContext,
  collection: 'secrets' | 'certificates',
  { name, deleted }: ObjectRecord,
): DeletedPart {
  if (!deleted) throw new RangeError(`${name} is not deleted`)
  return { recoveryId: `${url}/deleted${collection}/${name}`, ...deleted }
}

function set(context: VaultContext, name: string, body: unknown): Promise<SecretBundle> {
  const fields = bodyOf(body)
  const value = stringIn(fields, 'value', VALUE_CHARACTERS)
  if (value === undefined) throw badParameter('value', 'is missing')
  const contentType = stringIn(fields, 'contentType', CONTENT_TYPE_CHARACTERS)
  const [attributes, tags] = [readAttributes(fields), tagsIn(fields)]
  return untilWritten(async () => {
    const stored = await context.object(name)
    checkNameIsFree(stored, 'secret')
    const now = context.now()
    const version: VersionRecord = {
      enabled: true,
      ...attributes,
      version: newVersion(),
      created: now,
      updated: now,
      ...(tags && { tags }),
      ...(contentType !== undefined && { contentType }),
    }
    const record: ObjectRecord = {
      type: 'secret',
      name: stored?.record.name ?? name,
      version: version.version,
    }
    const { putObject, putVersion, putValue } = context.changes
    const isWritten = await context.commit({
      operation: 'setSecret',
      name,
      changes: [
        putObject(record, stored?.documentVersion ?? 0),
        putVersion(name, version, 0),
        putValue(name, version.version, value),
      ],
      before: stored?.record,
      after: version,
    })
    if (!isWritten) return undefined
    return { value, ...itemOf(context, record, version, idOf(context, record, version)) }
  })
}

async function readValue(context: VaultContext, { stored, version }: FoundVersion): Promise<SecretBundle> {
  const { record } = version
  if (!record.enabled)
    throw new VaultError('Forbidden', 'Operation get is not allowed on a disabled secret.', {
      inner: 'SecretDisabled',
    })
  const value = await context.records.value(stored.record.name, record.version)
  if (value === undefined)
    throw new RangeError(`the value of ${stored.record.name}/${record.version} is missing in the store`)
  return { value, ...itemOf(context, stored.record, record, idOf(context, stored.record, record)) }
}

function update(
  context: VaultContext,
  name: string,
  version: string | undefined,
  body: unknown,
): Promise<SecretItem> {
  const fields = bodyOf(body)
  const contentType = stringIn(fields, 'contentType', CONTENT_TYPE_CHARACTERS)
  const [attributes, tags] = [readAttributes(fields), tagsIn(fields)]
  return untilWritten(async () => {
    const { stored, version: found } = await findVersion(context, 'secret', name, version)
    if (stored.record.type === 'certificate') throw managed(stored.record.name)
    const next: VersionRecord = {
      ...found.record,
      ...attributes,
      updated: context.now(),
      ...(tags && { tags }),
      ...(contentType !== undefined && { contentType }),
    }
    const isWritten = await context.commit({
      operation: 'updateSecret',
      name,
      changes: [context.changes.putVersion(name, next, found.documentVersion)],
      before: found.record,
      after: next,
    })
    return isWritten ? itemOf(context, stored.record, next, idOf(context, stored.record, next)) : undefined
  })
}

function idOf({ url }: VaultContext, { name }: ObjectRecord, { version }: VersionRecord): string {
  return `${url}/secrets/${name}/${version}`
}

function itemOf(context: VaultContext, record: ObjectRecord, version: VersionRecord, id: string): SecretItem {
  const { contentType, tags } = version
  return {
    id,
    ...(contentType !== undefined && { contentType }),
    attributes: context.attributesOf(version),
    ...(tags && { tags }),
    ...(record.type === 'certificate' && {
      kid: `${context.url}/keys/${record.name}/${version.version}`,
      managed: true,
    }),
  }
}
