import { randomUUID, X509Certificate } from 'node:crypto'
import type { StoredCertificate } from './principal.ts'

/** RFC 7518 §3.3. */
const LEAST_RSA_BITS = 2_048

/**
 * Reads a certificate, in PEM or DER, to sign in with. A fault says what is wrong with it and what to give. Whether
 * anybody vouches for it does not matter: the operator does, by adding it.
 */
export function readClientCertificate(
  input: string | Uint8Array,
  displayName: string,
):
  | { readonly type: 'certificate'; readonly stored: StoredCertificate }
  | { readonly type: 'fault'; readonly problem: string } {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(input)
  } catch {
    return { type: 'fault', problem: 'is no certificate; give one in PEM or DER' }
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS)
    return { type: 'fault', problem: `has no RSA key of ${LEAST_RSA_BITS} bits or more; issue it with one` }
  const stored: StoredCertificate = {
    keyId: randomUUID(),
    displayName,
    thumbprintSha1: withoutColons(certificate.fingerprint),
    thumbprintSha256: withoutColons(certificate.fingerprint256),
    certificate: certificate.raw.toString('base64'),
    startsAt: unixSeconds(certificate.validFrom),
    endsAt: unixSeconds(certificate.validTo),
  }
  return { type: 'certificate', stored }
}

function withoutColons(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toUpperCase()
}

function unixSeconds(date: string): number {
  return Math.floor(Date.parse(date) / 1_000)
}
