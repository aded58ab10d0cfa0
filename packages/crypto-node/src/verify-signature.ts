import { createVerify } from 'node:crypto'
import type { CryptoPort, SignatureScheme } from '@causeway/crypto'
import { type CertificateKey, createCertificateKeys } from './certificate-key.ts'
import { OPENSSL_HASH } from './hash-names.ts'
import { signatureOptions } from './signature-options.ts'

/** Checks signatures as the port says. OpenSSL compares the whole DigestInfo, and takes strict DER only. */
export function createSignatureChecks(): Pick<CryptoPort, 'verifySignature' | 'keyRefusal'> {
  const keyOf = createCertificateKeys()
  return {
    verifySignature: (scheme, certificate, parts, signature) => {
      const key = keyOf(certificate)
      return typeof key !== 'string' && fits(scheme, key, signature) && verify(scheme, key, parts, signature)
    },
    keyRefusal: certificate => {
      const key = keyOf(certificate)
      return typeof key === 'string' ? key : undefined
    },
  }
}

function fits(scheme: SignatureScheme, key: CertificateKey, signature: Uint8Array): boolean {
  switch (scheme.family) {
    case 'RSA-PKCS1':
      return key.type === 'RSA'
    case 'RSA-PSS':
      return key.type === 'RSA' || key.type === 'RSA-PSS'
    case 'ECDSA':
      if (key.type !== 'ECDSA') return false
      return scheme.encoding === 'DER' || signature.length === 2 * key.fieldBytes
    default:
      return scheme satisfies never
  }
}

function verify(
  scheme: SignatureScheme,
  { key }: CertificateKey,
  parts: readonly Uint8Array[],
  signature: Uint8Array,
): boolean {
  const verifying = createVerify(OPENSSL_HASH[scheme.hash])
  for (const part of parts) verifying.update(part)
  try {
    return verifying.verify({ key, ...signatureOptions(scheme) }, signature)
  } catch {
    // A stranger's key: one for RSA-PSS may forbid the scheme's hash or salt, and OpenSSL then throws.
    return false
  }
}
