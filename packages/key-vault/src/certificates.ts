import { createHash, randomBytes } from 'node:crypto'
import { describeCertificate, type KeyBundle } from '@causeway/x509'
import { type Attributes, readAttributes, type SettableAttributes } from './attributes.ts'
import { CONTENT_CHARACTERS, formatChain, formatContent, readContent } from './certificate-content.ts'
import { issueByPolicy } from './certificate-issuing.ts'
import {
  type CertificatePolicy,
  changedPolicy,
  policyIn,
  policyOfImport,
  policyToIssue,
  readPolicy,
} from './certificate-policy.ts'
import {
  checkNameIsFree,
  type FoundVersion,
  findDeleted,
  findVersion,
  purgeDeleted,
  recoverDeleted,
  replaceRecord,
  softDelete,
} from './deletion.ts'
import { bodyOf, type Fields, objectIn, stringIn, tagsIn } from './fields.ts'
import { type ListOptions, type ListPage, listObjects, listVersions } from './listing.ts'
import { checkedName, checkedVersion, newVersion } from './object-name.ts'
import { type DeletedPart, deletedPartOf } from './secrets.ts'
import { untilWritten, type VaultContext } from './vault-context.ts'
import { badParameter, VaultError } from './vault-error.ts'
import type { ObjectRecord, StoredObject, VersionRecord } from './vault-records.ts'

/** A certificate in a list. Wire names as in Key Vault. */
export interface CertificateItem {
  /** With the version, except in a list of certificates. */
  readonly id: string
  /** SHA-1 of the DER in base64url. */
  readonly x5t: string
  readonly subject: string
  readonly attributes: Attributes
  readonly tags?: Readonly<Record<string, string>>
}

export interface CertificateBundle extends Omit<CertificateItem, 'subject'> {
  readonly kid: string
  /** The secret of the same name and version, in which its key is. */
  readonly sid: string
  /** DER in base64. */
  readonly cer: string
  readonly contentType?: string
  readonly policy: ShownPolicy
}
export type ShownPolicy = CertificatePolicy & { readonly id: string }
export type DeletedCertificate = CertificateBundle & DeletedPart
export type DeletedCertificateItem = CertificateItem & DeletedPart

/** The creation of a version. Ours are complete when they are answered: the vault signs them itself. */
export interface CertificateOperation {
  readonly id: string
  readonly issuer: { readonly name: string }
  readonly cancellation_requested: boolean
  readonly status: 'completed'
  readonly target: string
  readonly request_id: string
}

/** The certificates of a vault. `version` absent or empty: the current one. Errors: `VaultError`. */
export interface Certificates {
  /** `body`: `{value, pwd?, policy?, attributes?, tags?}`; `value` is base64 of PKCS#12, or PEM. */
  import(name: string, body: unknown): Promise<CertificateBundle>
  /** `body`: `{policy, attributes?, tags?}`. Makes a new version, self-signed. */
  create(name: string, body: unknown): Promise<CertificateOperation>
  /** Errors: `PendingCertificateNotFound`. */
  operation(name: string): Promise<CertificateOperation>
  deleteOperation(name: string): Promise<CertificateOperation>
  get(name: string, version?: string): Promise<CertificateBundle>
  list(options?: ListOptions): Promise<ListPage<CertificateItem>>
  listVersions(name: string, options?: ListOptions): Promise<ListPage<CertificateItem>>
  /** `body`: `{attributes?, tags?, policy?}`; what is absent stays. */
  update(name: string, version: string | undefined, body: unknown): Promise<CertificateBundle>
  policy(name: string): Promise<ShownPolicy>
  /** `body`: a policy; what is absent stays. The next version follows it. */
  updatePolicy(name: string, body: unknown): Promise<ShownPolicy>
  delete(name: string): Promise<DeletedCertificate>
  listDeleted(options?: ListOptions): Promise<ListPage<DeletedCertificateItem>>
  getDeleted(name: string): Promise<DeletedCertificate>
  recover(name: string): Promise<CertificateBundle>
  purge(name: string): Promise<void>
}

const KIND = 'certificate'

