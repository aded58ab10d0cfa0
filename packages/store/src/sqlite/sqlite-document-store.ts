import { checkedKey, checkedSecretName, rangeBelow } from '../document-key.ts'
import type {
  Change,
  CommitOutcome,
  DocumentChange,
  DocumentStore,
  Page,
  StoredDocument,
  WriteOutcome,
} from '../document-store.ts'
import {
  DEFAULT_HISTORY_LIMITS,
  type HistoryLimits,
  type HistoryQuery,
  type HistoryRecord,
} from '../history.ts'
import { seal, temporaryKey, unseal } from '../sealing.ts'
import type { SecretStore } from '../secret-store.ts'
import { StoreError } from '../store-error.ts'
import { type Database, IN_MEMORY, openDatabase } from './database.ts'
import { type DocumentTable, documentTable } from './document-table.ts'
import { GroupCommit } from './group-commit.ts'
import { type HistoryTable, historyTable } from './history-table.ts'
import { type SecretTable, secretTable } from './secret-table.ts'
import { type Doing, sqliteError } from './sqlite-error.ts'

/** Documents in a database, and the secrets beside them. One process at a time may write to it (`acquireProcessLock`). */
export interface SqliteDocumentStore extends DocumentStore {
  readonly secrets: SecretStore
  /** Stores what waits, and lets the database go. */
  close(): Promise<void>
}

export interface SqliteDocumentStoreOptions {
  /** What secrets are sealed with, 32 bytes. Absent: there are no secrets. */
  readonly key?: Uint8Array | undefined
  readonly history?: HistoryLimits | undefined
}

/**
 * Opens the database at `path`, making it the first time. Errors: `ERR_STORE_CORRUPT` when it is damaged or nobody's,
 * `ERR_STORE_WRITE`, `ERR_STORE_READ`.
 */
export async function openSqliteDocumentStore(
  path: string,
  options: SqliteDocumentStoreOptions = {},
): Promise<SqliteDocumentStore> {
  return sqliteDocumentStore(path, await openDatabase(path), options)
}

/** A store that nobody else sees and that ends with the process: for tests, and to look at what is elsewhere. */
export function openMemoryStore(options: SqliteDocumentStoreOptions = {}): Promise<SqliteDocumentStore> {
  return openSqliteDocumentStore(IN_MEMORY, { key: temporaryKey(), ...options })
}

/** @internal The store in an open database. */
export function sqliteDocumentStore(
  path: string,
  database: Database,
  options: SqliteDocumentStoreOptions,
): SqliteDocumentStore {
  return new SqliteStore(path, database, options)
}

/** What a commit has done: its outcome, and what watchers hear of it. */
interface Committed {
  readonly outcome: CommitOutcome
  readonly changes: readonly AppliedChange[]
}

/** `json` is absent after a removal. */
interface AppliedChange {
  readonly key: string
  readonly version: number
  readonly json?: string
}

/** A change, checked and ready to be stored. It answers what watchers hear, or that somebody else was quicker. */
type Step = () => AppliedChange | { readonly conflict: string; readonly version: number } | undefined

interface Watcher {
  readonly isConcerned: (key: string) => boolean
  readonly listener: (change: DocumentChange) => void
}

class SqliteStore implements SqliteDocumentStore {
  readonly secrets: SecretStore
  readonly #path: string
  readonly #key: Uint8Array | undefined
  readonly #database: Database
  readonly #documents: DocumentTable
  readonly #sealed: SecretTable
  readonly #history: HistoryTable
  readonly #commits: GroupCommit<Committed>
  readonly #watchers = new Set<Watcher>()

  constructor(
    path: string,
    database: Database,
    { key, history = DEFAULT_HISTORY_LIMITS }: SqliteDocumentStoreOptions,
  ) {
    this.#path = path
    this.#key = key
    this.#database = database
    this.#documents = documentTable(database)
    this.#sealed = secretTable(database)
    this.#history = historyTable(database, history)
    this.#commits = new GroupCommit(database, ({ changes }) => this.#announce(changes))
    this.secrets = {
      read: async name => this.#readSecret(checkedSecretName(name)),
      write: async (name, secret) => void (await this.commit([{ type: 'put-secret', name, secret }])),
      remove: async name => void (await this.commit([{ type: 'remove-secret', name }])),
    }
  }

  async read(key: string): Promise<StoredDocument | undefined> {
    return this.#guarded('read', () => this.#documents.read(key))
  }

  async list(folder: string, page?: Page): Promise<readonly StoredDocument[]> {
    return this.#guarded('read', () => this.#documents.list(folder, page))
  }

  async scan(folder: string, page: Page = {}): Promise<readonly StoredDocument[]> {
    return this.#guarded('read', () => this.#documents.scan(folder, page))
  }

