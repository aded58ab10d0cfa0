import { randomUUID } from 'node:crypto'
import { type ErrorBody, type OperationStatus, operationPaths } from '@causeway/api-contract'
import type { Change, CommitOutcome, DocumentStore, SecretStore, StoredDocument } from '@causeway/store'
import { limits } from '../limits.ts'

const OPERATIONS = 'operations'

/** A long-running operation. Its result, which may hold secrets, is sealed beside it. */
export interface OperationDocument {
  readonly id: string
  readonly subscriptionId: string
  /** Paths by which it is asked about. */
  readonly paths: { readonly status: string; readonly result: string }
  /** What was asked for, and where: whoever may do that may have the result. */
  readonly right: string
  readonly scope: string
  /** What one needs to see how it stands, at the same scope. */
  readonly readRight: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly outcome: OperationStatus
  readonly hasResult: boolean
}

/** What an operation is of. */
export interface OperationSubject {
  readonly subscriptionId: string
  readonly namespace: string
  readonly location: string
  readonly apiVersion: string
  readonly right: string
  readonly readRight: string
  readonly scope: string
}

/** What an operation came to. */
export type Outcome =
  | { readonly type: 'done'; readonly result?: unknown }
  | { readonly type: 'failed'; readonly error: ErrorBody }

/** Operations as documents: they can be asked about after a restart. Errors of every method: the store's. */
export class OperationStore {
  readonly #store: DocumentStore
  readonly #secrets: Pick<SecretStore, 'read'>
  readonly #now: () => number
  /** Ids, the oldest first. */
  readonly #finished: string[] = []
  readonly #running = new Map<string, OperationDocument>()
  /** Who waits for the end of which operation. */
  readonly #waiting = new Map<string, (() => void)[]>()

  private constructor(store: DocumentStore, secrets: Pick<SecretStore, 'read'>, now: () => number) {
    this.#store = store
    this.#secrets = secrets
    this.#now = now
  }

  /** Reads what there is: what ran when the process ended has failed. */
  static async open(
    store: DocumentStore,
    secrets: Pick<SecretStore, 'read'>,
    now: () => number,
  ): Promise<OperationStore> {
    const operations = new OperationStore(store, secrets, now)
    const all = (await store.list(OPERATIONS)).map(operationOf)
    const ended = all.filter(({ outcome }) => outcome.status !== 'InProgress')
    ended.sort((one, other) => ((one.endedAt ?? '') < (other.endedAt ?? '') ? -1 : 1))
    operations.#finished.push(...ended.map(({ id }) => id))
    for (const operation of all) {
      if (operation.outcome.status !== 'InProgress') continue
      operations.#running.set(operation.id, operation)
      await store.commit(operations.finishing(operation.id, { type: 'failed', error: INTERRUPTED }))
      operations.finished(operation.id)
    }
    return operations
  }

  /** Whether another operation may begin. */
  get isFull(): boolean {
    return this.#running.size >= limits.runningOperations
  }

  /** Makes an operation; it is there when the changes that come with it are stored. */
  begin(subject: OperationSubject): {
    readonly operation: OperationDocument
    readonly changes: readonly Change[]
  } {
    const { subscriptionId, namespace, location, apiVersion, right, readRight, scope } = subject
    const id = randomUUID()
    const operation: OperationDocument = {
      id,
      subscriptionId,
      paths: operationPaths(subscriptionId, namespace, location, id, apiVersion),
      right,
      readRight,
      scope,
      startedAt: this.#time(),
      outcome: { status: 'InProgress' },
      hasResult: false,
    }
    this.#running.set(id, operation)
    return { operation, changes: [{ type: 'put', key: keyOf(id), value: operation, expectedVersion: 0 }] }
  }

  /** Stores the changes that an operation begins with. Where they are not stored, it has not begun. */
  async store(id: string, changes: readonly Change[]): Promise<CommitOutcome> {
    try {
      const outcome = await this.#store.commit(changes)
      if (outcome.type === 'conflict') this.abandon(id)
      return outcome
    } catch (error) {
      this.abandon(id)
      throw error
    }
  }

  /** An operation whose changes were not stored has not begun. */
  abandon(id: string): void {
    this.#running.delete(id)
    this.#tell(id)
  }

  /** Resolves when an operation has ended; at once where none of this id runs. */
  async ended(id: string): Promise<void> {
    if (!this.#running.has(id)) return
    await new Promise<void>(resolve => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve])
    })
  }

  /** The changes that end an operation, and forget the oldest ones. Call {@link finished} when they are stored. */
  finishing(id: string, outcome: Outcome): readonly Change[] {
    const operation = this.#running.get(id)
    if (!operation) return []
    const result = outcome.type === 'done' ? outcome.result : undefined
    const ended: OperationDocument = {
      ...operation,
      endedAt: this.#time(),
      outcome: outcome.type === 'done' ? { status: 'Succeeded' } : { status: 'Failed', error: outcome.error },
      hasResult: result !== undefined,
    }
    const forgotten = this.#finished.splice(
      0,
      Math.max(0, this.#finished.length + 1 - limits.finishedOperations),
    )
    return [
      { type: 'put', key: keyOf(id), value: ended },
      ...(result === undefined ? [] : [sealedResult(id, result)]),
      ...forgotten.flatMap(forgetting),
    ]
  }

  finished(id: string): void {
    if (this.#running.delete(id)) this.#finished.push(id)
    this.#tell(id)
  }

  async read(id: string): Promise<OperationDocument | undefined> {
    if (!GUID.test(id)) return undefined
    const stored = await this.#store.read(keyOf(id.toLowerCase()))
    return stored && operationOf(stored)
  }

  async resultOf({ id, hasResult }: OperationDocument): Promise<unknown> {
    const bytes = hasResult ? await this.#secrets.read(keyOf(id)) : undefined
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as unknown)
  }

  #tell(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
    this.#waiting.delete(id)
  }

  #time(): string {
    return new Date(this.#now() * 1_000).toISOString()
  }
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Why what ran when the process ended has failed. */
export const INTERRUPTED: ErrorBody = {
  code: 'OperationCancelled',
  message: 'The gateway was restarted while the operation ran. Repeat the request.',
}

function sealedResult(id: string, result: unknown): Change {
  return { type: 'put-secret', name: keyOf(id), secret: new TextEncoder().encode(JSON.stringify(result)) }
}

function forgetting(id: string): readonly Change[] {
  return [
    { type: 'remove', key: keyOf(id) },
    { type: 'remove-secret', name: keyOf(id) },
  ]
}

function keyOf(id: string): string {
  return `${OPERATIONS}/${id}`
}

function operationOf({ value }: StoredDocument): OperationDocument {
  return value as OperationDocument
}
