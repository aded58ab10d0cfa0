import type { DocumentStore, StoredDocument } from '@causeway/store'

/** What principals need of a store. */
export type PrincipalDocuments = Pick<DocumentStore, 'read' | 'list' | 'write' | 'remove' | 'watch'>

/** The documents of one folder, read again only after one of them has changed: principals are asked for at every call. */
export class DocumentFolder<T> {
  readonly #documents: PrincipalDocuments
  readonly #folder: string
  readonly #read: (document: StoredDocument) => T
  #present: Promise<readonly T[]> | undefined

  constructor(documents: PrincipalDocuments, folder: string, read: (document: StoredDocument) => T) {
    this.#documents = documents
    this.#folder = folder
    this.#read = read
    documents.watch(folder, () => {
      this.#present = undefined
    })
  }

  all(): Promise<readonly T[]> {
    this.#present ??= this.#load()
    return this.#present
  }

  async #load(): Promise<readonly T[]> {
    try {
      return (await this.#documents.list(this.#folder)).map(this.#read)
    } catch (error) {
      // Tried again when it is asked for again.
      this.#present = undefined
      throw error
    }
  }
}
