import type { JWK } from 'jose'
import Provider, { type AccessToken, type Client, type Context, errors } from 'oidc-provider'
import { type TenantDirectory, userClaims } from './entra-tenant-directory.ts'
import { RESOURCE_PREFIX, type TenantApp, type TenantEndpoint } from './entra-tenant-document.ts'

const DEFAULT_TOKEN_SECONDS = 3_600
/** In seconds; of no use beyond a run. */
const LIFETIMES = { Grant: 3_600, IdToken: 3_600, Interaction: 3_600, RefreshToken: 3_600, Session: 3_600 }
const SCOPE = 'user_impersonation'

/** npm's oidc-provider as Entra would answer. */
export function tenantProvider(
  endpoint: TenantEndpoint,
  apps: readonly TenantApp[],
  directory: TenantDirectory,
  keys: readonly JWK[],
): Provider {
  const { path, issuer, tenantId } = endpoint
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: apps.map(clientOf),
    clientBasedCORS: () => false,
    cookies: { keys: ['of a test'] },
    // Of Entra's version 1.0.
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      jwks: '/discovery/keys',
      userinfo: '/openid/userinfo',
      end_session: '/oauth2/logout',
    },
    extraParams: ['domain_hint', 'login_hint'],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: {
      openid: ['sub', 'oid', 'tid', 'groups', '_claim_names', '_claim_sources'],
      profile: ['name', 'preferred_username', 'upn', 'unique_name'],
    },
    conformIdTokenClaims: false,
    issueRefreshToken: (_: Context, client: Client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    interactions: { url: (_: Context, { uid }: { uid: string }) => `${path}/interaction/${uid}` },
    findAccount: (_: Context, oid: string) => account(directory, tenantId, oid),
    formats: {
      customizers: {
        jwt: (_: Context, token: AccessToken, parts: TokenParts) =>
          shapeToken(parts, token, endpoint, directory),
      },
    },
    ttl: {
      AccessToken: (_: Context, { resourceServer }: AccessToken) =>
        resourceServer?.accessTokenTTL ?? DEFAULT_TOKEN_SECONDS,
      ...LIFETIMES,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: Context, resource: string) => resourceServer(resource),
      },
    },
  })
  registerPasswordGrant(provider, directory)
  return provider
}

function clientOf({ clientId, clientSecret, redirectUris }: TenantApp): object {
  const isBrowsed = redirectUris.length > 0
  const grants = isBrowsed ? ['authorization_code', 'refresh_token'] : []
  return {
    client_id: clientId,
    ...(clientSecret === undefined
      ? { token_endpoint_auth_method: 'none' }
      : { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post' }),
    redirect_uris: redirectUris,
    response_types: isBrowsed ? ['code'] : [],
    grant_types: [...grants, 'password'],
  }
}

function account(directory: TenantDirectory, tenantId: string, oid: string): object | undefined {
  const user = directory.find(oid)
  return user && { accountId: oid, claims: () => ({ sub: oid, ...userClaims(user, tenantId) }) }
}

function resourceServer(resource: string, tokenSeconds: number = DEFAULT_TOKEN_SECONDS) {
  return {
    scope: SCOPE,
    audience: decodeURIComponent(resource.slice(RESOURCE_PREFIX.length)),
    accessTokenTTL: tokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  } as const
}

interface TokenParts {
  header: Readonly<Record<string, unknown>> | undefined
  payload: Readonly<Record<string, unknown>>
}

/** An access token of version 1.0. Source: Entra's "access token claims reference". */
function shapeToken(
  parts: TokenParts,
  { accountId = '' }: AccessToken,
  { tenantId }: TenantEndpoint,
  directory: TenantDirectory,
): void {
  const { aud, iss, iat, exp, sub, jti, client_id: appid } = parts.payload
  const user = directory.find(accountId)
  const signIn = { acr: '1', amr: ['pwd'], appid, appidacr: '0', ipaddr: '198.51.100.7', scp: SCOPE }
  parts.header = { typ: 'JWT' }
  parts.payload = {
    ...{ aud, iss, iat, nbf: iat, exp, ...signIn, sub },
    ...(user && userClaims(user, tenantId)),
    ...{ uti: jti, ver: '1.0' },
  }
}

/** RFC 6749 §4.3, which Entra has too: a token for who gives name and password without a browser. */
function registerPasswordGrant(provider: Provider, directory: TenantDirectory): void {
  const signIn = async (context: Context): Promise<void> => {
    const { client, params } = context.oidc
    const { username = '', password = '', resource = '' } = params
    const user = directory.signIn(username, password)
    if (typeof user === 'string') throw new errors.InvalidGrant(user)
    const token = new provider.AccessToken({ accountId: user.oid, client, gty: 'password' })
    token.resourceServer = new provider.ResourceServer(resource, resourceServer(resource, user.tokenSeconds))
    const value = await token.save()
    context.body = { token_type: 'Bearer', access_token: value, expires_in: token.expiration }
  }
  provider.registerGrantType('password', signIn, ['username', 'password', 'resource'])
}
