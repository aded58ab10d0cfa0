import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { CryptoPort } from '@causeway/crypto'
import { aeadOpen, aeadSeal, aesCbcDecrypt, aesCbcEncrypt, aesCtr } from './aes.ts'
import { fitsArea, take } from './area.ts'
import { hash, hmac } from './digest.ts'
import { createKeyAgreement } from './key-agreement.ts'
import { native } from './native.ts'
import { plainBytes } from './plain-bytes.ts'
import { tls1Prf } from './tls1-prf.ts'
import { createSignatureChecks } from './verify-signature.ts'

/**
 * The crypto port on Node's OpenSSL: through `node:crypto`, and through an addon where the objects that `node:crypto`
 * makes for every call cost more than what they do.
 */
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
    ...createSignatureChecks(),
  }
}

function random(length: number): Uint8Array {
  if (!fitsArea(length)) return plainBytes(randomBytes(length))
  native.random(length)
  return take(length)
}

/** Lengths are no secret; the bytes are compared in constant time. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
