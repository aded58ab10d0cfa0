import { createHash, createHmac } from 'node:crypto'
import { HASH_BYTES, type HashName } from '@causeway/crypto'
import { fitsArea, lengthOf, place, placeAll, take } from './area.ts'
import { OPENSSL_HASH } from './hash-names.ts'
import { type NativeDigest, native } from './native.ts'
import { plainBytes } from './plain-bytes.ts'

const NUMBERS: Readonly<Record<HashName, NativeDigest>> = { MD5: 0, SHA1: 1, SHA256: 2, SHA384: 3, SHA512: 4 }

export function hash(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  if (!fitsArea(lengthOf(parts))) return longHash(name, parts)
  native.hash(NUMBERS[name], placeAll(parts, 0))
  return take(HASH_BYTES[name])
}

export function hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const length = lengthOf(parts)
  if (!fitsArea(key.length + length)) return longHmac(name, key, parts)
  placeAll(parts, place(key, 0))
  native.hmac(NUMBERS[name], key.length, length)
  return take(HASH_BYTES[name])
}

function longHash(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  const hashing = createHash(OPENSSL_HASH[name])
  for (const part of parts) hashing.update(part)
  return plainBytes(hashing.digest())
}

function longHmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const hashing = createHmac(OPENSSL_HASH[name], key)
  for (const part of parts) hashing.update(part)
  return plainBytes(hashing.digest())
}
