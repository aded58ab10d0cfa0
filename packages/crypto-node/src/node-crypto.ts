import { createCipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CryptoPort, HashName } from '@causeway/crypto'
import { tls1Prf } from './tls1-prf.ts'

/** The names by which OpenSSL knows the hashes. */
const OPENSSL_HASH: Readonly<Record<HashName, string>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
}

const AES_CTR: ReadonlyMap<number, string> = new Map([
  [16, 'aes-128-ctr'],
  [24, 'aes-192-ctr'],
  [32, 'aes-256-ctr'],
])
const AES_BLOCK_BYTES = 16

/** The crypto port on OpenSSL, through `node:crypto`. */
export function createNodeCrypto(): CryptoPort {
  return { random, hash, hmac, equal, aesCtr, tls1Prf: (...input) => tls1Prf(hmac, ...input) }
}

function random(length: number): Uint8Array {
  return plainBytes(randomBytes(length))
}

function hash(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  const hashing = createHash(OPENSSL_HASH[name])
  for (const part of parts) hashing.update(part)
  return plainBytes(hashing.digest())
}

function hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const hashing = createHmac(OPENSSL_HASH[name], key)
  for (const part of parts) hashing.update(part)
  return plainBytes(hashing.digest())
}

/** Lengths are no secret; the bytes are compared in constant time. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function aesCtr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const name = AES_CTR.get(key.length)
  if (!name) throw new RangeError(`an AES key has 16, 24 or 32 bytes, not ${key.length}`)
  if (counter.length !== AES_BLOCK_BYTES)
    throw new RangeError(`an AES-CTR counter has ${AES_BLOCK_BYTES} bytes, not ${counter.length}`)
  // A stream cipher: final() has nothing left to give.
  return plainBytes(createCipheriv(name, key, counter).update(data))
}

/** A `Uint8Array` and no `Buffer`, whose `slice` would share its bytes. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer)
}
