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

/**
 * Versioned documents with compare-and-set: the port behind which the embedded store stands, shaped
 * so that etcd can. Keys are paths of lower-case words and names: `gateways/causeway`,
 * `clients/ann@example.org`. Errors of every method: `StoreError`.
 */
export interface DocumentStore {
  read(key: string): Promise<StoredDocument | undefined>
  /** The documents directly below `folder`, by key in order. */
  list(folder: string): Promise<readonly StoredDocument[]>
  /** Stores `value` when the present version is `expectedVersion` (0: there must be none). */
  write(key: string, value: unknown, expectedVersion: number): Promise<WriteOutcome>
  remove(key: string, expectedVersion: number): Promise<WriteOutcome>
  /** Calls `listener` after every stored change below `folder`. Returns what ends it. */
  watch(folder: string, listener: (change: DocumentChange) => void): () => void
}
