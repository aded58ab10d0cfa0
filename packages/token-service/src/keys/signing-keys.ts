import { type KeySource, readKeySet } from '@causeway/entra'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWK,
} from 'jose'
import { TokenServiceError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { KeyStore } from './key-store.ts'

/** The algorithm of every token here: what Entra signs with. */
export const SIGNING_ALGORITHM = 'RS256'

/** The key that signs now. */
export interface SigningKey {
  readonly keyId: string
  readonly privateKey: CryptoKey
}

/** RSA keys of which one signs; {@link KeySource} gives those that check, former ones too. */
export interface SigningKeys extends KeySource {
  /** The key to sign with at a time in Unix seconds: another one when the present one is due. */
  signer(now: number): Promise<SigningKey>
  /** Makes another key sign from now on. Tokens of the former one stay good. */
  rotate(now: number): Promise<void>
  /** The public keys (RFC 7517 §5) at a time, the signing one first. */
  publicKeys(now: number): readonly JWK[]
}

export interface SigningKeysOptions {
  readonly store: KeyStore
  /** Unix seconds, of opening. */
  readonly now: number
  /** How long a token that was signed just before a rotation may still live. Default: the longest of all. */
  readonly longestTokenSeconds?: number
  /** How long a key signs. Default 90 days. */
  readonly signingKeySeconds?: number
}

/** The name under which the keys are stored. */
export const SIGNING_KEYS_NAME = 'token-signing-keys'

/**
 * Opens the keys, making the first one the first time. Errors: `ERR_TOKEN_KEYS` for stored keys that are damaged, and
 * what the store throws.
 */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  const bytes = await options.store.read(SIGNING_KEYS_NAME)
  const keys = new StoredKeys(options, bytes ? await parseKeys(bytes) : [])
  await keys.signer(options.now)
  return keys
}

type KeySet = Extract<ReturnType<typeof readKeySet>, { readonly type: 'keys' }>

interface HeldKey extends SigningKey {
  readonly pkcs8: string
  readonly publicKey: JWK
  /** Unix seconds. */
  readonly createdAt: number
  /** Since when another key signs. */
  readonly retiredAt: number | undefined
}

class StoredKeys implements SigningKeys {
  readonly #options: SigningKeysOptions
  /** The newest first. */
  #keys: readonly HeldKey[]
  #rotation: Promise<void> | undefined
  #checking: { readonly keyIds: string; readonly set: KeySet } | undefined

  constructor(options: SigningKeysOptions, keys: readonly HeldKey[]) {
    this.#options = options
    this.#keys = keys
  }

  async signer(now: number): Promise<SigningKey> {
    const present = this.#keys[0]
    const { signingKeySeconds = limits.signingKeySeconds } = this.#options
    if (present && now < present.createdAt + signingKeySeconds) return present
    await this.rotate(now)
    return this.signer(now)
  }

  rotate(now: number): Promise<void> {
    this.#rotation ??= this.#rotateOnce(now).finally(() => {
      this.#rotation = undefined
    })
    return this.#rotation
  }

  publicKeys(now: number): readonly JWK[] {
    return this.#needed(this.#keys, now).map(({ publicKey }) => publicKey)
  }

  async keyFor(header: Parameters<KeySource['keyFor']>[0], now: number): ReturnType<KeySource['keyFor']> {
    const set = this.#checkingKeys(now)
    // Without a key id any key might fit: ours always name one.
    const found = set && header.keyId !== undefined ? await set.find(header) : undefined
    if (found?.type === 'key') return { type: 'key', key: found.key, stale: undefined }
    return { type: 'unknown', reason: 'no key of this token service signed it', isRecent: false }
  }

  /** Read anew only when others are needed: a key is imported once, not for each token. */
  #checkingKeys(now: number): KeySet | undefined {
    const keys = this.publicKeys(now)
    const keyIds = keys.map(({ kid }) => kid).join()
    if (this.#checking?.keyIds !== keyIds) {
      const set = readKeySet({ keys })
      this.#checking = set.type === 'keys' ? { keyIds, set } : undefined
    }
    return this.#checking?.set
  }

  /** Written before it is used: a token must not outlive its key in a crash. */
  async #rotateOnce(now: number): Promise<void> {
    const retired = this.#keys.map(key => (key.retiredAt === undefined ? { ...key, retiredAt: now } : key))
    const keys = [await makeKey(now), ...this.#needed(retired, now)].slice(0, limits.signingKeys)
    await this.#options.store.write(SIGNING_KEYS_NAME, formatKeys(keys))
    this.#keys = keys
  }

  #needed(keys: readonly HeldKey[], now: number): readonly HeldKey[] {
    const { longestTokenSeconds = limits.tokenLifetimeSeconds.max } = this.#options
    const after = longestTokenSeconds + limits.clockSkewSeconds.max
    return keys.filter(({ retiredAt }) => retiredAt === undefined || now < retiredAt + after)
  }
}

async function makeKey(now: number): Promise<HeldKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { modulusLength: 2_048, extractable: true })
  return holdKey(await exportPKCS8(privateKey), now, undefined)
}

async function holdKey(pkcs8: string, createdAt: number, retiredAt: number | undefined): Promise<HeldKey> {
  const privateKey = await importPKCS8(pkcs8, SIGNING_ALGORITHM, { extractable: true })
  const { kty = '', n = '', e = '' } = await exportJWK(privateKey)
  const keyId = await calculateJwkThumbprint({ kty, n, e })
  const publicKey = { kty, use: 'sig', alg: SIGNING_ALGORITHM, kid: keyId, n, e }
  return { keyId, privateKey, pkcs8, publicKey, createdAt, retiredAt }
}

function formatKeys(keys: readonly HeldKey[]): Uint8Array {
  const stored = keys.map(({ pkcs8, createdAt, retiredAt }) => ({ pkcs8, createdAt, retiredAt }))
  return new TextEncoder().encode(JSON.stringify({ keys: stored }))
}

async function parseKeys(bytes: Uint8Array): Promise<HeldKey[]> {
  try {
    const { keys } = JSON.parse(new TextDecoder().decode(bytes)) as {
      readonly keys: readonly {
        readonly pkcs8: string
        readonly createdAt: number
        readonly retiredAt?: number
      }[]
    }
    return await Promise.all(keys.map(key => holdKey(key.pkcs8, Number(key.createdAt), key.retiredAt)))
  } catch {
    // Not passed on: the parser's message may quote a key.
    throw new TokenServiceError(
      'ERR_TOKEN_KEYS',
      `the secret ${SIGNING_KEYS_NAME} is damaged; restore it, or remove it and every token has to be asked for anew`,
    )
  }
}
