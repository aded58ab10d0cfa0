import type { MaterialRefusalReason } from '@causeway/site-to-site'

/** Reads the outbound certificates of connections: a vault, through the gateway's identity. */
export interface CertificateReader {
  /**
   * The certificate with its key that a Key Vault identifier names. What is refused is a value. Errors: defects alone.
   */
  readCertificate(id: string): Promise<ReadCertificate | CertificateRefusal>
}

export interface ReadCertificate {
  readonly type: 'certificate'
  /** Of the vault. */
  readonly version: string
  /** DER; the certificate of the key first, then what was stored with it. */
  readonly chain: readonly Uint8Array[]
  /** PKCS#8 in PEM. */
  readonly privateKey: string
}

export interface CertificateRefusal {
  readonly type: 'refused'
  readonly reason: MaterialRefusalReason
  /** One line: what is wrong, and what to do. */
  readonly message: string
  /** Another try may succeed with nothing changed. */
  readonly isTemporary: boolean
}
