import { type KeyObject, X509Certificate } from 'node:crypto'
import { sameBytes } from '@causeway/wire'
import { hash } from './digest.ts'

/** A public key that signatures are accepted of. */
export type CertificateKey =
  | { readonly type: 'RSA' | 'RSA-PSS'; readonly key: KeyObject }
  /** `fieldBytes`: length of r, and of s. */
  | { readonly type: 'ECDSA'; readonly key: KeyObject; readonly fieldBytes: number }

/** Curves by OpenSSL's name, with the length of their orders in bytes. */
export const SIGNATURE_CURVES: ReadonlyMap<string, number> = new Map([
  ['prime256v1', 32],
  ['secp384r1', 48],
  ['secp521r1', 66],
])

/** What a certificate payload can hold (RFC 7296 §3.6): a longer one is nobody's. */
const CERTIFICATE_BYTES_MAX = 65_530
/** Certificates whose keys are remembered, the least recently used leaving first. */
const REMEMBERED_MAX = 256

const RSA_BITS_MIN = 2048
const RSA_BITS_MAX = 8192
const RSA_EXPONENT_MIN = 65_537n
/** FIPS 186-5 §A.1.1: an exponent as long as the modulus makes checking as dear as signing. */
const RSA_EXPONENT_BELOW = 1n << 256n

/**
 * Reads keys out of certificates, and remembers them: to read one takes twice as long as to check an ECDSA
 * signature. A text: the certificate cannot be read, or why its key is not accepted.
 */
export function createCertificateKeys(): (certificate: Uint8Array) => CertificateKey | string {
  const remembered = new Map<string, CertificateKey | string>()
  return certificate => {
    if (certificate.length > CERTIFICATE_BYTES_MAX) return UNREADABLE
    const name = Buffer.from(hash('SHA256', [certificate])).toString('base64')
    const key = remembered.get(name) ?? readKey(certificate)
    remembered.delete(name)
    remembered.set(name, key)
    if (remembered.size > REMEMBERED_MAX) remembered.delete(remembered.keys().next().value as string)
    return key
  }
}

const UNREADABLE = 'the certificate cannot be read'

function readKey(certificate: Uint8Array): CertificateKey | string {
  const key = publicKeyOf(certificate)
  const details = key?.asymmetricKeyDetails
  if (!key || !details) return UNREADABLE
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return rsaRefusal(details.modulusLength, details.publicExponent) ?? { type: 'RSA', key }
    case 'rsa-pss':
      return rsaRefusal(details.modulusLength, details.publicExponent) ?? { type: 'RSA-PSS', key }
    case 'ec': {
      const fieldBytes = SIGNATURE_CURVES.get(details.namedCurve ?? '')
      return fieldBytes ? { type: 'ECDSA', key, fieldBytes } : otherCurve(details.namedCurve)
    }
    default:
      return `the certificate's key is of type ${key.asymmetricKeyType}; RSA and ECDSA are accepted`
  }
}

/**
 * `X509Certificate` also reads PEM, wherever it finds it, and lets bytes trail: so what it read has to be
 * what it was given, lest it answers with another key than whoever validates the certificate sees.
 */
function publicKeyOf(certificate: Uint8Array): KeyObject | undefined {
  try {
    const read = new X509Certificate(certificate)
    return sameBytes(read.raw, certificate) ? read.publicKey : undefined
  } catch {
    // A stranger's bytes, and OpenSSL has a hundred ways to say that it cannot read them.
    return undefined
  }
}

function rsaRefusal(bits = 0, exponent = 0n): string | undefined {
  if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
    return `the certificate's RSA key has ${bits} bits; ${RSA_BITS_MIN} to ${RSA_BITS_MAX} are accepted`
  const isAccepted = exponent >= RSA_EXPONENT_MIN && exponent < RSA_EXPONENT_BELOW && exponent % 2n === 1n
  return isAccepted ? undefined : "the certificate's RSA key has an exponent that is not accepted"
}

function otherCurve(name = 'unknown'): string {
  return `the certificate's key is on the curve ${name}; P-256, P-384 and P-521 are accepted`
}
