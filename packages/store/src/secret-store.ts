import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './atomic-file.ts'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

/** Secrets by name, encrypted at rest with a key file that only the gateway's user can read. */
export interface SecretStore {
  /** Errors: `ERR_STORE_KEY` when the key file does not open it, `ERR_STORE_READ`. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Errors: `ERR_STORE_WRITE`; the former secret is then intact. */
  write(name: string, secret: Uint8Array): Promise<void>
}

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
const MODE = 0o600
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAGIC = Buffer.from('CWSEAL1\n')
const SUFFIX = '.sealed'

/**
 * Opens the secrets in `directory` with the key in `keyPath`, making both the first time.
 * Errors: `ERR_STORE_KEY` when there are secrets and no good key, `ERR_STORE_WRITE`.
 */
export async function openSecretStore(directory: string, keyPath: string): Promise<SecretStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new StoreError('ERR_STORE_WRITE', `cannot make ${directory}: ${describeSystemError(error)}`, error)
  })
  const key = await readOrMakeKey(directory, keyPath)
  return {
    async read(name) {
      const sealed = await contentOf(secretPath(directory, name))
      return sealed && open(key, name, sealed)
    },
    write: (name, secret) => replaceFile(secretPath(directory, name), seal(key, name, secret), MODE),
  }
}

async function readOrMakeKey(directory: string, keyPath: string): Promise<Buffer> {
  const text = await contentOf(keyPath)
  if (text !== undefined) return parseKey(keyPath, text.toString('latin1'))
  if ((await readdir(directory)).some(name => name.endsWith(SUFFIX)))
    throw new StoreError(
      'ERR_STORE_KEY',
      `${keyPath} is missing; restore it, the secrets cannot be read without it`,
    )
  const key = randomBytes(KEY_BYTES)
  await replaceFile(keyPath, `${key.toString('base64')}\n`, MODE)
  return key
}

function parseKey(keyPath: string, text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new StoreError(
    'ERR_STORE_KEY',
    `${keyPath} is not a key file of ${KEY_BYTES} bytes in base64; restore it`,
  )
}

/** The name is authenticated too, so that one secret's file cannot be passed off as another's. */
function seal(key: Buffer, name: string, secret: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([MAGIC, nonce, cipher.getAuthTag(), body])
}

function open(key: Buffer, name: string, sealed: Buffer): Uint8Array {
  const [nonceAt, tagAt] = [MAGIC.length, MAGIC.length + NONCE_BYTES]
  const bodyAt = tagAt + TAG_BYTES
  if (sealed.length < bodyAt || !sealed.subarray(0, nonceAt).equals(MAGIC))
    throw new StoreError('ERR_STORE_CORRUPT', `the secret ${name} is damaged; restore it from a backup`)
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, tagAt)).setAAD(Buffer.from(name))
  decipher.setAuthTag(sealed.subarray(tagAt, bodyAt))
  try {
    return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(bodyAt)), decipher.final()]))
  } catch (error) {
    const problem = `the key file does not open the secret ${name}, or its file was changed`
    throw new StoreError('ERR_STORE_KEY', `${problem}; restore both from one backup`, error)
  }
}

function secretPath(directory: string, name: string): string {
  if (!NAME.test(name)) throw new StoreError('ERR_STORE_NAME', `${JSON.stringify(name)} is no secret's name`)
  return join(directory, `${name}${SUFFIX}`)
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return undefined
    throw new StoreError('ERR_STORE_READ', `cannot read ${path}: ${describeSystemError(error)}`, error)
  }
}
