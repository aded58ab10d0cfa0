import { createRequire } from 'node:module'
import { CryptoNodeError } from './errors.ts'

/** Hashes by the addon's numbers. */
export type NativeDigest = 0 | 1 | 2 | 3 | 4

/** ECP-256 and ECP-384 by the addon's numbers. */
export type NativeCurve = 0 | 1

/**
 * OpenSSL's functions on one area of bytes: their arguments lie in it one behind the other from its start, and
 * there they leave what they make. The arguments below are lengths. `area.ts` writes and reads it.
 *
 * Errors: `RangeError` when that is longer than the area; an error with OpenSSL's reason where it fails.
 */
export interface NativeAddon {
  readonly area: Uint8Array
  random(length: number): void
  hash(digest: NativeDigest, data: number): void
  /** Key, data. */
  hmac(digest: NativeDigest, key: number, data: number): void
  /** AES-GCM over key, nonce, associated data, text, and room for the tag: the last two become what is sealed. */
  seal(key: number, associated: number, text: number): void
  /** The same the other way: the text becomes the plaintext. `false` when the tag does not verify. */
  open(key: number, associated: number, text: number): boolean
  /** A private number as long as the field: x‖y. */
  ecpPublicValue(curve: NativeCurve): void
  /** A private number, the peer's x‖y: the shared x. `false` when the peer's point is not on the curve. */
  ecpAgree(curve: NativeCurve): boolean
  x25519PublicValue(): void
  /** A private key, the peer's public value: the secret. `false` when that were zeros. */
  x25519Agree(): boolean
}

/** The addon. Importing this module throws `ERR_CRYPTO_ADDON` when it is not built or does not fit this Node. */
export const native: NativeAddon = loadAddon('../build/Release/causeway_crypto.node')

/** @internal Loads the addon at `path`, relative to this module. Exported for its test. */
export function loadAddon(path: string): NativeAddon {
  try {
    return createRequire(import.meta.url)(path)
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND'
    if (isMissing)
      throw new CryptoNodeError('ERR_CRYPTO_ADDON', 'native addon not built: run `npm run build:native`')
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CryptoNodeError('ERR_CRYPTO_ADDON', `native addon does not load: ${why}`, { cause })
  }
}
