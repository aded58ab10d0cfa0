/** Under which of the token service's paths a client came. */
export type EndpointVersion = 'v1' | 'v2' | 'adfs'

/** The issuer of tokens that are given out under a path of a base URL, which has no slash at its end. */
export function issuerOf(baseUrl: string, tenant: string, version: EndpointVersion): string {
  switch (version) {
    case 'v1':
      return `${baseUrl}/${tenant}/`
    case 'v2':
      return `${baseUrl}/${tenant}/v2.0`
    case 'adfs':
      return `${baseUrl}/adfs`
    default:
      throw version satisfies never
  }
}

/** Every issuer that a token of ours may name. */
export function issuersOf(baseUrls: readonly string[], tenant: string): readonly string[] {
  const versions: readonly EndpointVersion[] = ['v1', 'v2', 'adfs']
  return baseUrls.flatMap(baseUrl => versions.map(version => issuerOf(baseUrl, tenant, version)))
}

/** The token endpoint's URL. */
export function tokenEndpointOf(baseUrl: string, tenant: string, version: EndpointVersion): string {
  switch (version) {
    case 'v1':
      return `${baseUrl}/${tenant}/oauth2/token`
    case 'v2':
      return `${baseUrl}/${tenant}/oauth2/v2.0/token`
    case 'adfs':
      return `${baseUrl}/adfs/oauth2/token`
    default:
      throw version satisfies never
  }
}

/**
 * The OpenID provider's metadata (OpenID Connect Discovery 1.0 §3), as far as it is true here: applications sign in
 * alone, and nobody interactively. The authorization endpoint is named because clients refuse metadata without it.
 */
export function openIdMetadata(
  baseUrl: string,
  tenant: string,
  version: EndpointVersion,
): Readonly<Record<string, unknown>> {
  const tokenEndpoint = tokenEndpointOf(baseUrl, tenant, version)
  return {
    token_endpoint: tokenEndpoint,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256'],
    jwks_uri: `${baseUrl}/${version === 'adfs' ? 'adfs' : tenant}/discovery/${version === 'v2' ? 'v2.0/' : ''}keys`,
    response_modes_supported: ['query', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    grant_types_supported: ['client_credentials'],
    scopes_supported: ['openid'],
    issuer: issuerOf(baseUrl, tenant, version),
    authorization_endpoint: tokenEndpoint.replace(/token$/, 'authorize'),
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'tid',
      'oid',
      'appid',
      'azp',
      'idtyp',
      'ver',
      'uti',
    ],
  }
}
