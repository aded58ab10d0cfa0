import {
  type RadiusSecrets,
  secretsOf,
  type VirtualNetworkGateway,
  withoutSecrets,
  withSecrets,
} from '@causeway/api-contract'
import type { DataDirectory, SecretStore } from '@causeway/store'
import { resourceOf } from './document-shape.ts'
import { DOCUMENTS, SECRETS } from './installation.ts'
import { storeVersion, type Written } from './stored.ts'

/** A resource as it is stored and shown, and apart from it the secrets of its RADIUS servers. */
export interface ResourceWithSecrets {
  /** Its secrets read `[secret]`. */
  readonly resource: VirtualNetworkGateway
  readonly secrets: RadiusSecrets
}

/** What is read of a data directory; nothing is changed in it. */
export interface ResourceStore {
  readonly documents: Pick<DataDirectory['documents'], 'read'>
  readonly secrets: Pick<SecretStore, 'read'>
}

const NO_SECRETS: RadiusSecrets = new Map()

/**
 * Takes a document apart. A server whose secret it does not tell keeps the one that is known for it. Errors:
 * `CommandError` `InvalidParameter`, which names no secret.
 */
export function separateSecrets(document: unknown, known: RadiusSecrets = NO_SECRETS): ResourceWithSecrets {
  const resource = resourceOf(withSecrets(document, known))
  return { resource: withoutSecrets(resource), secrets: secretsOf(resource) }
}

/**
 * The stored resource, `undefined` where there is none yet. Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function readStoredResource(store: ResourceStore): Promise<ResourceWithSecrets | undefined> {
  const stored = await store.documents.read(DOCUMENTS.gateway)
  if (!stored) return undefined
  // Versions before this one kept secrets in the document, where nobody looked at them.
  return separateSecrets(stored.value, secretsAt(await readAll(store), stored.version))
}

/**
 * Stores a resource and its secrets, unless they are what is stored. They are two files, so the secrets come first:
 * under the version that the resource is about to have, beside those of its present version. The write of the resource
 * is then the one moment at which both change; a crash or a full disk before it leaves the former resource with the
 * former secrets. Those of other versions are forgotten afterwards. Errors: `CommandError` `Conflict`, `StoreError`.
 */
export async function writeResource(
  { documents, secrets: store }: Pick<DataDirectory, 'documents' | 'secrets'>,
  { resource, secrets }: ResourceWithSecrets,
): Promise<Written> {
  const stored = await documents.read(DOCUMENTS.gateway)
  const all = await readAll({ secrets: store })
  const version = stored?.version ?? 0
  const present = secretsAt(all, version)
  try {
    if (JSON.stringify(stored?.value) === JSON.stringify(resource) && sameSecrets(present, secrets))
      return { version, changed: false }
    await writeAll(store, all, { [version]: present, [version + 1]: secrets })
    return await storeVersion(documents, DOCUMENTS.gateway, resource, version)
  } finally {
    await forgetOthers({ documents, secrets: store })
  }
}

/** Secrets by server, of the versions of the resource. */
type SecretsByVersion = Readonly<Record<string, Readonly<Record<string, string>>>>

async function readAll({ secrets }: Pick<ResourceStore, 'secrets'>): Promise<SecretsByVersion> {
  const bytes = await secrets.read(SECRETS.radius)
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as SecretsByVersion) : {}
}

async function writeAll(
  store: SecretStore,
  former: SecretsByVersion,
  next: Readonly<Record<number, RadiusSecrets>>,
): Promise<void> {
  const some = Object.entries(next).filter(([, secrets]) => secrets.size > 0)
  const all = Object.fromEntries(some.map(([version, secrets]) => [version, Object.fromEntries(secrets)]))
  const text = JSON.stringify(all)
  if (text !== JSON.stringify(former)) await store.write(SECRETS.radius, new TextEncoder().encode(text))
}

/** Of versions that are gone, or that never came to be. */
async function forgetOthers(data: Pick<DataDirectory, 'documents' | 'secrets'>): Promise<void> {
  try {
    const version = (await data.documents.read(DOCUMENTS.gateway))?.version ?? 0
    const all = await readAll(data)
    await writeAll(data.secrets, all, { [version]: secretsAt(all, version) })
  } catch {
    // They count for nothing; the next write and the next start try again. What was stored above holds all the same.
  }
}

function secretsAt(all: SecretsByVersion, version: number): RadiusSecrets {
  return new Map(Object.entries(all[version] ?? {}))
}

function sameSecrets(some: RadiusSecrets, others: RadiusSecrets): boolean {
  return some.size === others.size && [...some].every(([server, secret]) => others.get(server) === secret)
}