/** @internal */
export function vaultCertificates(context: VaultContext): Certificates {
  const isLive = ({ type, deleted }: ObjectRecord): boolean => type === KIND && !deleted
  const isDeleted = ({ type, deleted }: ObjectRecord): boolean => type === KIND && deleted !== undefined
  const item = (record: ObjectRecord, version: VersionRecord): CertificateItem =>
    itemOf(context, version, `${context.url}/certificates/${record.name}`)
  const bundle = ({ stored, version }: FoundVersion): CertificateBundle =>
    bundleOf(context, stored.record, version.record)
  const deleted = (found: FoundVersion): DeletedCertificate => ({
    ...bundle(found),
    ...deletedPartOf(context, 'certificates', found.stored.record),
  })
  const found = (name: string, version?: string): Promise<FoundVersion> =>
    findVersion(context, KIND, checkedName(name), checkedVersion(version))
  return {
    import: async (name, body) => importContent(context, checkedName(name), bodyOf(body)),
    create: async (name, body) => create(context, checkedName(name), bodyOf(body)),
    operation: async name => operationOf((await found(name)).stored),
    deleteOperation: async name => deleteOperation(context, checkedName(name)),
    get: async (name, version) => bundle(await found(name, version)),
    list: async (options = {}) => listObjects(context, options, isLive, item),
    async listVersions(name, options = {}) {
      const { record } = (await found(name)).stored
      return listVersions(context, name, options, version =>
        itemOf(context, version, `${context.url}/certificates/${record.name}/${version.version}`),
      )
    },
    update: async (name, version, body) =>
      update(context, checkedName(name), checkedVersion(version), bodyOf(body)),
    policy: async name => shownPolicy(context, (await found(name)).stored.record),
    updatePolicy: async (name, body) => updatePolicy(context, checkedName(name), bodyOf(body)),
    delete: async name => deleted(await softDelete(context, KIND, checkedName(name))),
    listDeleted: async (options = {}) =>
      listObjects(context, options, isDeleted, (record, version) => ({
        ...item(record, version),
        ...deletedPartOf(context, 'certificates', record),
      })),
    getDeleted: async name => deleted(await findDeleted(context, KIND, checkedName(name))),
    recover: async name => bundle(await recoverDeleted(context, KIND, checkedName(name))),
    purge: async name => purgeDeleted(context, KIND, checkedName(name)),
  }
}

function importContent(context: VaultContext, name: string, fields: Fields): Promise<CertificateBundle> {
  const value = stringIn(fields, 'value', CONTENT_CHARACTERS)
  if (value === undefined) throw badParameter('value', 'is missing: base64 of a PKCS#12 file, or PEM')
  const content = readContent(value, stringIn(fields, 'pwd', 1_024))
  const policy = policyOfImport(policyIn(fields), content, context.now())
  const [attributes, tags] = [readAttributes(fields), tagsIn(fields)]
  return untilWritten(async () => {
    const stored = await context.object(name)
    checkNameIsFree(stored, KIND)
    const made = { policy, attributes, tags, bundle: content.bundle }
    return storeVersion(context, name, stored, 'importCertificate', made)
  })
}

async function create(context: VaultContext, name: string, fields: Fields): Promise<CertificateOperation> {
  const requested = policyIn(fields)
  const [attributes, tags] = [readAttributes(fields), tagsIn(fields)]
  return untilWritten(async () => {
    const stored = await context.object(name)
    checkNameIsFree(stored, KIND)
    const policy = policyToIssue(requested, context.now(), stored?.record.policy)
    return issueVersion(context, name, stored, { policy, attributes, tags })
  })
}

/** @internal The next version by its policy. `undefined`: somebody else was quicker. */
export async function issueVersion(
  context: VaultContext,
  name: string,
  stored: StoredObject | undefined,
  made: Omit<MadeVersion, 'bundle'>,
): Promise<CertificateOperation | undefined> {
  const { policy } = made
  const former = stored && (await keyToReuse(context, stored.record, policy))
  const bundle = await issueByPolicy(policy, context.now(), former)
  const shown = stored?.record.name ?? name
  const operation: CertificateOperation = {
    id: `${context.url}/certificates/${shown}/pending`,
    issuer: { name: policy.issuer.name },
    cancellation_requested: false,
    status: 'completed',
    target: `${context.url}/certificates/${shown}`,
    request_id: randomBytes(16).toString('hex'),
  }
  const written = await storeVersion(context, name, stored, 'createCertificate', {
    ...made,
    bundle,
    operation,
  })
  return written && operation
}

/** A version that is to be stored, with the policy that the certificate has from then on. */
interface MadeVersion {
  readonly bundle: KeyBundle
  readonly policy: CertificatePolicy
  readonly attributes: SettableAttributes
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly operation?: CertificateOperation
}

/** `undefined`: somebody else was quicker. */
async function storeVersion(
  context: VaultContext,
  name: string,
  stored: StoredObject | undefined,
  by: 'importCertificate' | 'createCertificate',
  { bundle, policy, attributes, tags, operation }: MadeVersion,
): Promise<CertificateBundle | undefined> {
  const { contentType } = policy.secret_props
  const { exportable } = policy.key_props
  const version = versionOf(bundle, context.now(), {
    enabled: attributes.enabled ?? true,
    ...(tags && { tags }),
    // Without its key there is no PKCS#12 to make of it.
    contentType: exportable ? contentType : 'application/x-pem-file',
  })
  const record: ObjectRecord = {
    type: KIND,
    name: stored?.record.name ?? name,
    version: version.version,
    policy,
    ...(operation && { operation }),
  }
  const value = exportable ? formatContent(bundle, contentType) : formatChain(bundle)
  const { putObject, putVersion, putValue, putPrivateKey } = context.changes
  const isWritten = await context.commit({
    operation: by,
    name,
    changes: [
      putObject(record, stored?.documentVersion ?? 0),
      putVersion(name, version, 0),
      putValue(name, version.version, value),
      ...(exportable ? [] : [putPrivateKey(name, version.version, bundle.privateKey)]),
    ],
    before: stored?.record,
    after: record,
  })
  return isWritten ? bundleOf(context, record, version) : undefined
}