  async history(query: HistoryQuery = {}): Promise<readonly HistoryRecord[]> {
    return this.#guarded('read', () => this.#history.list(query))
  }

  async write(key: string, value: unknown, expectedVersion: number): Promise<WriteOutcome> {
    return single(key, await this.commit([{ type: 'put', key, value, expectedVersion }]))
  }

  async remove(key: string, expectedVersion: number): Promise<WriteOutcome> {
    return single(key, await this.commit([{ type: 'remove', key, expectedVersion }]))
  }

  async commit(changes: readonly Change[]): Promise<CommitOutcome> {
    const steps = changes.map(change => this.#step(change))
    if (!this.#database.open) throw closed(this.#path)
    try {
      return (await this.#commits.run(() => apply(steps))).outcome
    } catch (error) {
      throw sqliteError(this.#path, 'write', error)
    }
  }

  watch(folder: string, listener: (change: DocumentChange) => void): () => void {
    const { low } = rangeBelow(folder)
    const watcher: Watcher = { isConcerned: key => key.startsWith(low), listener }
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  async close(): Promise<void> {
    if (!this.#database.open) return
    this.#commits.flush()
    this.#database.close()
  }

  #step(change: Change): Step {
    switch (change.type) {
      case 'put':
        return this.#put(checkedKey(change.key), jsonOf(change.key, change.value), change.expectedVersion)
      case 'remove':
        return this.#remove(checkedKey(change.key), change.expectedVersion)
      case 'put-secret': {
        const name = checkedSecretName(change.name)
        const sealed = seal(this.#sealingKey(), name, change.secret)
        return () => void this.#sealed.put(name, sealed)
      }
      case 'remove-secret': {
        const name = checkedSecretName(change.name)
        return () => void this.#sealed.remove(name)
      }
      case 'record': {
        const { entry } = change
        checkedKey(entry.target)
        return () => void this.#history.append(entry)
      }
      default:
        return change satisfies never
    }
  }

  #put(key: string, json: string, expected: number | undefined): Step {
    return () => {
      const present = this.#documents.versionOf(key)
      if (expected !== undefined && expected !== present) return { conflict: key, version: present }
      this.#documents.put(key, present + 1, json)
      return { key, version: present + 1, json }
    }
  }

  #remove(key: string, expected: number | undefined): Step {
    return () => {
      const present = this.#documents.versionOf(key)
      if (expected !== undefined && expected !== present) return { conflict: key, version: present }
      if (present > 0) this.#documents.remove(key)
      return { key, version: 0 }
    }
  }

  #readSecret(name: string): Uint8Array | undefined {
    const sealed = this.#guarded('read', () => this.#sealed.read(name))
    return sealed && unseal(this.#sealingKey(), name, sealed)
  }

  #sealingKey(): Uint8Array {
    if (this.#key) return this.#key
    throw new StoreError('ERR_STORE_KEY', `${this.#path} was opened without a key file; restore it`)
  }

  #announce(changes: readonly AppliedChange[]): void {
    for (const { key, version, json } of changes)
      for (const { isConcerned, listener } of this.#watchers) {
        if (!isConcerned(key)) continue
        const document = json === undefined ? undefined : { key, version, value: JSON.parse(json) as unknown }
        tell(listener, { key, ...(document && { document }) })
      }
  }

  #guarded<Result>(doing: Doing, use: () => Result): Result {
    if (!this.#database.open) throw closed(this.#path)
    try {
      return use()
    } catch (error) {
      throw sqliteError(this.#path, doing, error)
    }
  }
}

function apply(steps: readonly Step[]): { keep: boolean; result: Committed } {
  const changes: AppliedChange[] = []
  for (const step of steps) {
    const applied = step()
    if (!applied) continue
    if ('conflict' in applied) {
      const outcome: CommitOutcome = { type: 'conflict', key: applied.conflict, version: applied.version }
      return { keep: false, result: { outcome, changes: [] } }
    }
    changes.push(applied)
  }
  const versions = new Map(changes.map(({ key, version }) => [key, version]))
  return { keep: true, result: { outcome: { type: 'written', versions }, changes } }
}

function single(key: string, outcome: CommitOutcome): WriteOutcome {
  if (outcome.type === 'conflict') return { type: 'conflict', version: outcome.version }
  return { type: 'written', version: outcome.versions.get(key) ?? 0 }
}

/** The change is stored already: what a listener throws must neither undo it nor keep it from the next. */
function tell(listener: (change: DocumentChange) => void, change: DocumentChange): void {
  try {
    listener(change)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function jsonOf(key: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined
  if (json !== undefined) return json
  throw new StoreError('ERR_STORE_NAME', `the value of ${key} is not JSON`)
}

function closed(path: string): StoreError {
  return new StoreError('ERR_STORE_CLOSED', `${path} is closed already`)
}
