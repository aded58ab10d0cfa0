import type { DocumentChange, StoredDocument, WriteOutcome } from '@causeway/store'
import type { PrincipalDocuments } from './document-folder.ts'

/** As much of a document store as principals need, in memory. */
export class MemoryDocuments implements PrincipalDocuments {
  readonly documents: Map<string, StoredDocument> = new Map()
  /** Calls of `list`, which is slow in a real one. */
  listed = 0
  /** Called before a write: to be quicker than it. */
  onWrite: ((key: string) => void) | undefined
  readonly #listeners: (readonly [string, (change: DocumentChange) => void])[] = []

  async read(key: string): Promise<StoredDocument | undefined> {
    return this.documents.get(key)
  }

  async list(folder: string): Promise<readonly StoredDocument[]> {
    this.listed++
    return [...this.documents.values()].filter(({ key }) => key.startsWith(`${folder}/`))
  }

  async write(key: string, value: unknown, expectedVersion: number): Promise<WriteOutcome> {
    this.onWrite?.(key)
    const present = this.documents.get(key)?.version ?? 0
    if (present !== expectedVersion) return { type: 'conflict', version: present }
    const document = { key, version: present + 1, value: structuredClone(value) }
    this.documents.set(key, document)
    this.#announce({ key, document })
    return { type: 'written', version: document.version }
  }

  async remove(key: string, expectedVersion: number): Promise<WriteOutcome> {
    const present = this.documents.get(key)?.version ?? 0
    if (present !== expectedVersion) return { type: 'conflict', version: present }
    this.documents.delete(key)
    this.#announce({ key })
    return { type: 'written', version: 0 }
  }

  watch(folder: string, listener: (change: DocumentChange) => void): () => void {
    this.#listeners.push([`${folder}/`, listener])
    return () => undefined
  }

  #announce(change: DocumentChange): void {
    for (const [prefix, listener] of this.#listeners) if (change.key.startsWith(prefix)) listener(change)
  }
}
