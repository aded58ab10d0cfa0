import { type HttpAnswer, jsonAnswer } from './endpoint/answer.ts'
import { AssertionMemory } from './endpoint/assertion-memory.ts'
import { authenticateClient, type ClientAuthenticatorParts } from './endpoint/client-authentication.ts'
import {
  holderOf,
  type IdentityForm,
  type IdentityHosts,
  type IdentityRefusal,
  readIdentityRequest,
  selectIdentity,
} from './endpoint/managed-identity.ts'
import {
  type EndpointVersion,
  issuerOf,
  issuersOf,
  openIdMetadata,
  tokenEndpointOf,
} from './endpoint/metadata.ts'
import { type OAuthRefusal, oauthErrorAnswer, refuse } from './endpoint/oauth-error.ts'
import type { ResourceTable } from './endpoint/resource-table.ts'
import { readTokenForm } from './endpoint/token-form.ts'
import { TokenServiceError } from './errors.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import { limits } from './limits.ts'
import { FailurePace } from './pace/failure-pace.ts'
import type { PrincipalDirectory } from './principals/principal.ts'
import { SecretChecker } from './principals/secret-checker.ts'
import { quoted } from './quoted.ts'
import { type IssuedToken, issueToken, type TokenSubject } from './token-issuer.ts'

export interface TokenServiceOptions {
  readonly keys: SigningKeys
  readonly directory: PrincipalDirectory
  readonly hosts: IdentityHosts
  /** What tokens may be for. */
  readonly resources: ResourceTable
  /** The directory's id, a GUID: the only tenant there is. */
  readonly tenant: string
  /** https URLs by which clients reach the service, without a slash at the end. The first one issues for identities. */
  readonly baseUrls: readonly [string, ...string[]]
  /** Unix seconds. */
  readonly now: () => number
  /** Default 3,599, at least 300 and at most 86,400. */
  readonly tokenLifetimeSeconds?: number
}

/** A request to one of the token endpoints. */
export interface TokenRequest {
  /** Which path: `/{tenant}/oauth2/token`, `/{tenant}/oauth2/v2.0/token` or `/adfs/oauth2/token`. */
  readonly version: EndpointVersion
  /** The first part of the path; of no account for `adfs`. */
  readonly tenant: string
  /** The base URL by which the client came. One that is not ours counts as the first of ours. */
  readonly baseUrl: string
  readonly form: URLSearchParams
  /** Address of the client; for IPv6 its /64. */
  readonly source: string
  /** Headers by lower-case name: `authorization` and `client-request-id` are looked at. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** A request for a token of a managed identity. */
export interface IdentityTokenRequest {
  readonly query: URLSearchParams
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/**
 * The token service: functions from requests that were parsed to answers. Errors of all of them: what the ports throw;
 * whatever a client sends is answered.
 */
export interface TokenService {
  /** Metadata of `/{tenant}/.well-known/openid-configuration` and its like; 400 for another tenant. */
  openIdConfiguration(baseUrl: string, tenant: string, version: EndpointVersion): HttpAnswer
  /** `/{tenant}/discovery/keys` and its like. */
  jwks(): HttpAnswer
  /** What MSAL asks an authority that it does not know: `/common/discovery/instance`. */
  instanceDiscovery(baseUrl: string): HttpAnswer
  token(request: TokenRequest): Promise<HttpAnswer>
  /** `GET IDENTITY_ENDPOINT`, with the secret in `x-identity-header`. */
  appService(request: IdentityTokenRequest): Promise<HttpAnswer>
  /** `GET /metadata/identity/oauth2/token` of a resource that the caller has told by where it came from. */
  imds(request: IdentityTokenRequest, resourceId: string): Promise<HttpAnswer>
  /** Every issuer that a token of this service may name. */
  readonly issuers: readonly string[]
}

/** Makes the service. Errors: `ERR_TOKEN_OPTION`. */
export function createTokenService(options: TokenServiceOptions): TokenService {
  return new CompleteTokenService(checkOptions(options))
}

class CompleteTokenService implements TokenService {
  readonly #options: TokenServiceOptions
  readonly #parts: ClientAuthenticatorParts
  readonly issuers: readonly string[]

  constructor(options: TokenServiceOptions) {
    this.#options = options
    const { directory, baseUrls, tenant } = options
    this.#parts = {
      directory,
      pace: new FailurePace(),
      secrets: new SecretChecker(),
      memory: new AssertionMemory(),
    }
    this.issuers = issuersOf(baseUrls, tenant)
  }

