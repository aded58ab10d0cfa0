import type { HistoryEntry, HistoryQuery, HistoryRecord } from './history.ts'

/** A stored JSON document. Versions count from 1; every change makes the next one. */
export interface StoredDocument {
  readonly key: string
  readonly version: number
  readonly value: unknown
}

/** What became of a compare-and-set. */
export type WriteOutcome =
  | { readonly type: 'written'; readonly version: number }
  /** Somebody else was quicker; `version` is the present one, 0 for none. */
  | { readonly type: 'conflict'; readonly version: number }

/** A change that has been stored. `document` is absent after a removal. */
export interface DocumentChange {
  readonly key: string
  readonly document?: StoredDocument
}

/** The version that a document must have for a change of it. 0: there must be none. Absent: any, or none. */
export interface Expectation {
  readonly expectedVersion?: number | undefined
}

/** One of the changes that are made together. */
export type Change =
  /** `value` is JSON. */
  | ({ readonly type: 'put'; readonly key: string; readonly value: unknown } & Expectation)
  /** What is not there and was expected to be anything is no conflict, and no change. */
  | ({ readonly type: 'remove'; readonly key: string } & Expectation)
  /** A secret, sealed before it is stored. */
  | { readonly type: 'put-secret'; readonly name: string; readonly secret: Uint8Array }
  | { readonly type: 'remove-secret'; readonly name: string }
  /** An entry of the audit history. */
  | { readonly type: 'record'; readonly entry: HistoryEntry }

/** What became of changes that are made together: all of them, or none. */
export type CommitOutcome =
  /** The version of each document that was put, 0 of each that was removed. */
  | { readonly type: 'written'; readonly versions: ReadonlyMap<string, number> }
  /** The first document that has another version than was expected; `version` is its present one, 0 for none. */
  | { readonly type: 'conflict'; readonly key: string; readonly version: number }

/** Where a page begins and how long it is. */
export interface Page {
  /** The last key of the page before. Absent: from the first on. */
  readonly after?: string | undefined
  /** At most so many documents, 1 to 1,000. Default 1,000. */
  readonly limit?: number | undefined
}

/**
 * Versioned documents with compare-and-set: the port behind which the embedded store stands, shaped
 * so that etcd can. Keys are paths of names as in ARM ids, without the leading slash, and compare
 * case-sensitively: callers lower-case what does not. `gateways/causeway`, `clients/ann@example.org`.
 *
 * What a method has answered is durable: it outlives a crash and a power cut. Errors of every method: `StoreError`.
 */
export interface DocumentStore {
  read(key: string): Promise<StoredDocument | undefined>
  /** The documents directly below `folder`, by key in order: all of them, or a page. */
  list(folder: string, page?: Page): Promise<readonly StoredDocument[]>
  /** The documents below `folder` at any depth, by key in order, a page at a time. `''`: all there are. */
  scan(folder: string, page?: Page): Promise<readonly StoredDocument[]>
  /** Stores `value` when the present version is `expectedVersion` (0: there must be none). */
  write(key: string, value: unknown, expectedVersion: number): Promise<WriteOutcome>
  remove(key: string, expectedVersion: number): Promise<WriteOutcome>
  /** Makes several changes, all or none, each seeing those before it. */
  commit(changes: readonly Change[]): Promise<CommitOutcome>
  /** The audit history, newest first, a page at a time. */
  history(query?: HistoryQuery): Promise<readonly HistoryRecord[]>
  /**
   * Calls `listener` after every stored change below `folder` (`''`: after every change), in their order. What it
   * throws is a defect of its own and holds nothing up. Returns what ends it.
   */
  watch(folder: string, listener: (change: DocumentChange) => void): () => void
}
