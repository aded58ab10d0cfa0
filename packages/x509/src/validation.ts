import type { CertificateDescription } from './description.ts'

/** Why a chain was refused. */
export type ValidationReason =
  /** No path to a trusted root: unknown issuer, a missing intermediate, or a self-signed stranger. */
  | 'untrusted-root'
  | 'expired'
  | 'not-yet-valid'
  /** Listed in a CRL of its issuer. */
  | 'revoked'
  /** The certificate may not be used for this: extended key usage, key usage, or an issuer that is no CA. */
  | 'purpose'
  /** RSA below 2048 bits or with a weak exponent, or a curve below P-256. */
  | 'key-too-small'
  /** A signature that does not verify, or that uses a digest of less than 112 bits of security. */
  | 'signature'
  | 'path-length'
  | 'name-constraints'
  /** A critical extension that OpenSSL does not know. */
  | 'critical-extension'
  /** A CRL is needed and there is none that is current, of the right scope and rightly signed. */
  | 'crl-missing'
  /** Bytes that are no certificate, or a certificate with an unreadable key or extension. */
  | 'malformed'
  | 'chain-too-long'
  | 'other'

/** A chain that holds. */
export interface ValidChain {
  readonly valid: true
  /** DER, the leaf first and the trust anchor last. */
  readonly chain: readonly Uint8Array[]
  /** What the leaf says, as `describeCertificate` tells it. */
  readonly leaf: CertificateDescription
}

/** A refusal, with what a log line needs. */
export interface InvalidChain {
  readonly valid: false
  readonly reason: ValidationReason
  /** One line for the log; no secret, but text of the peer's making may be quoted in `subject`. */
  readonly detail: string
  /** Where in the chain: 0 is the leaf. */
  readonly depth: number
  /** Subject of the certificate at fault, where it could be read. */
  readonly subject?: string
}

export type Validation = ValidChain | InvalidChain
