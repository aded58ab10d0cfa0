import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { replaceFile } from './atomic-file.ts'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_FILE_MODE = 0o600
const MAGIC = Buffer.from('CWSEAL1\n')

/** A key to seal with that nothing keeps: for a store in memory. */
export function temporaryKey(): Uint8Array {
  return randomBytes(KEY_BYTES)
}

/**
 * The key in the file at `path`, made the first time. Errors: `ERR_STORE_KEY` when `isNeeded` (something is sealed
 * already) and there is none, or it is not one; `ERR_STORE_READ`, `ERR_STORE_WRITE`.
 */
export async function readOrMakeKey(path: string, isNeeded: boolean): Promise<Uint8Array> {
  const present = await readKey(path)
  if (present) return present
  if (isNeeded)
    throw new StoreError(
      'ERR_STORE_KEY',
      `${path} is missing; restore it, the secrets cannot be read without it`,
    )
  const key = randomBytes(KEY_BYTES)
  await replaceFile(path, `${key.toString('base64')}\n`, KEY_FILE_MODE)
  return key
}

/** The key in the file at `path`; `undefined` where there is none. Errors: `ERR_STORE_KEY`, `ERR_STORE_READ`. */
export async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await textOf(path)
  if (text === undefined) return undefined
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new StoreError(
    'ERR_STORE_KEY',
    `${path} is not a key file of ${KEY_BYTES} bytes in base64; restore it`,
  )
}

/** The name is authenticated too, so that one secret cannot be passed off as another. */
export function seal(key: Uint8Array, name: string, secret: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([MAGIC, nonce, cipher.getAuthTag(), body])
}

/** Errors: `ERR_STORE_KEY` when it was sealed with another key or under another name, `ERR_STORE_CORRUPT`. */
export function unseal(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array {
  const [nonceAt, tagAt] = [MAGIC.length, MAGIC.length + NONCE_BYTES]
  const bodyAt = tagAt + TAG_BYTES
  if (sealed.length < bodyAt || !MAGIC.equals(sealed.subarray(0, nonceAt)))
    throw new StoreError('ERR_STORE_CORRUPT', `the secret ${name} is damaged; restore it from a backup`)
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, tagAt)).setAAD(Buffer.from(name))
  decipher.setAuthTag(sealed.subarray(tagAt, bodyAt))
  try {
    return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(bodyAt)), decipher.final()]))
  } catch (error) {
    const problem = `the key file does not open the secret ${name}, or it was changed`
    throw new StoreError('ERR_STORE_KEY', `${problem}; restore both from one backup`, error)
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return undefined
    throw new StoreError('ERR_STORE_READ', `cannot read ${path}: ${describeSystemError(error)}`, error)
  }
}
