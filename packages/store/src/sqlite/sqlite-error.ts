import { describeSystemError, StoreError, type StoreErrorCode } from '../store-error.ts'

/** What was being done when SQLite failed. */
export type Doing = 'open' | 'read' | 'write'

/**
 * SQLite's error as the store's, with what to do; any other is handed through. SQLite's result codes: sqlite.org/rescode.html.
 */
export function sqliteError(path: string, doing: Doing, error: unknown): unknown {
  const code = (error as { code?: unknown } | undefined)?.code
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  const [kind, problem] = explain(code, error as Error)
  const fallback: StoreErrorCode = doing === 'write' ? 'ERR_STORE_WRITE' : 'ERR_STORE_READ'
  const unchanged = doing === 'write' && kind === undefined ? '; nothing was changed' : ''
  return new StoreError(kind ?? fallback, `cannot ${doing} ${path}: ${problem}${unchanged}`, error)
}

/** The error's code, where it is not that of what was being done, and what is wrong and what to do. */
function explain(code: string, error: Error): [StoreErrorCode | undefined, string] {
  switch (code.split('_')[1]) {
    case 'CORRUPT':
    case 'NOTADB':
      return ['ERR_STORE_CORRUPT', 'it is damaged; restore the data directory from a backup']
    case 'FULL':
      return [undefined, 'no space left on the disk; make room and try again']
    case 'BUSY':
    case 'LOCKED':
      return [undefined, 'another program holds it (a backup, sqlite3); end that and try again']
    case 'READONLY':
    case 'PERM':
    case 'CANTOPEN':
    case 'AUTH':
      return [
        undefined,
        `${error.message} (${code}); see to its permissions and its file system, and try again`,
      ]
    case 'IOERR':
      return [undefined, `the disk refuses (${code}); look into the system's log, mend that and try again`]
    case 'TOOBIG':
      return [undefined, 'a value is larger than a database can hold; make it smaller']
    default:
      return [undefined, `${describeSystemError(error)} ${error.message}; mend that and try again`]
  }
}
