import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeFile, replaceFile } from './atomic-file.ts'
import type { DocumentChange, DocumentStore, StoredDocument, WriteOutcome } from './document-store.ts'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700
const KEY = /^[a-z0-9][A-Za-z0-9._@-]{0,127}(\/[A-Za-z0-9][A-Za-z0-9._@-]{0,127})*$/
const SUFFIX = '.json'

/**
 * Documents as JSON files below `directory`, each replaced as a whole. One process at a time may use
 * it (`acquireProcessLock`): compare-and-set is then a queue in this process.
 */
export function openFileDocumentStore(directory: string): DocumentStore {
  return new FileDocumentStore(directory)
}

class FileDocumentStore implements DocumentStore {
  readonly #directory: string
  readonly #watchers = new Set<{ folder: string; listener: (change: DocumentChange) => void }>()
  #tail: Promise<unknown> = Promise.resolve()

  constructor(directory: string) {
    this.#directory = directory
  }

  async read(key: string): Promise<StoredDocument | undefined> {
    const path = this.#path(key)
    const text = await this.#text(path)
    return text === undefined ? undefined : parseDocument(key, path, text)
  }

  async list(folder: string): Promise<readonly StoredDocument[]> {
    const directory = join(this.#directory, checkedKey(folder))
    const names = (await entryNames(directory)).filter(name => name.endsWith(SUFFIX) && !name.startsWith('.'))
    const documents: StoredDocument[] = []
    for (const name of names.sort()) {
      const document = await this.read(`${folder}/${name.slice(0, -SUFFIX.length)}`)
      if (document) documents.push(document)
    }
    return documents
  }

  write(key: string, value: unknown, expectedVersion: number): Promise<WriteOutcome> {
    return this.#inTurn(async () => {
      const present = (await this.read(key))?.version ?? 0
      if (present !== expectedVersion) return { type: 'conflict', version: present }
      const document: StoredDocument = { key, version: present + 1, value }
      await this.#store(key, document)
      this.#announce({ key, document })
      return { type: 'written', version: document.version }
    })
  }

  remove(key: string, expectedVersion: number): Promise<WriteOutcome> {
    return this.#inTurn(async () => {
      const present = (await this.read(key))?.version ?? 0
      if (present !== expectedVersion) return { type: 'conflict', version: present }
      await removeFile(this.#path(key))
      this.#announce({ key })
      return { type: 'written', version: 0 }
    })
  }

  watch(folder: string, listener: (change: DocumentChange) => void): () => void {
    const watcher = { folder: `${checkedKey(folder)}/`, listener }
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  async #store(key: string, document: StoredDocument): Promise<void> {
    const path = this.#path(key)
    await makeDirectory(dirname(path))
    const content = { version: document.version, value: document.value }
    await replaceFile(path, `${JSON.stringify(content, null, 2)}\n`, FILE_MODE)
  }

  async #text(path: string): Promise<string | undefined> {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if (errorNumber(error) === 'ENOENT') return undefined
      throw new StoreError('ERR_STORE_READ', `cannot read ${path}: ${describeSystemError(error)}`, error)
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${checkedKey(key)}${SUFFIX}`)
  }

  #announce(change: DocumentChange): void {
    for (const { folder, listener } of this.#watchers) if (change.key.startsWith(folder)) listener(change)
  }

  /** One change after the other; a failed one does not hold up the next. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(change, change)
    this.#tail = result.catch(() => undefined)
    return result
  }
}

function checkedKey(key: string): string {
  if (KEY.test(key)) return key
  throw new StoreError('ERR_STORE_NAME', `${JSON.stringify(key)} is no document key`)
}

function parseDocument(key: string, path: string, text: string): StoredDocument {
  try {
    const { version, value } = JSON.parse(text) as { version?: unknown; value?: unknown }
    if (typeof version === 'number' && Number.isSafeInteger(version) && version > 0)
      return { key, version, value }
  } catch (error) {
    throw corrupt(path, error)
  }
  throw corrupt(path, undefined)
}

function corrupt(path: string, cause: unknown): StoreError {
  return new StoreError('ERR_STORE_CORRUPT', `${path} is damaged; restore it from a backup`, cause)
}

async function entryNames(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return []
    throw new StoreError('ERR_STORE_READ', `cannot read ${directory}: ${describeSystemError(error)}`, error)
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  } catch (error) {
    throw new StoreError('ERR_STORE_WRITE', `cannot make ${path}: ${describeSystemError(error)}`, error)
  }
}
