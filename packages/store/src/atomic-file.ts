import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

const TEMPORARY = /^\..*\.[0-9a-f]{12}\.tmp$/

/**
 * Replaces a file as a whole: after a crash, a power cut or a full disk it holds either the former
 * content or the new one, never a part. Errors: `ERR_STORE_WRITE`; the former content is then intact.
 */
export async function replaceFile(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeDurably(temporary, content, mode)
    await rename(temporary, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    await removeIfPresent(temporary)
    throw writeError(path, error)
  }
}

/** Removes a file for good; a missing one is no error. Errors: `ERR_STORE_WRITE`. */
export async function removeFile(path: string): Promise<void> {
  try {
    await removeIfPresent(path)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw writeError(path, error)
  }
}

/** Removes what a crash in the middle of `replaceFile` left in a directory. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await removeLeftovers(path)
    else if (TEMPORARY.test(entry.name)) await removeIfPresent(path)
  }
}

async function writeDurably(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  await withFile(path, 'wx', mode, async file => {
    await file.writeFile(content)
    await file.sync()
  })
}

/** Without this what was made or renamed in a directory may be gone when the power goes. */
export async function syncDirectory(path: string): Promise<void> {
  await withFile(path, 'r', 0, file => file.sync())
}

async function withFile(
  path: string,
  flags: string,
  mode: number,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, mode)
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errorNumber(error) !== 'ENOENT') throw error
  }
}

function writeError(path: string, error: unknown): StoreError {
  const problem = `cannot write ${path}: ${describeSystemError(error)}`
  return new StoreError('ERR_STORE_WRITE', `${problem}; nothing was changed, mend that and try again`, error)
}
