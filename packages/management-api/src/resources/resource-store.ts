import { isDeepStrictEqual } from 'node:util'
import { definitionOf, parseResourceId, type ResourceId, withoutWriteOnly } from '@causeway/api-contract'
import type { Change, DocumentStore, Page, SecretStore, StoredDocument } from '@causeway/store'
import {
  type Body,
  documentKey,
  isObject,
  type OperationReference,
  type Resource,
  type ResourceDocument,
  type SealedBodies,
} from './document.ts'
import { ReferenceIndex } from './references.ts'

/** Bodies of a resource with their secrets. */
export interface OpenBodies {
  readonly body: Body
  /** What the gateway goes by, where it is not `body`. */
  readonly applied: Body | undefined
}

/** A resource as it is to be stored. Its secrets are still in its bodies. */
export interface ResourceDraft {
  readonly id: ResourceId
  readonly document: Omit<ResourceDocument, 'body' | 'applied' | 'isSealed'>
  readonly bodies: OpenBodies
}

/** The documents of resources, and who refers to whom. Errors of every method: the store's. */
export class ResourceStore {
  readonly references: ReferenceIndex = new ReferenceIndex()
  readonly #store: DocumentStore
  readonly #secrets: Pick<SecretStore, 'read'>
  readonly #stop: () => void

  private constructor(store: DocumentStore, secrets: Pick<SecretStore, 'read'>) {
    this.#store = store
    this.#secrets = secrets
    this.#stop = store.watch('resources', ({ key, document }) => this.#follow(key, document))
  }

  /** Reads who refers to whom, and follows it from now on. */
  static async open(store: DocumentStore, secrets: Pick<SecretStore, 'read'>): Promise<ResourceStore> {
    const resources = new ResourceStore(store, secrets)
    for await (const resource of resources.below(undefined)) resources.#refer(resource)
    return resources
  }

  async read(id: ResourceId): Promise<Resource | undefined> {
    const key = documentKey(id)
    if (key === undefined) return undefined
    const stored = await this.#store.read(key)
    return stored && resourceOf(stored)
  }

  /** The resource with its secrets. */
  async bodiesOf({ key, document }: Resource): Promise<OpenBodies> {
    const { body, applied, revision, isSealed } = document
    if (!isSealed) return { body, applied }
    const bytes = await this.#secrets.read(key)
    const sealed = bytes && (JSON.parse(new TextDecoder().decode(bytes)) as SealedBodies)
    // A change that was stored between both readings: the secrets are newer, and so is what they are of.
    if (sealed && sealed.revision >= revision) return { body: sealed.body, applied: sealed.applied }
    return { body, applied }
  }

  /**
   * The resources directly in a collection (`…/providers/NAMESPACE/TYPE`, `…/resourceGroups`), by key in order: all of
   * them, or a page.
   */
  async inCollection(
    parent: ResourceId,
    words: readonly string[],
    page?: Page,
  ): Promise<readonly Resource[]> {
    const above = parent.type === 'tenant' ? 'resources' : documentKey(parent)
    if (above === undefined) return []
    const folder = [above, ...words.map(word => word.toLowerCase())].join('/')
    const documents = await this.#store.list(folder, page)
    return documents.map(resourceOf)
  }

  /** Every resource below another one, a subscription or the tenant (`undefined`), by key in order. */
  async *below(id: ResourceId | undefined): AsyncIterable<Resource> {
    const folder = id === undefined ? 'resources' : documentKey(id)
    if (folder === undefined) return
    const limit = 1_000
    for (let after: string | undefined; ; ) {
      const page = await this.#store.scan(folder, { after, limit })
      for (const document of page) yield resourceOf(document)
      if (page.length < limit) return
      after = page.at(-1)?.key
    }
  }

  /** The changes that store a resource, its secrets apart. `former`: what is there already. */
  put({ id, document, bodies }: ResourceDraft, former: Resource | undefined): readonly Change[] {
    const key = requiredKey(id)
    const schema = definitionOf(document.type).model
    const shown = (body: Body): Body => withoutWriteOnly(schema, body) as Body
    const { body, applied } = bodies
    const open = { body: shown(body), ...(applied && { applied: shown(applied) }) }
    const isSealed = !isDeepStrictEqual(open, { body, ...(applied && { applied }) })
    // What was read anew has the former bodies on it.
    const { applied: _former, ...rest } = document as ResourceDraft['document'] & { readonly applied?: Body }
    const value: ResourceDocument = { ...rest, ...open, isSealed }
    const put: Change = { type: 'put', key, value, expectedVersion: former?.version ?? 0 }
    if (isSealed) {
      const sealed: SealedBodies = { revision: document.revision, body, ...(applied && { applied }) }
      return [
        put,
        { type: 'put-secret', name: key, secret: new TextEncoder().encode(JSON.stringify(sealed)) },
      ]
    }
    return former?.document.isSealed ? [put, { type: 'remove-secret', name: key }] : [put]
  }

  /** The changes that remove a resource and its secrets. */
  remove({ key, version, document }: Resource): readonly Change[] {
    const remove: Change = { type: 'remove', key, expectedVersion: version }
    return document.isSealed ? [remove, { type: 'remove-secret', name: key }] : [remove]
  }

  commit(changes: readonly Change[]): ReturnType<DocumentStore['commit']> {
    return this.#store.commit(changes)
  }

  close(): void {
    this.#stop()
  }

  #follow(key: string, document: StoredDocument | undefined): void {
    if (document) this.#refer(resourceOf(document))
    else this.references.forget(key)
  }

  #refer({ id, key, document }: Resource): void {
    this.references.set(key, id, document.body)
  }
}

/** A document that names the operation by which it is changed now. */
export function withOperation(
  document: ResourceDraft['document'],
  operation: OperationReference | undefined,
): ResourceDraft['document'] {
  const { operation: _former, ...rest } = document
  return operation ? { ...rest, operation } : rest
}

function requiredKey(id: ResourceId): string {
  const key = documentKey(id)
  if (key === undefined) throw new Error('ERR_API_KEY: a resource is to be stored whose name was not checked')
  return key
}

function resourceOf({ key, version, value }: StoredDocument): Resource {
  const { id }: Body = isObject(value) ? value : {}
  const read = typeof id === 'string' ? parseResourceId(id) : undefined
  if (read?.type !== 'good')
    throw new Error(`ERR_API_STORE: the document ${key} is no resource; restore it or remove it`)
  return { id: read.id, key, version, document: value as unknown as ResourceDocument }
}
