import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DATABASE_FILE, KEY_FILE } from './data-directory.ts'
import type { DocumentStore } from './document-store.ts'
import { readFormerFiles, storeFiles } from './former-files.ts'
import { readKey } from './sealing.ts'
import type { SecretStore } from './secret-store.ts'
import { type Database, IN_MEMORY, openDatabase, openDatabaseToRead } from './sqlite/database.ts'
import { sqliteDocumentStore } from './sqlite/sqlite-document-store.ts'
import { errorNumber } from './store-error.ts'

/** What is stored in a data directory. */
export interface DataDirectoryView {
  readonly documents: Pick<DocumentStore, 'read' | 'list' | 'scan' | 'history'>
  readonly secrets: Pick<SecretStore, 'read'>
  close(): Promise<void>
}

/**
 * Looks into a data directory, whether a gateway runs there or not, and changes nothing that is stored. A new or
 * missing one is empty. Errors: `ERR_STORE_CORRUPT`, `ERR_STORE_KEY`, `ERR_STORE_READ`.
 */
export async function viewDataDirectory(directory: string): Promise<DataDirectoryView> {
  const path = resolve(directory)
  const database = await openToRead(path)
  try {
    return await viewOf(path, database)
  } catch (error) {
    database.close()
    throw error
  }
}

async function viewOf(directory: string, database: Database): Promise<DataDirectoryView> {
  const key = await readKey(join(directory, KEY_FILE))
  const store = sqliteDocumentStore(join(directory, DATABASE_FILE), database, { key })
  return { documents: store, secrets: store.secrets, close: () => store.close() }
}

async function openToRead(directory: string): Promise<Database> {
  const path = join(directory, DATABASE_FILE)
  if (await isThere(path)) return openDatabaseToRead(path)
  // Files from before there was a database are looked at as the next start will store them.
  const former = await readFormerFiles(directory)
  const database = await openDatabase(IN_MEMORY)
  storeFiles(database, former)
  return database
}

async function isThere(path: string): Promise<boolean> {
  try {
    // A start that ended at once leaves an empty one.
    return (await stat(path)).size > 0
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return false
    throw error
  }
}
