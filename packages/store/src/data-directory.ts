import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DocumentStore } from './document-store.ts'
import { importFormerFiles } from './former-files.ts'
import { acquireProcessLock } from './process-lock.ts'
import { readOrMakeKey } from './sealing.ts'
import type { SecretStore } from './secret-store.ts'
import { openDatabase } from './sqlite/database.ts'
import { secretTable } from './sqlite/secret-table.ts'
import { type SqliteDocumentStore, sqliteDocumentStore } from './sqlite/sqlite-document-store.ts'
import { describeSystemError, StoreError } from './store-error.ts'

/** A gateway's data directory, held by this process alone. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string
  readonly documents: DocumentStore
  readonly secrets: SecretStore
  /** Lets another process have it. */
  close(): Promise<void>
}

/** Others may pass through (to `ca.pem`), but not list; what is inside is closed by itself. */
const DIRECTORY_MODE = 0o711

/** Names of the files in a data directory. */
export const DATABASE_FILE = 'causeway.db'
export const KEY_FILE = 'store.key'
const LOCK_FILE = 'lock'

/**
 * Opens a data directory, making it the first time, and takes up what a crash left unfinished.
 * Errors: `ERR_STORE_LOCKED`, `ERR_STORE_WRITE`, `ERR_STORE_READ`, `ERR_STORE_CORRUPT`, `ERR_STORE_KEY`.
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const path = resolve(directory)
  await makeDirectory(path)
  const lock = await acquireProcessLock(join(path, LOCK_FILE))
  try {
    const store = await openStore(path)
    const close = async (): Promise<void> => {
      await store.close()
      await lock.release()
    }
    return { path, documents: store, secrets: store.secrets, close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openStore(directory: string): Promise<SqliteDocumentStore> {
  const path = join(directory, DATABASE_FILE)
  const database = await openDatabase(path)
  try {
    await importFormerFiles(directory, path, database)
    const key = await readOrMakeKey(join(directory, KEY_FILE), !secretTable(database).isEmpty())
    return sqliteDocumentStore(path, database, { key })
  } catch (error) {
    database.close()
    throw error
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  } catch (error) {
    const problem = `cannot make the data directory ${path}: ${describeSystemError(error)}`
    throw new StoreError('ERR_STORE_WRITE', `${problem}; give another with --data`, error)
  }
}
