import { createHash } from 'node:crypto'
import { SECRET_TEXT, withoutSecrets } from '@causeway/api-contract'
import { type ConnectionResource, connectionKey } from '../arm/index.ts'
import { DOCUMENTS, SECRETS } from './installation.ts'
import { readSealed, type SealedDocuments, type SealedPlace, sealedDraft } from './sealed-document.ts'
import type { Draft } from './stored.ts'

/** What connections are read from: their keys are looked for. */
export interface StoredConnections extends SealedDocuments {
  readonly documents: SealedDocuments['documents'] & ListedDocuments
}

interface ListedDocuments {
  list(folder: string): Promise<readonly { readonly key: string }[]>
}

type Properties = ConnectionResource['connection']['properties']

/** The stored connections, secrets and all. Errors: `StoreError`. */
export async function readStoredConnections(store: StoredConnections): Promise<ConnectionResource[]> {
  const found = await store.documents.list(DOCUMENTS.connections)
  const connections: ConnectionResource[] = []
  for (const { key } of found) {
    const stored = await readSealed(store, placeOf(key.slice(DOCUMENTS.connections.length + 1)))
    if (stored) connections.push(withProperties(stored.value as ConnectionResource, stored.secrets))
  }
  return connections
}

/**
 * Drafts of those connections that are not stored yet as they are, and of the removal of those that are gone. One that
 * stays is the same object as in `former`: it is not looked at. Errors: `StoreError`.
 */
export async function connectionDrafts(
  store: SealedDocuments,
  next: readonly ConnectionResource[],
  former: readonly ConnectionResource[],
): Promise<Draft[]> {
  const [present, wanted] = [new Set(former), new Set(next.map(hashOf))]
  const changed = next
    .filter(connection => !present.has(connection))
    .map(connection => draftOf(store, connection))
  const gone = former
    .filter(connection => !wanted.has(hashOf(connection)))
    .map(connection => sealedDraft(store, placeOf(hashOf(connection)), undefined))
  return Promise.all([...changed, ...gone])
}

function draftOf(store: SealedDocuments, resource: ConnectionResource): Promise<Draft> {
  return sealedDraft(store, placeOf(hashOf(resource)), {
    value: withoutSecrets(resource),
    secrets: secretsOf(resource),
  })
}

/** A connection whose secrets are not told keeps those that are known of it: ARM answers without any. */
export function withKnownSecrets(
  next: ConnectionResource,
  known: ConnectionResource | undefined,
): ConnectionResource {
  return known ? withProperties(next, secretsOf(known)) : next
}

/** The secrets of a connection, by the property that each is the value of. */
function secretsOf({ connection }: ConnectionResource): Map<string, string> {
  const given: Readonly<Record<string, unknown>> = connection.properties
  // Those that are not shown are secrets.
  const names = Object.entries(withoutSecrets(given)).flatMap(([name, text]) =>
    text === SECRET_TEXT ? name : [],
  )
  return new Map(
    names.flatMap(name => {
      const secret = given[name]
      return typeof secret === 'string' && !isUntold(secret) ? [[name, secret] as const] : []
    }),
  )
}

/** Where secrets are untold they are those. The same object, where nothing is filled in. */
function withProperties(
  resource: ConnectionResource,
  secrets: ReadonlyMap<string, string>,
): ConnectionResource {
  const { connection } = resource
  const given: Readonly<Record<string, unknown>> = connection.properties
  const found = [...secrets].filter(([name]) => isUntold(given[name]))
  if (found.length === 0) return resource
  const properties: Properties = { ...connection.properties, ...Object.fromEntries(found) }
  return { ...resource, connection: { ...connection, properties } }
}

function isUntold(secret: unknown): boolean {
  return secret === undefined || secret === null || secret === '' || secret === SECRET_TEXT
}

/** Ids hold slashes, and are longer than names of files and secrets may be. */
function hashOf(resource: ConnectionResource): string {
  return createHash('sha256').update(connectionKey(resource)).digest('hex').slice(0, HASH_DIGITS)
}

const HASH_DIGITS = 40

function placeOf(hash: string): SealedPlace {
  return { document: `${DOCUMENTS.connections}/${hash}`, secrets: `${SECRETS.connections}-${hash}` }
}
