import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { removeLeftovers } from './atomic-file.ts'
import type { DocumentStore } from './document-store.ts'
import { openFileDocumentStore } from './file-document-store.ts'
import { acquireProcessLock } from './process-lock.ts'
import { openSecretStore, type SecretStore } from './secret-store.ts'
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

/**
 * Opens a data directory, making it the first time, and clears what a crash left half-written.
 * Errors: `ERR_STORE_LOCKED`, `ERR_STORE_WRITE`, `ERR_STORE_KEY`.
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const path = resolve(directory)
  await makeDirectory(path)
  const lock = await acquireProcessLock(join(path, 'lock'))
  try {
    await makeDirectory(join(path, 'documents'))
    const secrets = await openSecretStore(join(path, 'secrets'), join(path, 'store.key'))
    await removeLeftovers(join(path, 'documents'))
    await removeLeftovers(join(path, 'secrets'))
    const documents = openFileDocumentStore(join(path, 'documents'))
    return { path, documents, secrets, close: () => lock.release() }
  } catch (error) {
    await lock.release()
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
