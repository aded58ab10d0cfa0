import {
  type DocumentSecrets,
  secretsOf,
  type VirtualNetworkGateway,
  withoutSecrets,
  withSecrets,
} from '@causeway/api-contract'
import { resourceOf } from './document-shape.ts'
import { DOCUMENTS, SECRETS } from './installation.ts'
import { readSealed, type SealedDocuments, type SealedPlace, sealedDraft } from './sealed-document.ts'
import type { Draft } from './stored.ts'

/** A resource as it is stored and shown, and apart from it the secrets of its RADIUS servers. */
export interface ResourceWithSecrets {
  /** Its secrets read `[secret]`. */
  readonly resource: VirtualNetworkGateway
  readonly secrets: DocumentSecrets
}

/** In place of a {@link ResourceWithSecrets}: there is no gateway. */
export interface NoResource {
  readonly resource?: undefined
  readonly secrets?: undefined
}

const PLACE: SealedPlace = { document: DOCUMENTS.gateway, secrets: SECRETS.radius }

/**
 * Takes a document apart. A server whose secret it does not tell keeps the one that is known for it. Errors:
 * `CommandError` `InvalidParameter`, which names no secret.
 */
export function separateSecrets(document: unknown, known: DocumentSecrets = new Map()): ResourceWithSecrets {
  const resource = resourceOf(withSecrets(document, known))
  return { resource: withoutSecrets(resource), secrets: secretsOf(resource) }
}

/**
 * The stored resource, `undefined` where there is none yet. Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function readStoredResource(store: SealedDocuments): Promise<ResourceWithSecrets | undefined> {
  const stored = await readSealed(store, PLACE)
  // Versions before this one kept secrets in the document, where nobody looked at them.
  return stored && separateSecrets(stored.value, stored.secrets)
}

/** The draft of a resource with its secrets; `undefined`: that there is none. Errors: `StoreError`. */
export function resourceDraft(
  store: SealedDocuments,
  { resource, secrets }: ResourceWithSecrets | NoResource,
): Promise<Draft> {
  return sealedDraft(store, PLACE, resource && { value: resource, secrets })
}
