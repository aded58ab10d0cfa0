import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from './atomic-file.ts'
import { checkedKey, checkedSecretName, folderOf } from './document-key.ts'
import type { StoredDocument } from './document-store.ts'
import type { Database } from './sqlite/database.ts'
import { sqliteError } from './sqlite/sqlite-error.ts'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

/** Where documents and secrets lay, a file each, before there was a database. */
const FORMER_FOLDERS = ['documents', 'secrets'] as const
/** Where they are kept aside until the database holds them. */
const ASIDE = 'former-files'
const SOURCE = 'files'

const DOCUMENT_SUFFIX = '.json'
const SECRET_SUFFIX = '.sealed'

/** What a data directory held in files. Secrets are as they were sealed. */
export interface FormerFiles {
  readonly documents: readonly StoredDocument[]
  readonly secrets: ReadonlyMap<string, Uint8Array>
}

/**
 * Takes over the files of a data directory from before there was a database, once. They are read, moved aside, stored
 * in one transaction, and removed when that is durable: a crash anywhere in between is taken up again by the next
 * start. Errors: `ERR_STORE_CORRUPT` when a file is damaged, `ERR_STORE_READ`, `ERR_STORE_WRITE`.
 */
export async function importFormerFiles(directory: string, path: string, database: Database): Promise<void> {
  const aside = join(directory, ASIDE)
  if (isImported(database)) {
    await refuseFormerFolders(directory, path)
    return removeFolder(aside)
  }
  const files = await readFormerFiles(directory)
  await moveAside(directory, aside)
  try {
    storeFiles(database, files)
  } catch (error) {
    throw sqliteError(path, 'write', error)
  }
  await removeFolder(aside)
}

/** What there is, whether moved aside already or not. Errors: as `importFormerFiles`. */
export async function readFormerFiles(directory: string): Promise<FormerFiles> {
  const documents: StoredDocument[] = []
  const secrets = new Map<string, Uint8Array>()
  for (const place of [directory, join(directory, ASIDE)]) {
    const [documentsAt, secretsAt] = FORMER_FOLDERS.map(name => join(place, name)) as [string, string]
    for (const name of await filesBelow(documentsAt, DOCUMENT_SUFFIX))
      documents.push(
        parseDocument(
          name,
          join(documentsAt, `${name}${DOCUMENT_SUFFIX}`),
          await contentOf(documentsAt, name, DOCUMENT_SUFFIX),
        ),
      )
    for (const name of await filesBelow(secretsAt, SECRET_SUFFIX))
      secrets.set(checkedSecretName(name), await contentOf(secretsAt, name, SECRET_SUFFIX))
  }
  return { documents, secrets }
}

/** @internal In one transaction, and with it that they are stored. */
export function storeFiles(database: Database, { documents, secrets }: FormerFiles): void {
  const document = database.prepare('INSERT INTO documents (key, folder, version, value) VALUES (?, ?, ?, ?)')
  const secret = database.prepare('INSERT INTO secrets (name, sealed) VALUES (?, ?)')
  database
    .transaction(() => {
      for (const { key, version, value } of documents)
        document.run(key, folderOf(key), version, JSON.stringify(value))
      for (const [name, sealed] of secrets) secret.run(name, sealed)
      database.prepare('INSERT INTO imports (source) VALUES (?)').run(SOURCE)
    })
    .immediate()
}

function isImported(database: Database): boolean {
  return database.prepare('SELECT 1 FROM imports WHERE source = ?').get(SOURCE) !== undefined
}

/** A backup of them was put back beside the database: only its owner knows which of the two counts. */
async function refuseFormerFolders(directory: string, path: string): Promise<void> {
  for (const name of FORMER_FOLDERS)
    if (await exists(join(directory, name)))
      throw new StoreError(
        'ERR_STORE_CORRUPT',
        `${join(directory, name)} is from before ${path}, which holds other documents; move away the one that is not to be used`,
      )
}

async function moveAside(directory: string, aside: string): Promise<void> {
  try {
    for (const name of FORMER_FOLDERS) {
      if (!(await exists(join(directory, name)))) continue
      await mkdir(aside, { recursive: true, mode: 0o700 })
      await rename(join(directory, name), join(aside, name))
    }
    await syncDirectory(directory)
  } catch (error) {
    throw new StoreError('ERR_STORE_WRITE', `cannot make ${aside}: ${describeSystemError(error)}`, error)
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    throw new StoreError('ERR_STORE_WRITE', `cannot remove ${path}: ${describeSystemError(error)}`, error)
  }
}

/** The names, without suffix, of the files at any depth. */
async function filesBelow(directory: string, suffix: string): Promise<readonly string[]> {
  const names = (await exists(directory)) ? await readdir(directory, { recursive: true }) : []
  const isLeftover = (name: string): boolean => name.split('/').some(part => part.startsWith('.'))
  return names
    .filter(name => name.endsWith(suffix) && !isLeftover(name))
    .map(name => name.slice(0, -suffix.length))
    .sort()
}

function parseDocument(key: string, path: string, text: Uint8Array): StoredDocument {
  try {
    const { version, value } = JSON.parse(new TextDecoder().decode(text)) as {
      version?: unknown
      value?: unknown
    }
    if (typeof version === 'number' && Number.isSafeInteger(version) && version > 0 && value !== undefined)
      return { key: checkedKey(key), version, value }
  } catch (error) {
    throw damaged(path, error)
  }
  throw damaged(path, undefined)
}

function damaged(path: string, cause: unknown): StoreError {
  return new StoreError('ERR_STORE_CORRUPT', `${path} is damaged; restore it from a backup`, cause)
}

async function contentOf(directory: string, name: string, suffix: string): Promise<Uint8Array> {
  const path = join(directory, `${name}${suffix}`)
  try {
    return await readFile(path)
  } catch (error) {
    throw new StoreError('ERR_STORE_READ', `cannot read ${path}: ${describeSystemError(error)}`, error)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await readdir(path)
    return true
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return false
    throw new StoreError('ERR_STORE_READ', `cannot read ${path}: ${describeSystemError(error)}`, error)
  }
}
