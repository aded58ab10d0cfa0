/** Ours: how much of everything that a peer or an operator hands in is looked at. */
export const limits = {
  /** One certificate in DER, in bytes. Real ones have 700 to 3,000. */
  certificateBytes: 16_384,
  /** One CRL in DER, in bytes: some 25,000 revoked certificates. */
  crlBytes: 1_048_576,
  /** Certificates of one peer: the leaf and what it sent along. */
  peerCertificates: 10,
  /** Authorities between the leaf and the anchor of an accepted chain. */
  chainIntermediates: 5,
  /** Roots and uploaded intermediates in one trust store, each. Azure has a limit of 20 roots. */
  storeCertificates: 256,
  storeCrls: 256,
  /** What `readCertificates` reads, in bytes or characters. */
  inputBytes: 262_144,
  /** Certificates in one such input. */
  inputCertificates: 100,
  /** A PKCS#12 file, in bytes. */
  pkcs12Bytes: 262_144,
  /** Rounds of key derivation that the MAC of a PKCS#12 file may ask for: about a tenth of a second. */
  pkcs12Iterations: 1_000_000,
  /** Thumbprints in one revocation list. */
  thumbprints: 10_000,
  /** Entries of a connection's inbound chain. */
  inboundEntries: 20,
  /** One OCSP answer in DER, in bytes. Real ones have 500 to 3,000. */
  ocspBytes: 65_536,
  /** URIs of each kind that one certificate may name and that are asked. */
  revocationUris: 3,
  /** Characters of such a URI. */
  uriCharacters: 2_048,
  /** RFC 5280 Appendix A: ub-common-name and ub-organization-name. */
  nameCharacters: 64,
  /** A distinguished name as text. */
  subjectCharacters: 1_024,
} as const
