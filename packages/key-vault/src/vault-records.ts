import type { Change, DocumentStore, SecretStore, StoredDocument } from '@causeway/store'
import type { SettableAttributes } from './attributes.ts'
import type { CertificatePolicy } from './certificate-policy.ts'
import type { CertificateOperation } from './certificates.ts'

/** What is stored of a name: a certificate with its secret, or a secret. The name is its creator's in case. */
export interface ObjectRecord {
  readonly type: 'certificate' | 'secret'
  readonly name: string
  /** The current version. */
  readonly version: string
  readonly deleted?: Deletion
  /** Of a certificate. */
  readonly policy?: CertificatePolicy
  /** The last creation, until it is deleted. */
  readonly operation?: CertificateOperation
}

/** Unix seconds. */
export interface Deletion {
  readonly deletedDate: number
  readonly scheduledPurgeDate: number
}

/** What is stored of a version. Its value is sealed, apart from it. */
export interface VersionRecord extends SettableAttributes {
  readonly version: string
  readonly enabled: boolean
  readonly created: number
  readonly updated: number
  readonly tags?: Readonly<Record<string, string>>
  readonly contentType?: string
  /** Of a certificate: DER in base64. */
  readonly cer?: string
}

/** An object as it was read. */
export interface StoredObject {
  readonly record: ObjectRecord
  /** The document's version, for compare-and-set. */
  readonly documentVersion: number
}

/** A version as it was read. */
export interface StoredVersion {
  readonly record: VersionRecord
  readonly documentVersion: number
}

/** What a vault is kept in. */
export interface VaultData {
  readonly documents: DocumentStore
  readonly secrets: Pick<SecretStore, 'read'>
}

/** The documents of a vault, below a folder of its own. */
export interface VaultRecords {
  object(name: string): Promise<StoredObject | undefined>
  version(name: string, version: string): Promise<StoredVersion | undefined>
  /** By name, a page at a time; `after` is the last name of the page before. */
  objects(after: string | undefined, limit: number): Promise<readonly ObjectRecord[]>
  versions(name: string, after: string | undefined, limit: number): Promise<readonly VersionRecord[]>
  value(name: string, version: string): Promise<string | undefined>
  /** PKCS#8 in PEM. */
  privateKey(name: string, version: string): Promise<string | undefined>
}

/** Changes of a vault's documents, to be committed together. */
export interface VaultChanges {
  putObject(record: ObjectRecord, documentVersion: number): Change
  /** `documentVersion` 0: it is new. */
  putVersion(name: string, record: VersionRecord, documentVersion: number): Change
  putValue(name: string, version: string, value: string): Change
  putPrivateKey(name: string, version: string, pem: string): Change
  /** All that there is of a name. */
  removeAll(name: string, documentVersion: number): Promise<readonly Change[]>
}

export function vaultRecords({ documents, secrets }: VaultData, folder: string): VaultRecords {
  const keys = keysBelow(folder)
  const secretText = async (name: string): Promise<string | undefined> => {
    const bytes = await secrets.read(name)
    return bytes && new TextDecoder().decode(bytes)
  }
  return {
    async object(name) {
      const stored = await documents.read(keys.object(name))
      return stored && { record: stored.value as ObjectRecord, documentVersion: stored.version }
    },
    async version(name, version) {
      const stored = await documents.read(keys.version(name, version))
      return stored && { record: stored.value as VersionRecord, documentVersion: stored.version }
    },
    async objects(after, limit) {
      const page = { limit, ...(after !== undefined && { after: keys.object(after) }) }
      return (await documents.scan(keys.objects, page)).map(({ value }) => value as ObjectRecord)
    },
    async versions(name, after, limit) {
      const page = { limit, ...(after !== undefined && { after: keys.version(name, after) }) }
      return (await documents.scan(keys.versions(name), page)).map(({ value }) => value as VersionRecord)
    },
    value: (name, version) => secretText(keys.value(name, version)),
    privateKey: (name, version) => secretText(keys.privateKey(name, version)),
  }
}

export function vaultChanges({ documents }: VaultData, folder: string): VaultChanges {
  const keys = keysBelow(folder)
  const putSecret = (name: string, text: string): Change => ({
    type: 'put-secret',
    name,
    secret: new TextEncoder().encode(text),
  })
  return {
    putObject: (record, documentVersion) => ({
      type: 'put',
      key: keys.object(record.name),
      value: record,
      expectedVersion: documentVersion,
    }),
    putVersion: (name, record, documentVersion) => ({
      type: 'put',
      key: keys.version(name, record.version),
      value: record,
      expectedVersion: documentVersion,
    }),
    putValue: (name, version, value) => putSecret(keys.value(name, version), value),
    putPrivateKey: (name, version, pem) => putSecret(keys.privateKey(name, version), pem),
    async removeAll(name, documentVersion) {
      const versions = await allBelow(documents, keys.versions(name))
      return [
        { type: 'remove', key: keys.object(name), expectedVersion: documentVersion },
        ...versions.flatMap(({ key, value }): Change[] => {
          const { version } = value as VersionRecord
          return [
            { type: 'remove', key },
            { type: 'remove-secret', name: keys.value(name, version) },
            { type: 'remove-secret', name: keys.privateKey(name, version) },
          ]
        }),
      ]
    },
  }
}

/** Keys of documents and names of secrets. Names of a vault compare without case. */
function keysBelow(folder: string) {
  const versions = (name: string): string => `${folder}/versions/${name.toLowerCase()}`
  return {
    objects: `${folder}/objects`,
    object: (name: string): string => `${folder}/objects/${name.toLowerCase()}`,
    versions,
    version: (name: string, version: string): string => `${versions(name)}/${version}`,
    value: (name: string, version: string): string => `${folder}/values/${name.toLowerCase()}/${version}`,
    privateKey: (name: string, version: string): string => `${folder}/keys/${name.toLowerCase()}/${version}`,
  }
}

async function allBelow(documents: DocumentStore, folder: string): Promise<readonly StoredDocument[]> {
  const all: StoredDocument[] = []
  for (;;) {
    const page = await documents.scan(folder, { after: all.at(-1)?.key })
    if (page.length === 0) return all
    all.push(...page)
  }
}
