import { checkedKey, folderOf, rangeBelow } from '../document-key.ts'
import type { Page, StoredDocument } from '../document-store.ts'
import { StoreError } from '../store-error.ts'
import type { Database } from './database.ts'

/** Ours: documents of one page. */
const PAGE_LIMIT = 1_000
/** Of SQLite: a `LIMIT` that is none. */
const UNLIMITED = -1

/** A row: `value` is JSON. */
interface Row {
  readonly key: string
  readonly version: number
  readonly value: string
}

/** The documents in a database; every method is one statement, its keys are checked. */
export interface DocumentTable {
  read(key: string): StoredDocument | undefined
  list(folder: string, page: Page | undefined): readonly StoredDocument[]
  scan(folder: string, page: Page): readonly StoredDocument[]
  /** 0: there is none. */
  versionOf(key: string): number
  put(key: string, version: number, json: string): void
  remove(key: string): void
}

export function documentTable(database: Database): DocumentTable {
  const read = database.prepare<[string], Row>('SELECT key, version, value FROM documents WHERE key = ?')
  const list = database.prepare<[string, string, number], Row>(
    'SELECT key, version, value FROM documents WHERE folder = ? AND key > ? ORDER BY key LIMIT ?',
  )
  const scan = database.prepare<[string, string, number], Row>(
    'SELECT key, version, value FROM documents WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
  )
  const version = database.prepare<[string], Pick<Row, 'version'>>(
    'SELECT version FROM documents WHERE key = ?',
  )
  const put = database.prepare<[string, string, number, string]>(
    `INSERT INTO documents (key, folder, version, value) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value`,
  )
  const remove = database.prepare<[string]>('DELETE FROM documents WHERE key = ?')
  return {
    read(key) {
      const row = read.get(checkedKey(key))
      return row && documentOf(row)
    },
    list(folder, page) {
      const { after = '', limit = PAGE_LIMIT } = page ?? {}
      const most = page ? pageLength(limit, PAGE_LIMIT) : UNLIMITED
      return list.all(checkedKey(folder), after, most).map(documentOf)
    },
    scan(folder, { after = '', limit = PAGE_LIMIT }) {
      const { low, high } = rangeBelow(folder)
      const from = after > low ? after : low
      return scan.all(from, high, pageLength(limit, PAGE_LIMIT)).map(documentOf)
    },
    versionOf: key => version.get(key)?.version ?? 0,
    put: (key, next, json) => void put.run(key, folderOf(key), next, json),
    remove: key => void remove.run(key),
  }
}

/** A page's length, checked. Errors: `RangeError`. */
export function pageLength(limit: number, maximum: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maximum) return limit
  throw new RangeError(`a page has 1 to ${maximum} entries, not ${limit}`)
}

function documentOf({ key, version, value }: Row): StoredDocument {
  try {
    return { key, version, value: JSON.parse(value) as unknown }
  } catch (error) {
    throw new StoreError(
      'ERR_STORE_CORRUPT',
      `the document ${key} is damaged; restore it from a backup`,
      error,
    )
  }
}