function versionOf(
  { certificate }: KeyBundle,
  now: number,
  given: Pick<VersionRecord, 'enabled' | 'tags' | 'contentType'>,
): VersionRecord {
  const { notBefore, notAfter } = describeCertificate(certificate)
  return {
    ...given,
    version: newVersion(),
    nbf: notBefore,
    exp: notAfter,
    created: now,
    updated: now,
    cer: Buffer.from(certificate).toString('base64'),
  }
}

/**
 * The key of the current version, where the next one is to have it. One that was not to leave the vault does not leave
 * it with a version that may: that one gets a key of its own.
 */
async function keyToReuse(
  { records }: VaultContext,
  { name, version }: ObjectRecord,
  { key_props: { reuse_key, exportable } }: CertificatePolicy,
): Promise<string | undefined> {
  if (!reuse_key) return undefined
  const apart = await records.privateKey(name, version)
  if (apart !== undefined) return exportable ? undefined : apart
  const value = await records.value(name, version)
  return value === undefined ? undefined : readContent(value, undefined).bundle.privateKey
}

function operationOf({ record }: StoredObject): CertificateOperation {
  if (record.operation) return record.operation
  throw new VaultError('PendingCertificateNotFound', `Pending certificate not found: ${record.name}`)
}

function deleteOperation(context: VaultContext, name: string): Promise<CertificateOperation> {
  return untilWritten(async () => {
    const { stored } = await findVersion(context, KIND, name, undefined)
    const operation = operationOf(stored)
    const { operation: _, ...record } = stored.record
    const isWritten = await replaceRecord(context, stored, record, 'deleteCertificateOperation')
    return isWritten ? operation : undefined
  })
}

function update(
  context: VaultContext,
  name: string,
  version: string | undefined,
  fields: Fields,
): Promise<CertificateBundle> {
  const [attributes, tags, policy] = [readAttributes(fields), tagsIn(fields), objectIn(fields, 'policy')]
  return untilWritten(async () => {
    const { stored, version: found } = await findVersion(context, KIND, name, version)
    checkDates(attributes, found.record)
    const { enabled = found.record.enabled } = attributes
    const next: VersionRecord = { ...found.record, enabled, updated: context.now(), ...(tags && { tags }) }
    const record: ObjectRecord = policy
      ? {
          ...stored.record,
          policy: changedPolicy(policyOf(stored.record), readPolicy(policy), context.now()),
        }
      : stored.record
    const { putVersion, putObject } = context.changes
    const isWritten = await context.commit({
      operation: 'updateCertificate',
      name,
      changes: [
        putVersion(name, next, found.documentVersion),
        ...(policy ? [putObject(record, stored.documentVersion)] : []),
      ],
      before: { ...found.record, policy: stored.record.policy },
      after: { ...next, policy: record.policy },
    })
    return isWritten ? bundleOf(context, record, next) : undefined
  })
}

function checkDates(given: SettableAttributes, { nbf, exp }: VersionRecord): void {
  const isSame = (given.nbf ?? nbf) === nbf && (given.exp ?? exp) === exp
  if (!isSame)
    throw badParameter('attributes', 'nbf and exp are those of the certificate itself, and cannot be set')
}

function updatePolicy(context: VaultContext, name: string, fields: Fields): Promise<ShownPolicy> {
  const requested = readPolicy(fields)
  return untilWritten(async () => {
    const { stored } = await findVersion(context, KIND, name, undefined)
    const policy = changedPolicy(policyOf(stored.record), requested, context.now())
    const record: ObjectRecord = { ...stored.record, policy }
    const isWritten = await replaceRecord(context, stored, record, 'updateCertificatePolicy')
    return isWritten ? shownPolicy(context, record) : undefined
  })
}

function itemOf(context: VaultContext, version: VersionRecord, id: string): CertificateItem {
  const der = Buffer.from(version.cer ?? '', 'base64')
  const { tags } = version
  return {
    id,
    x5t: createHash('sha1').update(der).digest('base64url'),
    subject: describeCertificate(der).subject,
    attributes: context.attributesOf(version),
    ...(tags && { tags }),
  }
}

function bundleOf(context: VaultContext, record: ObjectRecord, version: VersionRecord): CertificateBundle {
  const { url } = context
  const place = `${record.name}/${version.version}`
  const { subject: _, ...item } = itemOf(context, version, `${url}/certificates/${place}`)
  return {
    ...item,
    kid: `${url}/keys/${place}`,
    sid: `${url}/secrets/${place}`,
    cer: version.cer ?? '',
    ...(version.contentType !== undefined && { contentType: version.contentType }),
    policy: shownPolicy(context, record),
  }
}

function shownPolicy({ url }: VaultContext, record: ObjectRecord): ShownPolicy {
  return { id: `${url}/certificates/${record.name}/policy`, ...policyOf(record) }
}

function policyOf({ name, policy }: ObjectRecord): CertificatePolicy {
  if (!policy) throw new RangeError(`the certificate ${name} is stored without a policy`)
  return policy
}
