export { removeFile, replaceFile } from './atomic-file.ts'
export { type DataDirectory, openDataDirectory } from './data-directory.ts'
export { type DataDirectoryView, viewDataDirectory } from './data-directory-view.ts'
export type {
  Change,
  CommitOutcome,
  DocumentChange,
  DocumentStore,
  Expectation,
  Page,
  StoredDocument,
  WriteOutcome,
} from './document-store.ts'
export {
  DEFAULT_HISTORY_LIMITS,
  type HistoryEntry,
  type HistoryLimits,
  type HistoryQuery,
  type HistoryRecord,
} from './history.ts'
export { acquireProcessLock, type ProcessLock } from './process-lock.ts'
export type { SecretStore } from './secret-store.ts'
export {
  openMemoryStore,
  openSqliteDocumentStore,
  type SqliteDocumentStore,
  type SqliteDocumentStoreOptions,
} from './sqlite/sqlite-document-store.ts'
export { describeSystemError, errorNumber, StoreError, type StoreErrorCode } from './store-error.ts'
