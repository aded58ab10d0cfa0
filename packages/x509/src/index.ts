/**
 * X.509 for the gateway: validation of a peer's chain by OpenSSL, revocation by thumbprint, reading and
 * writing of every form in which certificates travel, and issuing.
 *
 * Importing it throws `ERR_X509_ADDON` when the native addon is not built.
 */
export { readCertificates } from './certificate-input.ts'
export type { Issuer, SubjectName, Validity } from './certificate-signing.ts'
export { type CrlOptions, issueCrl } from './crl.ts'
export {
  type CertificateDescription,
  describeCertificate,
  type SubjectAltName,
  thumbprintsOf,
} from './description.ts'
export { X509Error, type X509ErrorCode } from './errors.ts'
export {
  type AuthorityOptions,
  type IssuedCertificate,
  type IssueOptions,
  issueClientCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
  type ServerOptions,
} from './issuing.ts'
export { type ReadKeyBundle, readKeyBundle } from './key-bundle.ts'
export { generatePrivateKey, type KeyAlgorithm } from './key-pair.ts'
export { limits } from './limits.ts'
export { formatPem, type PemBlock, parsePem } from './pem.ts'
export { createPkcs12, defaultIterations, type KeyBundle, type Pkcs12Options, parsePkcs12 } from './pkcs12.ts'
export {
  createRevocationChecker,
  type RevocationChecker,
  type RevocationCheckerOptions,
  type RevocationRequest,
} from './revocation/revocation-checker.ts'
export {
  createRevocationFetch,
  type RevocationFetch,
  type RevocationFetchOptions,
  type RevocationQuestion,
} from './revocation/revocation-fetch.ts'
export type { RevocationMode, RevocationReport, RevocationStatus } from './revocation/revocation-report.ts'
export { createRevocationList, parseThumbprint, type RevocationList } from './revocation-list.ts'
export {
  issueSelfSigned,
  type KeyUsage,
  keyUsages,
  type SelfSignedOptions,
} from './self-signed.ts'
export type { ServerNames } from './server-names.ts'
export {
  type AcceptedPeer,
  type InboundChainRefusalCode,
  type InboundChainRequest,
  judgeInboundChain,
} from './site-certificate/inbound-chain.ts'
export {
  type InboundTrust,
  type InboundTrustOptions,
  type InboundTrustRefusal,
  type InboundTrustRefusalCode,
  readInboundTrust,
} from './site-certificate/inbound-trust.ts'
export {
  judgeOutboundCertificate,
  type OutboundCertificate,
  type OutboundMaterial,
  type OutboundRefusalCode,
} from './site-certificate/outbound.ts'
export type { PathRefusalCode, SiteCertificateRefusal } from './site-certificate/path-refusal.ts'
export { matchesSubjectName, parseSubjectName } from './site-certificate/subject-name.ts'
export { subjectBytes } from './subject-bytes.ts'
export {
  type CrlCheck,
  createTrustStore,
  type TrustStore,
  type TrustStoreOptions,
  type VerifyRequest,
} from './trust-store.ts'
export type { InvalidChain, Validation, ValidationReason, ValidChain } from './validation.ts'
