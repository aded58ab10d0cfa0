import type { JsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'
import { parseDestination } from './destination.ts'

/** What is used of a provider's metadata (OpenID Connect Discovery 1.0 §3). All URLs are https. */
export interface ProviderMetadata {
  readonly type: 'metadata'
  readonly issuer: string
  readonly keysUri: string
  readonly authorizationEndpoint: string | undefined
  readonly tokenEndpoint: string | undefined
  /** How a client with a secret shows it. RFC 6749 §2.3.1 has `basic` as the one that always works. */
  readonly secretMethod: 'basic' | 'post'
  /** Whether the provider names itself in what it sends through the browser: RFC 9207 §3. */
  readonly namesIssuerInCallback: boolean
}

/** The path under an authority: OpenID Connect Discovery 1.0 §4. */
export function metadataUrl(authority: string): string {
  return `${authority.replace(/\/+$/, '')}/.well-known/openid-configuration`
}

/**
 * Reads a metadata document. The issuer must be one that is configured: Entra's v1 documents name an issuer
 * on another host than their own, so it is not compared with the URL.
 */
export function readMetadata(
  document: JsonObject,
  issuers: readonly string[],
  allowHttp: boolean,
): ProviderMetadata | Fault {
  const {
    issuer,
    token_endpoint_auth_methods_supported: methods,
    authorization_response_iss_parameter_supported: namesIssuer,
  } = document
  if (typeof issuer !== 'string' || !issuers.includes(issuer)) {
    return fault(`the provider calls itself ${quoted(issuer)}, not ${issuers.map(quoted).join(' or ')}`)
  }
  const keys = readUrl(document, 'jwks_uri', allowHttp)
  const authorization = readUrl(document, 'authorization_endpoint', allowHttp)
  const token = readUrl(document, 'token_endpoint', allowHttp)
  for (const url of [keys, authorization, token]) if (url?.type === 'fault') return url
  if (keys?.type !== 'url') return fault('the metadata has no jwks_uri')
  return {
    type: 'metadata',
    issuer,
    keysUri: keys.url.href,
    authorizationEndpoint: authorization?.type === 'url' ? authorization.url.href : undefined,
    tokenEndpoint: token?.type === 'url' ? token.url.href : undefined,
    secretMethod: prefersPost(methods) ? 'post' : 'basic',
    namesIssuerInCallback: namesIssuer === true,
  }
}

function readUrl(
  document: JsonObject,
  member: string,
  allowHttp: boolean,
): ReturnType<typeof parseDestination> | undefined {
  const value = document[member]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.length > limits.uriCharacters) return fault(`${member} is not a URL`)
  return parseDestination(value, allowHttp)
}

function prefersPost(methods: unknown): boolean {
  if (!Array.isArray(methods)) return false
  return methods.includes('client_secret_post') && !methods.includes('client_secret_basic')
}
