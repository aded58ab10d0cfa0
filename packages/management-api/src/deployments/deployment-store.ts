import { formatResourceId, type ResourceId } from '@causeway/api-contract'
import type { Change, DocumentStore, StoredDocument } from '@causeway/store'
import { limits } from '../limits.ts'
import { INTERRUPTED } from '../operations/operation-store.ts'
import { documentKey } from '../resources/document.ts'
import type { DeploymentDocument } from './deployment-document.ts'

const DEPLOYMENTS = 'deployments'

/** A deployment that goes on in this process. */
export interface ActiveDeployment {
  /** Whether somebody wants it to end: nothing more is begun. */
  isCanceled: boolean
}

/** Deployments as documents, and those that go on. Errors of every method: the store's. */
export class DeploymentStore {
  readonly #store: DocumentStore
  readonly #active = new Map<string, ActiveDeployment>()

  private constructor(store: DocumentStore) {
    this.#store = store
  }

  /** Reads what there is: what went on when the process ended has failed. */
  static async open(store: DocumentStore, now: () => number): Promise<DeploymentStore> {
    const deployments = new DeploymentStore(store)
    for (const document of await deployments.#below(DEPLOYMENTS)) {
      if (isOver(document)) continue
      const changedAt = new Date(now() * 1_000).toISOString()
      const failed = { ...document, state: 'Failed', error: INTERRUPTED, changedAt } as const
      await store.commit([deployments.put({ ...failed, operation: undefined })])
    }
    return deployments
  }

  async read(id: ResourceId): Promise<DeploymentDocument | undefined> {
    const key = keyOf(id)
    const stored = key === undefined ? undefined : await this.#store.read(key)
    return stored && documentOf(stored)
  }

  /** The deployments to a group or subscription, by name. */
  async in(scope: ResourceId): Promise<readonly DeploymentDocument[]> {
    const above = keyOf(scope)
    if (above === undefined) return []
    const stored = await this.#store.list(`${above}/providers/microsoft.resources/deployments`)
    return stored.map(documentOf)
  }

  /** The change that stores a deployment. */
  put(document: DeploymentDocument): Change {
    return { type: 'put', key: requiredKey(document.id), value: JSON.parse(JSON.stringify(document)) }
  }

  async write(document: DeploymentDocument): Promise<void> {
    await this.#store.commit([this.put(document)])
  }

  /** The changes that forget the oldest deployments of a scope, where there are too many. */
  async forgetting(scope: ResourceId): Promise<readonly Change[]> {
    const ended = (await this.in(scope)).filter(isOver)
    const excess = ended.length + 1 - limits.deployments
    if (excess <= 0) return []
    return ended
      .toSorted((one, other) => (one.changedAt < other.changedAt ? -1 : 1))
      .slice(0, excess)
      .map(removal)
  }

  async remove(document: DeploymentDocument): Promise<void> {
    await this.#store.commit([removal(document)])
  }

  /** The changes that remove every deployment to a group, which goes. */
  async removeBelow(scope: ResourceId): Promise<readonly Change[]> {
    return (await this.in(scope)).map(removal)
  }

  /** The deployment of an id that goes on. */
  active(id: string): ActiveDeployment | undefined {
    return this.#active.get(id.toLowerCase())
  }

  /** Notes that a deployment begins; `undefined`: one of its id goes on already. */
  begin(id: string): ActiveDeployment | undefined {
    if (this.active(id)) return undefined
    const active = { isCanceled: false }
    this.#active.set(id.toLowerCase(), active)
    return active
  }

  end(id: string): void {
    this.#active.delete(id.toLowerCase())
  }

  async #below(folder: string): Promise<readonly DeploymentDocument[]> {
    const found: DeploymentDocument[] = []
    const limit = 100
    for (let after: string | undefined; ; ) {
      const page = await this.#store.scan(folder, { after, limit })
      found.push(...page.map(documentOf))
      if (page.length < limit) return found
      after = page.at(-1)?.key
    }
  }
}

function isOver({ state }: DeploymentDocument): boolean {
  return state !== 'Accepted' && state !== 'Running'
}

function removal({ id }: DeploymentDocument): Change {
  return { type: 'remove', key: requiredKey(id) }
}

/** The key of a deployment, beside those of resources: nobody lists it with them. */
function keyOf(id: ResourceId | string): string | undefined {
  const text = typeof id === 'string' ? id : formatResourceId(id)
  const words = text.slice(1).toLowerCase()
  if (typeof id !== 'string' && documentKey(id) === undefined) return undefined
  return `${DEPLOYMENTS}/${words.replaceAll('/.', '/%2e')}`
}

function requiredKey(id: string): string {
  const key = keyOf(id)
  if (key === undefined)
    throw new Error('ERR_API_KEY: a deployment is to be stored whose name was not checked')
  return key
}

function documentOf({ value }: StoredDocument): DeploymentDocument {
  return value as DeploymentDocument
}
