import { randomBytes, randomUUID, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { StoredSecret } from './principal.ts'

/** A secret that was just made: `text` is not kept anywhere. */
export interface NewSecret {
  readonly text: string
  readonly stored: StoredSecret
}

export interface SecretOptions {
  readonly displayName: string
  /** Unix seconds. */
  readonly now: number
  readonly lifetimeSeconds: number
}

const SECRET_BYTES = 32
const SALT_BYTES = 16
const HASH_BYTES = 32
/** As in Entra. Of 43 characters 40 stay secret. */
const HINT_CHARACTERS = 3
/** RFC 7914 §2: 16 MB and some 40 ms, for texts that nobody can guess anyway. */
const COST = { N: 16_384, r: 8, p: 1 } as const satisfies ScryptOptions

/** Makes a secret of 256 random bits. */
export async function createClientSecret(options: SecretOptions): Promise<NewSecret> {
  const text = randomBytes(SECRET_BYTES).toString('base64url')
  const salt = randomBytes(SALT_BYTES)
  const stored: StoredSecret = {
    keyId: randomUUID(),
    displayName: options.displayName,
    hint: text.slice(0, HINT_CHARACTERS),
    salt: salt.toString('base64'),
    hash: (await hashOf(text, salt)).toString('base64'),
    startsAt: options.now,
    endsAt: options.now + options.lifetimeSeconds,
  }
  return { text, stored }
}

/** Whether a secret may be `text`, which costs nothing to tell. */
export function mayBeSecret(text: string, stored: StoredSecret): boolean {
  return text.startsWith(stored.hint)
}

/** Whether `text` is the secret; whether it has expired is not looked at. */
export async function isClientSecret(text: string, stored: StoredSecret): Promise<boolean> {
  const wanted = Buffer.from(stored.hash, 'base64')
  const hash = await hashOf(text, Buffer.from(stored.salt, 'base64'))
  return wanted.length === hash.length && timingSafeEqual(wanted, hash)
}

function hashOf(text: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, COST, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}
