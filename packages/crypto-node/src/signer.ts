import { createPrivateKey, createSign, type KeyObject } from 'node:crypto'
import type { SignatureScheme } from '@causeway/crypto'
import { CryptoNodeError } from './errors.ts'
import { OPENSSL_HASH } from './hash-names.ts'
import { plainBytes } from './plain-bytes.ts'
import { signatureOptions } from './signature-options.ts'

/** The kind of a signing key; `bits` of the modulus, or of the curve's order. */
export type SignerKey =
  | { readonly type: 'RSA'; readonly bits: number }
  | { readonly type: 'ECDSA'; readonly curve: 'P-256' | 'P-384' | 'P-521'; readonly bits: 256 | 384 | 521 }

/** A private key that signs for IKEv2 authentication. */
export interface Signer {
  readonly key: SignerKey
  /** What the key can sign by, the preferred first. */
  readonly schemes: readonly SignatureScheme[]
  /** Whether the key can sign by this scheme. */
  supports(scheme: SignatureScheme): boolean
  /** Signs the joined parts. Errors: `ERR_SIGNATURE_SCHEME` for a scheme it does not support. */
  sign(scheme: SignatureScheme, parts: readonly Uint8Array[]): Uint8Array
}

const RSA_BITS_MIN = 2048
const RSA_BITS_MAX = 8192
const CURVES: ReadonlyMap<string, SignerKey> = new Map([
  ['prime256v1', { type: 'ECDSA', curve: 'P-256', bits: 256 }],
  ['secp384r1', { type: 'ECDSA', curve: 'P-384', bits: 384 }],
  ['secp521r1', { type: 'ECDSA', curve: 'P-521', bits: 521 }],
])
/** r‖s belongs to a method that fixes the hash by the curve (RFC 4754 §3). */
const CURVE_HASH = { 'P-256': 'SHA256', 'P-384': 'SHA384', 'P-521': 'SHA512' } as const
/** SHA-1 last: for peers that know no other. */
const HASHES = ['SHA256', 'SHA384', 'SHA512', 'SHA1'] as const

/**
 * A signer of an unencrypted private key in PEM (PKCS #8, PKCS #1 or SEC 1).
 * Errors: `ERR_PRIVATE_KEY` for any other, or one that the port's `verifySignature` would not accept.
 */
export function createSigner(privateKeyPem: string): Signer {
  const privateKey = readPrivateKey(privateKeyPem)
  const key = keyKind(privateKey)
  const schemes = schemesOf(key)
  const supports = (scheme: SignatureScheme) => schemes.some(known => sameScheme(known, scheme))
  return {
    key,
    schemes,
    supports,
    sign(scheme, parts) {
      if (!supports(scheme))
        throw new CryptoNodeError('ERR_SIGNATURE_SCHEME', `a key of type ${key.type} has no ${scheme.family}`)
      const signing = createSign(OPENSSL_HASH[scheme.hash])
      for (const part of parts) signing.update(part)
      return plainBytes(signing.sign({ key: privateKey, ...signatureOptions(scheme) }))
    },
  }
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CryptoNodeError('ERR_PRIVATE_KEY', 'not an unencrypted private key in PEM', { cause })
  }
}

function keyKind(key: KeyObject): SignerKey {
  const { modulusLength: bits = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX)
    return { type: 'RSA', bits }
  const onCurve = key.asymmetricKeyType === 'ec' ? CURVES.get(namedCurve) : undefined
  if (onCurve) return onCurve
  const what = `${key.asymmetricKeyType} ${namedCurve || bits || ''}`.trim()
  throw new CryptoNodeError(
    'ERR_PRIVATE_KEY',
    `signs with RSA of ${RSA_BITS_MIN} to ${RSA_BITS_MAX} bits, P-256, P-384 or P-521, not with ${what}`,
  )
}

function schemesOf(key: SignerKey): readonly SignatureScheme[] {
  return key.type === 'RSA'
    ? [
        ...HASHES.map(hash => ({ family: 'RSA-PSS', hash }) as const),
        ...HASHES.map(hash => ({ family: 'RSA-PKCS1', hash }) as const),
      ]
    : [
        ...HASHES.map(hash => ({ family: 'ECDSA', hash, encoding: 'DER' }) as const),
        { family: 'ECDSA', hash: CURVE_HASH[key.curve], encoding: 'IEEE-P1363' },
      ]
}

function sameScheme(a: SignatureScheme, b: SignatureScheme): boolean {
  if (a.family !== b.family || a.hash !== b.hash) return false
  return a.family !== 'ECDSA' || b.family !== 'ECDSA' || a.encoding === b.encoding
}
