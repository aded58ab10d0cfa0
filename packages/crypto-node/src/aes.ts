import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { AeadName } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import { fitsArea, place, take } from './area.ts'
import { native } from './native.ts'
import { plainBytes } from './plain-bytes.ts'

/** Length of the tag that ends what AES-GCM seals, in bytes. */
export const AEAD_TAG_BYTES = 16

const AEAD_NONCE_BYTES = 12
const AES_BLOCK_BYTES = 16
const AES_KEY_BITS: ReadonlyMap<number, 128 | 192 | 256> = new Map([
  [16, 128],
  [24, 192],
  [32, 256],
])
const AEAD = {
  'AES-128-GCM': { cipher: 'aes-128-gcm', keyBytes: 16 },
  'AES-192-GCM': { cipher: 'aes-192-gcm', keyBytes: 24 },
  'AES-256-GCM': { cipher: 'aes-256-gcm', keyBytes: 32 },
} as const satisfies Record<AeadName, unknown>

export function aesCtr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const name = `aes-${keyBits(key)}-ctr`
  checkLength('an AES-CTR counter', counter, AES_BLOCK_BYTES)
  // A stream cipher: final() has nothing left to give.
  return plainBytes(createCipheriv(name, key, counter).update(data))
}

export function aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const name = cbcName(key, iv, data)
  // Whole blocks and no padding: final() has nothing left to give, here and below.
  return plainBytes(createCipheriv(name, key, iv).setAutoPadding(false).update(data))
}

export function aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const name = cbcName(key, iv, data)
  return plainBytes(createDecipheriv(name, key, iv).setAutoPadding(false).update(data))
}

export function aeadSeal(
  name: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  checkAead(name, key, nonce)
  const textAt = key.length + nonce.length + associated.length
  const sealedBytes = plaintext.length + AEAD_TAG_BYTES
  if (!fitsArea(textAt + sealedBytes)) return sealLong(name, key, nonce, associated, plaintext)
  place(plaintext, place(associated, place(nonce, place(key, 0))))
  native.seal(key.length, associated.length, plaintext.length)
  return take(sealedBytes, textAt)
}

export function aeadOpen(
  name: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  checkAead(name, key, nonce)
  const textBytes = sealed.length - AEAD_TAG_BYTES
  if (textBytes < 0) return undefined
  const textAt = key.length + nonce.length + associated.length
  if (!fitsArea(textAt + sealed.length)) return openLong(name, key, nonce, associated, sealed)
  place(sealed, place(associated, place(nonce, place(key, 0))))
  return native.open(key.length, associated.length, textBytes) ? take(textBytes, textAt) : undefined
}

function sealLong(
  name: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const sealing = createCipheriv(AEAD[name].cipher, key, nonce).setAAD(associated)
  const ciphertext = sealing.update(plaintext)
  sealing.final()
  return concatBytes([ciphertext, sealing.getAuthTag()])
}

function openLong(
  name: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const tagAt = sealed.length - AEAD_TAG_BYTES
  const opening = createDecipheriv(AEAD[name].cipher, key, nonce, { authTagLength: AEAD_TAG_BYTES })
  opening.setAAD(associated).setAuthTag(sealed.subarray(tagAt))
  const plaintext = opening.update(sealed.subarray(0, tagAt))
  try {
    opening.final()
  } catch {
    // How node:crypto says that the tag does not verify: final() has no other way to fail.
    return undefined
  }
  return plainBytes(plaintext)
}

/** Decrypts what `aeadSeal` made, whatever its tag is: only for fuzzing. */
export function aeadOpenUnchecked(
  name: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  checkAead(name, key, nonce)
  const tagAt = sealed.length - AEAD_TAG_BYTES
  if (tagAt < 0) return undefined
  // With a 12-byte nonce, GCM encrypts as CTR does from the block counter 2 (NIST SP 800-38D §7.1).
  return aesCtr(key, concatBytes([nonce, Uint8Array.of(0, 0, 0, 2)]), sealed.subarray(0, tagAt))
}

function checkAead(name: AeadName, key: Uint8Array, nonce: Uint8Array): void {
  checkLength(`a key of ${name}`, key, AEAD[name].keyBytes)
  checkLength('an AES-GCM nonce', nonce, AEAD_NONCE_BYTES)
}

function cbcName(key: Uint8Array, iv: Uint8Array, data: Uint8Array): string {
  checkLength('an AES-CBC IV', iv, AES_BLOCK_BYTES)
  if (data.length % AES_BLOCK_BYTES !== 0)
    throw new RangeError(`AES-CBC takes whole blocks of ${AES_BLOCK_BYTES} bytes, not ${data.length} bytes`)
  return `aes-${keyBits(key)}-cbc`
}

function keyBits(key: Uint8Array): 128 | 192 | 256 {
  const bits = AES_KEY_BITS.get(key.length)
  if (!bits) throw new RangeError(`an AES key has 16, 24 or 32 bytes, not ${key.length}`)
  return bits
}

function checkLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes, not ${bytes.length}`)
}
