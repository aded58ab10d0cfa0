import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CryptoPort, HashName } from '@causeway/crypto'
import { aeadOpen, aeadSeal, aesCbcDecrypt, aesCbcEncrypt, aesCtr } from './aes.ts'
import { OPENSSL_HASH } from './hash-names.ts'
import { createKeyAgreement } from './key-agreement.ts'
import { plainBytes } from './plain-bytes.ts'
import { tls1Prf } from './tls1-prf.ts'
import { createVerifySignature } from './verify-signature.ts'

/** The crypto port on OpenSSL, through `node:crypto`. */
export function createNodeCrypto(): CryptoPort {
  return createCryptoFrom(random)
}

/** @internal The port with another source of randomness, from which private keys are made, too. */
export function createCryptoFrom(source: CryptoPort['random']): CryptoPort {
  return {
    random: source,
    hash,
    hmac,
    equal,
    aesCtr,
    tls1Prf: (...input) => tls1Prf(hmac, ...input),
    aeadSeal,
    aeadOpen,
    aesCbcEncrypt,
    aesCbcDecrypt,
    createKeyAgreement: group => createKeyAgreement(source, group),
    verifySignature: createVerifySignature(),
  }
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
