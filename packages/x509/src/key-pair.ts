import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import { X509Error } from './errors.ts'

/** The keys that are issued for. */
export type KeyAlgorithm = 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ecdsa-p256' | 'ecdsa-p384'

/** How a key signs: the algorithm that WebCrypto imports it by, and the digest that goes with it. */
export interface SigningAlgorithm {
  readonly name: 'RSASSA-PKCS1-v1_5' | 'ECDSA'
  readonly hash: 'SHA-256' | 'SHA-384'
  readonly namedCurve?: 'P-256' | 'P-384'
}

const rsaSha256: SigningAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const p256: SigningAlgorithm = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }
const p384: SigningAlgorithm = { name: 'ECDSA', hash: 'SHA-384', namedCurve: 'P-384' }

const generate = promisify(generateKeyPair)

/** Generates a key off the main thread. The answer is PKCS#8 in PEM, not encrypted. */
export async function generatePrivateKey(algorithm: KeyAlgorithm): Promise<string> {
  const { privateKey } = await generateFor(algorithm)
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** @internal Errors: `ERR_X509_KEY`. */
export function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new X509Error('ERR_X509_KEY', 'the private key is not an unencrypted key in PEM', { cause })
  }
}

/** @internal The public half of a private or public key, as SubjectPublicKeyInfo in DER. */
export function publicKeyOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  const publicKey = key.type === 'public' ? key : createPublicKey(key)
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
}

/** @internal Errors: `ERR_X509_KEY` for a key that does not sign here. */
export function signingAlgorithmOf(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return rsaSha256
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return p256
    case 'secp384r1':
      return p384
    default:
      throw new X509Error('ERR_X509_KEY', 'the signing key must be RSA, or ECDSA on P-256 or P-384')
  }
}

/** @internal */
export function importSigningKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, { ...signingAlgorithmOf(key) }, false, ['sign'])
}

function generateFor(algorithm: KeyAlgorithm): Promise<{ privateKey: KeyObject }> {
  switch (algorithm) {
    case 'rsa-2048':
      return generate('rsa', { modulusLength: 2048 })
    case 'rsa-3072':
      return generate('rsa', { modulusLength: 3072 })
    case 'rsa-4096':
      return generate('rsa', { modulusLength: 4096 })
    case 'ecdsa-p256':
      return generate('ec', { namedCurve: 'P-256' })
    case 'ecdsa-p384':
      return generate('ec', { namedCurve: 'P-384' })
    default:
      return algorithm satisfies never
  }
}
