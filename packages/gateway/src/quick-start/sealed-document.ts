import type { DocumentSecrets } from '@causeway/api-contract'
import type { DataDirectory, SecretStore } from '@causeway/store'
import { storeVersion, type Written } from './stored.ts'

/** What is read of a data directory; nothing is changed in it. */
export interface SealedDocuments {
  readonly documents: Pick<DataDirectory['documents'], 'read'>
  readonly secrets: Pick<SecretStore, 'read'>
}

/** Where a document is, and where its secrets are. */
export interface SealedPlace {
  /** Key of the document. */
  readonly document: string
  /** Name of the secret that holds all of the document's. */
  readonly secrets: string
}

/** A document as it is stored and shown, and apart from it its secrets. */
export interface SealedDocument<Value> {
  /** Its secrets read `[secret]`. */
  readonly value: Value
  readonly secrets: DocumentSecrets
}

/** The stored document, whatever it is; `undefined` where there is none yet. Errors: `StoreError`. */
export async function readSealed(
  store: SealedDocuments,
  place: SealedPlace,
): Promise<SealedDocument<unknown> | undefined> {
  const stored = await store.documents.read(place.document)
  if (!stored) return undefined
  return { value: stored.value, secrets: secretsAt(await readAll(store, place), stored.version) }
}

/**
 * Stores a document and its secrets, unless they are what is stored. They are two files, so the secrets come first:
 * under the version that the document is about to have, beside those of its present version. The write of the document
 * is then the one moment at which both change; a crash or a full disk before it leaves the former document with the
 * former secrets. Those of other versions are forgotten afterwards. Errors: `CommandError` `Conflict`, `StoreError`.
 */
export async function writeSealed(
  data: Pick<DataDirectory, 'documents' | 'secrets'>,
  place: SealedPlace,
  { value, secrets }: SealedDocument<unknown>,
): Promise<Written> {
  const stored = await data.documents.read(place.document)
  const all = await readAll(data, place)
  const version = stored?.version ?? 0
  const present = secretsAt(all, version)
  try {
    if (JSON.stringify(stored?.value) === JSON.stringify(value) && sameSecrets(present, secrets))
      return { version, changed: false }
    await writeAll(data.secrets, place, all, { [version]: present, [version + 1]: secrets })
    return await storeVersion(data.documents, place.document, value, version)
  } finally {
    await forgetOthers(data, place)
  }
}

/** Secrets by owner, of the versions of the document. */
type SecretsByVersion = Readonly<Record<string, Readonly<Record<string, string>>>>

async function readAll(
  { secrets }: Pick<SealedDocuments, 'secrets'>,
  place: SealedPlace,
): Promise<SecretsByVersion> {
  const bytes = await secrets.read(place.secrets)
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as SecretsByVersion) : {}
}

async function writeAll(
  store: SecretStore,
  place: SealedPlace,
  former: SecretsByVersion,
  next: Readonly<Record<number, DocumentSecrets>>,
): Promise<void> {
  const some = Object.entries(next).filter(([, secrets]) => secrets.size > 0)
  const all = Object.fromEntries(some.map(([version, secrets]) => [version, Object.fromEntries(secrets)]))
  const text = JSON.stringify(all)
  if (text !== JSON.stringify(former)) await store.write(place.secrets, new TextEncoder().encode(text))
}

/** Of versions that are gone, or that never came to be. */
async function forgetOthers(
  data: Pick<DataDirectory, 'documents' | 'secrets'>,
  place: SealedPlace,
): Promise<void> {
  try {
    const version = (await data.documents.read(place.document))?.version ?? 0
    const all = await readAll(data, place)
    await writeAll(data.secrets, place, all, { [version]: secretsAt(all, version) })
  } catch {
    // They count for nothing; the next write and the next start try again. What was stored above holds all the same.
  }
}

function secretsAt(all: SecretsByVersion, version: number): DocumentSecrets {
  return new Map(Object.entries(all[version] ?? {}))
}

function sameSecrets(some: DocumentSecrets, others: DocumentSecrets): boolean {
  return some.size === others.size && [...some].every(([owner, secret]) => others.get(owner) === secret)
}
