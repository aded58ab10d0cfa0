/**
 * Sign-in by Entra ID and other OpenID providers: validation of access tokens against a provider's keys,
 * sign-in with the browser, and Azure's table of audiences.
 */
export {
  type AudienceRow,
  type AzureVpnClientSystem,
  audienceRows,
  type CheckedAudience,
  checkAudience,
} from './configuration/audiences.ts'
export { type Cloud, type CloudName, cloudNames, clouds, issuerV1, issuerV2 } from './configuration/clouds.ts'
export {
  type ConfigurationProblem,
  type EntraConfiguration,
  type EntraSettings,
  type RefusedConfiguration,
  readEntraConfiguration,
} from './configuration/entra-settings.ts'
export { EntraError, type EntraErrorCode } from './errors.ts'
export { parseJsonObject } from './json-object.ts'
export { limits } from './limits.ts'
export type { CacheTimes } from './provider/cached-document.ts'
export { createHttpsFetch, type HostAddress, type HttpsFetchOptions } from './provider/https-fetch.ts'
export { readKeySet } from './provider/key-set.ts'
export { readMetadata } from './provider/metadata.ts'
export {
  createOpenIdProvider,
  type KeyAnswer,
  type KeySource,
  type OpenIdProvider,
  type ProviderOptions,
} from './provider/open-id-provider.ts'
export type { Denial, Fault } from './result.ts'
export {
  type BrowserSignIn,
  type BrowserSignInOptions,
  createBrowserSignIn,
  type SignInCallback,
  type SignInVerdict,
  type StartedSignIn,
} from './sign-in/browser-sign-in.ts'
export type { SignInOwner } from './sign-in/pending-sign-ins.ts'
export type { RecheckVerdict, RefreshHandle } from './sign-in/refresh-keeper.ts'
export { algorithms, defaultAlgorithms, type SignatureAlgorithm } from './token/algorithms.ts'
export { type ClaimRules, judgeClaims, type TokenIdentity } from './token/claim-rules.ts'
export { type Claims, type Groups, readClaims } from './token/claims.ts'
export { readTokenHeader, type TokenHeader } from './token/token-text.ts'
export {
  createTokenValidator,
  type TokenValidator,
  type TokenValidatorOptions,
  type TokenVerdict,
} from './token/token-validator.ts'
