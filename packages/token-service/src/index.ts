/** Our own OpenID token service for service principals and managed identities, and the verifier of bearer tokens. */
export type { HttpAnswer } from './endpoint/answer.ts'
export type { IdentityHeaderSecret, IdentityHosts } from './endpoint/managed-identity.ts'
export type { EndpointVersion } from './endpoint/metadata.ts'
export {
  createResourceTable,
  managementAudiences,
  type ResourceTable,
  vaultAudiences,
} from './endpoint/resource-table.ts'
export { TokenServiceError, type TokenServiceErrorCode } from './errors.ts'
export type { KeyStore } from './keys/key-store.ts'
export {
  openSigningKeys,
  SIGNING_KEYS_NAME,
  type SigningKey,
  type SigningKeys,
  type SigningKeysOptions,
} from './keys/signing-keys.ts'
export { limits } from './limits.ts'
export type {
  ManagedIdentity,
  PrincipalDirectory,
  ServicePrincipal,
  StoredCertificate,
  StoredSecret,
} from './principals/principal.ts'
export {
  type AddedSecret,
  createPrincipalStore,
  type PrincipalRefusal,
  type PrincipalStore,
} from './principals/principal-store.ts'
export {
  createTokenService,
  type IdentityTokenRequest,
  type TokenRequest,
  type TokenService,
  type TokenServiceOptions,
} from './token-service.ts'
export {
  createTokenVerifier,
  type TokenAuthority,
  type TokenIdentity,
  type TokenRefusal,
  type TokenRefusalCode,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiedToken,
  vaultChallenge,
} from './verify/token-verifier.ts'
