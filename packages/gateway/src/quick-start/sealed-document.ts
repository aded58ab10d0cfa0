import type { DocumentSecrets } from '@causeway/api-contract'
import type { Change, DataDirectory, SecretStore } from '@causeway/store'
import { type Draft, draftOf } from './stored.ts'

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
  return stored && { value: stored.value, secrets: await readSecrets(store, place, stored.version) }
}

/** The draft of a document together with its secrets, `undefined`: that there are none. Errors: `StoreError`. */
export async function sealedDraft(
  { documents, secrets }: SealedDocuments,
  place: SealedPlace,
  sealed: SealedDocument<unknown> | undefined,
): Promise<Draft> {
  const draft = await draftOf(documents, place.document, sealed?.value)
  const wanted: DocumentSecrets = sealed?.secrets ?? new Map()
  const present = await readSecrets({ secrets }, place, draft.former)
  if (draft.changes.length === 0 && sameSecrets(present, wanted)) return draft
  const { document: key } = place
  const unchanged: Change[] = sealed
    ? [{ type: 'put', key, value: sealed.value, expectedVersion: draft.former }]
    : []
  const changes = draft.changes.length > 0 ? draft.changes : unchanged
  return { ...draft, changes: [...changes, secretsChange(place, wanted)] }
}

/** Secrets by owner; before documents and secrets could change together: those of each version of the document. */
type StoredSecrets = Readonly<Record<string, string | Readonly<Record<string, string>>>>

async function readSecrets(
  { secrets }: Pick<SealedDocuments, 'secrets'>,
  place: SealedPlace,
  version: number,
): Promise<DocumentSecrets> {
  const bytes = await secrets.read(place.secrets)
  const stored = bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as StoredSecrets) : {}
  const own = Object.entries(stored).flatMap(([owner, secret]) => {
    if (typeof secret === 'string') return [[owner, secret] as const]
    return owner === String(version) ? Object.entries(secret) : []
  })
  return new Map(own)
}

function secretsChange({ secrets: name }: SealedPlace, secrets: DocumentSecrets): Change {
  if (secrets.size === 0) return { type: 'remove-secret', name }
  const text = JSON.stringify(Object.fromEntries(secrets))
  return { type: 'put-secret', name, secret: new TextEncoder().encode(text) }
}

function sameSecrets(some: DocumentSecrets, others: DocumentSecrets): boolean {
  return some.size === others.size && [...some].every(([owner, secret]) => others.get(owner) === secret)
}
