import { X509Error } from './errors.ts'
import { limits } from './limits.ts'
import { native } from './native.ts'

/** A subject alternative name (RFC 5280 §4.2.1.6) of a kind that is matched on. */
export interface SubjectAltName {
  readonly type: 'dns' | 'ip' | 'email' | 'uri'
  readonly value: string
}

/** What a certificate says about itself. Nothing in it has been verified. */
export interface CertificateDescription {
  /** RFC 4514, most specific part first: `CN=alice,O=Contoso`. */
  readonly subject: string
  readonly issuer: string
  /** The most specific common name of the subject. */
  readonly commonName?: string
  /** Upper-case hex, without leading zero bytes. */
  readonly serialNumber: string
  /** Unix seconds. */
  readonly notBefore: number
  /** Unix seconds. */
  readonly notAfter: number
  /** SHA-1 of the DER in upper-case hex, as Azure and Windows list it. */
  readonly thumbprint: string
  readonly subjectAltNames: readonly SubjectAltName[]
  /** OpenSSL's name: `RSA`, `EC`, `ED25519`, … */
  readonly keyType: string
  readonly keyBits: number
  /** Dotted OIDs; empty when the extension is absent. */
  readonly extendedKeyUsages: readonly string[]
  readonly isCa: boolean
}

/**
 * Reads one certificate in DER for people and for matching.
 *
 * Errors: `ERR_X509_MALFORMED`, `ERR_X509_TOO_LARGE`.
 */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  checkSize(der)
  const description = native.describe(der)
  if (description === undefined) throw malformed()
  return description
}

/**
 * Every thumbprint under which this certificate can be listed as revoked: its own first, and for an
 * ECDSA-signed one those of its equally valid mirror images (r, n − s), which anyone who holds it can make.
 *
 * Errors: as {@link describeCertificate}.
 */
export function thumbprintsOf(der: Uint8Array): readonly string[] {
  checkSize(der)
  const thumbprints = native.thumbprints(der)
  if (thumbprints.length === 0) throw malformed()
  return thumbprints
}

function checkSize(der: Uint8Array): void {
  if (der.length <= limits.certificateBytes) return
  const message = `the certificate is larger than ${limits.certificateBytes} bytes`
  throw new X509Error('ERR_X509_TOO_LARGE', message)
}

function malformed(): X509Error {
  return new X509Error('ERR_X509_MALFORMED', 'the bytes are not one X.509 certificate in DER')
}
