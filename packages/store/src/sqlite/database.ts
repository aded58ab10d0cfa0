import { chmod, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { syncDirectory } from '../atomic-file.ts'
import { describeSystemError, errorNumber, StoreError } from '../store-error.ts'
import { sqliteError } from './sqlite-error.ts'

export type Database = Sqlite.Database

/** SQLite as `scripts/setup` builds it; better-sqlite3 itself would look in its own directory. */
const nativeBinding = fileURLToPath(new URL('../../build/better_sqlite3.node', import.meta.url))

/** Instead of a path: a database that nobody else sees and that ends with the process. */
export const IN_MEMORY = ':memory:'

const FILE_MODE = 0o600
/** `CWst`: what `file` and others tell our databases by. */
const APPLICATION_ID = 0x43577374
const SCHEMA_VERSION = 1
/** How long another program may hold the database, such as a backup. The gateway waits meanwhile. */
const BUSY_MILLISECONDS = 500

const SCHEMA = `
  CREATE TABLE documents (
    key TEXT NOT NULL PRIMARY KEY, folder TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX documents_in_folder ON documents (folder, key);
  CREATE TABLE secrets (name TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    target TEXT NOT NULL, before TEXT, after TEXT
  ) STRICT;
  CREATE INDEX history_of_target ON history (target, id);
  CREATE INDEX history_at ON history (at);
  CREATE TABLE imports (source TEXT NOT NULL PRIMARY KEY) STRICT;
`

/**
 * Opens a database, making it the first time, and looks whether it is whole. An acknowledged write outlives a power
 * cut: the log is synced with every transaction. Errors: `ERR_STORE_CORRUPT`, `ERR_STORE_WRITE`, `ERR_STORE_READ`.
 */
export async function openDatabase(path: string): Promise<Database> {
  if (path !== IN_MEMORY) await makeFile(path)
  return opened(path, false, database => {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    // What is replaced or removed is not to be found in the file afterwards.
    database.pragma('secure_delete = ON')
    prepareSchema(path, database)
  })
}

/** Opens a database to look into it; somebody else may be writing to it. Errors: as `openDatabase`. */
export async function openDatabaseToRead(path: string): Promise<Database> {
  return opened(path, true, database => checkOrigin(path, database))
}

function opened(path: string, isReadonly: boolean, prepare: (database: Database) => void): Database {
  let database: Database | undefined
  try {
    database = new Sqlite(path, { nativeBinding, readonly: isReadonly, timeout: BUSY_MILLISECONDS })
    prepare(database)
    checkWhole(path, database)
    return database
  } catch (error) {
    database?.close()
    throw missingBinding(error) ?? sqliteError(path, 'open', error)
  }
}

/** A file that others cannot read from its first moment on; SQLite gives its log the same mode. */
async function makeFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'a', FILE_MODE)
    await file.close()
    await chmod(path, FILE_MODE)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw new StoreError('ERR_STORE_WRITE', `cannot open ${path}: ${describeSystemError(error)}`, error)
  }
}

function prepareSchema(path: string, database: Database): void {
  const isNew = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isNew) database.transaction(() => makeSchema(database))()
  else checkOrigin(path, database)
}

function makeSchema(database: Database): void {
  database.exec(SCHEMA)
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.pragma(`user_version = ${SCHEMA_VERSION}`)
}

function checkOrigin(path: string, database: Database): void {
  const version = database.pragma('user_version', { simple: true })
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID)
    throw new StoreError('ERR_STORE_CORRUPT', `${path} is a database, but not a Causeway's; move it away`)
  if (version !== SCHEMA_VERSION)
    throw new StoreError(
      'ERR_STORE_CORRUPT',
      `${path} was written by another version of Causeway (schema ${version}, not ${SCHEMA_VERSION}); start that one`,
    )
}

/** Finds what a broken disk did now, and not when the damaged part is read. */
function checkWhole(path: string, database: Database): void {
  const found = database.pragma('quick_check(1)', { simple: true })
  if (found === 'ok') return
  throw new StoreError(
    'ERR_STORE_CORRUPT',
    `${path} is damaged (${String(found).replace(/\s+/g, ' ')}); restore the data directory from a backup`,
  )
}

function missingBinding(error: unknown): StoreError | undefined {
  if (errorNumber(error) !== 'MODULE_NOT_FOUND' && errorNumber(error) !== 'ERR_DLOPEN_FAILED')
    return undefined
  const problem = 'SQLite is not built for this Node.js'
  return new StoreError('ERR_STORE_READ', `${problem}; run npm run build:native and start again`, error)
}
