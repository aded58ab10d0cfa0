import type { AeadName, CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import type { IkeSuite } from '../proposal/suite.ts'
import { ENCRYPTION, INTEGRITY } from './algorithms.ts'

/**
 * One direction of an IKE SA's protection, of what stands in SK or SKF behind the generic header: IV,
 * ciphertext, ICV. `associated` is all of the message before that.
 */
export interface Sealing {
  /** Bytes in front of and behind the ciphertext together. */
  readonly overheadBytes: number
  /** How long the ciphertext of so many bytes is, Pad Length included. */
  sealedBytes(plaintextBytes: number): number
  seal(associated: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** The plaintext without padding. `undefined`: not authentic; `'padding'`: authentic with bad padding. */
  open(associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined | 'padding'
}

/** Keys of one direction: SK_e and SK_a. */
export interface DirectionKeys {
  readonly encryption: Uint8Array
  /** Empty with GCM. */
  readonly integrity: Uint8Array
}

export function createSealing(crypto: CryptoPort, suite: IkeSuite, keys: DirectionKeys): Sealing {
  const { aead } = ENCRYPTION[suite.encryption]
  return aead ? new GcmSealing(crypto, aead, keys.encryption) : new CbcSealing(crypto, suite, keys)
}

const GCM_IV_BYTES = 8
const GCM_TAG_BYTES = 16
const SALT_BYTES = 4

/** AES-GCM (RFC 5282): no padding but its length byte; the nonce is salt | IV, and the IV counts. */
class GcmSealing implements Sealing {
  readonly overheadBytes: number = GCM_IV_BYTES + GCM_TAG_BYTES
  readonly #crypto: CryptoPort
  readonly #aead: AeadName
  readonly #key: Uint8Array
  readonly #salt: Uint8Array
  #sent = 0n

  constructor(crypto: CryptoPort, aead: AeadName, keyAndSalt: Uint8Array) {
    this.#crypto = crypto
    this.#aead = aead
    this.#key = keyAndSalt.subarray(0, -SALT_BYTES)
    this.#salt = keyAndSalt.subarray(-SALT_BYTES)
  }

  sealedBytes(plaintextBytes: number): number {
    return plaintextBytes + 1
  }

  seal(associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const iv = this.#nextIv()
    const padded = concatBytes([plaintext, Uint8Array.of(0)])
    const sealed = this.#crypto.aeadSeal(this.#aead, this.#key, this.#nonce(iv), associated, padded)
    return concatBytes([iv, sealed])
  }

  open(associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined | 'padding' {
    if (sealed.length < this.overheadBytes) return undefined
    const nonce = this.#nonce(sealed.subarray(0, GCM_IV_BYTES))
    const body = sealed.subarray(GCM_IV_BYTES)
    const padded = this.#crypto.aeadOpen(this.#aead, this.#key, nonce, associated, body)
    return padded && withoutPadding(padded)
  }

  /** Never the same twice under one key (RFC 5282 §3.1): a counter of all messages and fragments. */
  #nextIv(): Uint8Array {
    const iv = new Uint8Array(GCM_IV_BYTES)
    new DataView(iv.buffer).setBigUint64(0, ++this.#sent)
    return iv
  }

  #nonce(iv: Uint8Array): Uint8Array {
    return concatBytes([this.#salt, iv])
  }
}

const BLOCK_BYTES = 16

/** AES-CBC and HMAC (RFC 7296 §3.14), encrypted first; the MAC covers the message up to itself. */
class CbcSealing implements Sealing {
  readonly overheadBytes: number
  readonly #crypto: CryptoPort
  readonly #keys: DirectionKeys
  readonly #mac: (typeof INTEGRITY)[keyof typeof INTEGRITY]

  constructor(crypto: CryptoPort, suite: IkeSuite, keys: DirectionKeys) {
    if (!suite.integrity) throw new RangeError(`${suite.encryption} without integrity`)
    this.#crypto = crypto
    this.#keys = keys
    this.#mac = INTEGRITY[suite.integrity]
    this.overheadBytes = BLOCK_BYTES + this.#mac.icvBytes
  }

  sealedBytes(plaintextBytes: number): number {
    return Math.ceil((plaintextBytes + 1) / BLOCK_BYTES) * BLOCK_BYTES
  }

  seal(associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const iv = this.#crypto.random(BLOCK_BYTES)
    const padded = new Uint8Array(this.sealedBytes(plaintext.length))
    padded.set(plaintext)
    padded[padded.length - 1] = padded.length - plaintext.length - 1
    const encrypted = this.#crypto.aesCbcEncrypt(this.#keys.encryption, iv, padded)
    return concatBytes([iv, encrypted, this.#icv([associated, iv, encrypted])])
  }

  open(associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined | 'padding' {
    if (sealed.length < this.overheadBytes + BLOCK_BYTES) return undefined
    const end = sealed.length - this.#mac.icvBytes
    const authentic = this.#crypto.equal(
      this.#icv([associated, sealed.subarray(0, end)]),
      sealed.subarray(end),
    )
    if (!authentic) return undefined
    const encrypted = sealed.subarray(BLOCK_BYTES, end)
    if (encrypted.length % BLOCK_BYTES !== 0) return 'padding'
    const iv = sealed.subarray(0, BLOCK_BYTES)
    return withoutPadding(this.#crypto.aesCbcDecrypt(this.#keys.encryption, iv, encrypted))
  }

  #icv(parts: readonly Uint8Array[]): Uint8Array {
    const whole = this.#crypto.hmac(this.#mac.hash, this.#keys.integrity, parts)
    return whole.subarray(0, this.#mac.icvBytes)
  }
}

/** Takes off Padding and Pad Length; the padding's bytes may be anything (RFC 7296 §3.14). */
function withoutPadding(padded: Uint8Array): Uint8Array | 'padding' {
  const padLength = padded.at(-1)
  if (padLength === undefined || padLength + 1 > padded.length) return 'padding'
  return padded.subarray(0, padded.length - padLength - 1)
}