  openIdConfiguration(baseUrl: string, tenant: string, version: EndpointVersion): HttpAnswer {
    const refusal = this.#judgeTenant(tenant, version)
    if (refusal) return this.#errorAnswer(refusal, {})
    return jsonAnswer(200, openIdMetadata(this.#known(baseUrl), this.#options.tenant, version))
  }

  jwks(): HttpAnswer {
    return jsonAnswer(200, { keys: this.#options.keys.publicKeys(this.#options.now()) })
  }

  instanceDiscovery(baseUrl: string): HttpAnswer {
    const url = this.#known(baseUrl)
    const { host } = new URL(url)
    return jsonAnswer(200, {
      tenant_discovery_endpoint: `${url}/${this.#options.tenant}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    })
  }

  async token(request: TokenRequest): Promise<HttpAnswer> {
    const given = await this.#grant(request)
    if (given.type === 'refused') return this.#errorAnswer(given, request.headers)
    const { token, resource } = given
    const seconds = token.expiresAt - token.issuedAt
    // Version 1 wrote its numbers as text.
    const number = (value: number): number | string => (request.version === 'v1' ? String(value) : value)
    return jsonAnswer(200, {
      token_type: 'Bearer',
      expires_in: number(seconds),
      ext_expires_in: number(seconds),
      ...(request.version === 'v1' && {
        expires_on: String(token.expiresAt),
        not_before: String(token.issuedAt),
        resource,
      }),
      access_token: token.text,
    })
  }

  async appService({ query, headers }: IdentityTokenRequest): Promise<HttpAnswer> {
    const holder = holderOf(headers['x-identity-header'], await this.#options.hosts.headerSecrets())
    if (holder === undefined)
      return identityErrorAnswer('appService', {
        type: 'refused',
        status: 401,
        error: 'unauthorized',
        problem: "The header 'X-IDENTITY-HEADER' is missing or wrong. Send the value of IDENTITY_HEADER.",
      })
    return this.#identityToken('appService', query, holder)
  }

  async imds({ query, headers }: IdentityTokenRequest, resourceId: string): Promise<HttpAnswer> {
    const problem = imdsProblem(headers)
    if (problem !== undefined)
      return identityErrorAnswer('imds', { type: 'refused', status: 400, error: 'invalid_request', problem })
    return this.#identityToken('imds', query, resourceId)
  }

  async #grant(
    request: TokenRequest,
  ): Promise<
    { readonly type: 'granted'; readonly token: IssuedToken; readonly resource: string } | OAuthRefusal
  > {
    const { now, resources, tenant } = this.#options
    const wrongTenant = this.#judgeTenant(request.tenant, request.version)
    if (wrongTenant) return wrongTenant
    const { authorization } = request.headers
    const form = readTokenForm(request.form, authorization)
    if (form.type === 'refused') return form
    const audience = resources.audienceOf(form.resource)
    if (audience === undefined) return unknownResource(form.resource, tenant)
    const claim = { ...form, source: request.source, audiences: this.#assertionAudiences() }
    const client = await authenticateClient(claim, this.#parts, now())
    if (client.type === 'refused') return client
    const { appId: clientId, objectId } = client.principal
    const subject = { clientId, objectId, strength: client.strength }
    const issuer = issuerOf(this.#known(request.baseUrl), tenant, request.version)
    const token = await this.#issue(subject, audience, issuer, request.version === 'v2' ? '2.0' : '1.0')
    return { type: 'granted', token, resource: form.resource }
  }

  async #identityToken(form: IdentityForm, query: URLSearchParams, resourceId: string): Promise<HttpAnswer> {
    const request = readIdentityRequest(query, form)
    if (request.type === 'refused') return identityErrorAnswer(form, request)
    const { tenant, resources, baseUrls, hosts } = this.#options
    const audience = resources.audienceOf(request.resource)
    if (audience === undefined) {
      const { problem } = unknownResource(request.resource, tenant)
      return identityErrorAnswer(form, { type: 'refused', status: 400, error: 'invalid_resource', problem })
    }
    const identity = selectIdentity(request, await hosts.identitiesOf(resourceId))
    if ('type' in identity) return identityErrorAnswer(form, identity)
    const { clientId, principalId: objectId, resourceId: managedIdentity } = identity
    const subject: TokenSubject = { clientId, objectId, strength: '2', managedIdentity }
    const token = await this.#issue(subject, audience, issuerOf(baseUrls[0], tenant, 'v1'), '1.0')
    return identityAnswer(form, token, clientId, request.resource)
  }

  #issue(
    subject: TokenSubject,
    audience: string,
    issuer: string,
    version: '1.0' | '2.0',
  ): Promise<IssuedToken> {
    const { now, keys, tenant, tokenLifetimeSeconds = limits.tokenLifetimeSeconds.usual } = this.#options
    const order = {
      subject,
      audience,
      issuer,
      version,
      tenant,
      now: now(),
      lifetimeSeconds: tokenLifetimeSeconds,
    }
    return issueToken(order, keys)
  }

  /** RFC 7523 §3 item 3: our own endpoints and issuers, whichever the client thinks of. */
  #assertionAudiences(): readonly string[] {
    const { baseUrls, tenant } = this.#options
    const versions: readonly EndpointVersion[] = ['v1', 'v2', 'adfs']
    const endpoints = baseUrls.flatMap(url => versions.map(version => tokenEndpointOf(url, tenant, version)))
    return [...endpoints, ...this.issuers]
  }

  #judgeTenant(tenant: string, version: EndpointVersion): OAuthRefusal | undefined {
    if (version === 'adfs' || tenant.toLowerCase() === this.#options.tenant) return undefined
    return refuse(
      'unknownTenant',
      `Tenant ${quoted(tenant)} not found. The only tenant here is ${this.#options.tenant}.`,
    )
  }

  /** A base URL comes from the client's `Host` header: nothing that is not ours gets into a token. */
  #known(baseUrl: string): string {
    const wanted = baseUrl.toLowerCase()
    return this.#options.baseUrls.find(url => url.toLowerCase() === wanted) ?? this.#options.baseUrls[0]
  }

  #errorAnswer(refusal: OAuthRefusal, headers: TokenRequest['headers']): HttpAnswer {
    const { authorization, 'client-request-id': correlationId } = headers
    const usedBasic = authorization !== undefined
    return oauthErrorAnswer(refusal, { now: this.#options.now(), correlationId, usedBasic })
  }
}

function unknownResource(resource: string, tenant: string): OAuthRefusal {
  return refuse(
    'unknownResource',
    `The resource principal named ${quoted(resource)} was not found in the tenant ${tenant}. Ask for the URL of this API or of its vaults.`,
  )
}

/** A request that somebody had another program send has not the one header, or has the other. */
function imdsProblem(headers: IdentityTokenRequest['headers']): string | undefined {
  const { metadata, 'x-forwarded-for': forwarded } = headers
  if (metadata?.toLowerCase() !== 'true') return 'Required metadata header not specified'
  return forwarded === undefined ? undefined : 'Requests through a proxy are not answered'
}

function identityAnswer(
  form: IdentityForm,
  token: IssuedToken,
  clientId: string,
  resource: string,
): HttpAnswer {
  const seconds = String(token.expiresAt - token.issuedAt)
  return jsonAnswer(200, {
    access_token: token.text,
    client_id: clientId,
    ...(form === 'imds' && { expires_in: seconds, ext_expires_in: seconds }),
    expires_on: String(token.expiresAt),
    not_before: String(token.issuedAt),
    resource,
    token_type: 'Bearer',
  })
}

function identityErrorAnswer(form: IdentityForm, { status, error, problem }: IdentityRefusal): HttpAnswer {
  switch (form) {
    case 'appService':
      return jsonAnswer(status, { statusCode: status, message: problem })
    case 'imds':
      return jsonAnswer(status, { error, error_description: problem })
    default:
      throw form satisfies never
  }
}

function checkOptions(options: TokenServiceOptions): TokenServiceOptions {
  const { min, max, usual } = limits.tokenLifetimeSeconds
  const { tokenLifetimeSeconds = usual, baseUrls } = options
  if (!Number.isInteger(tokenLifetimeSeconds) || tokenLifetimeSeconds < min || tokenLifetimeSeconds > max)
    throw optionError(`a token lives ${min} to ${max} seconds`)
  for (const url of baseUrls)
    if (!url.startsWith('https://') || url.endsWith('/') || !URL.canParse(url))
      throw optionError(`${JSON.stringify(url)} is no https URL without a slash at the end`)
  // Issuers and `tid` are compared to the letter.
  return { ...options, tenant: options.tenant.toLowerCase() }
}

function optionError(message: string): TokenServiceError {
  return new TokenServiceError('ERR_TOKEN_OPTION', message)
}
