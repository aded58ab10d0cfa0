import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { SignatureAlgorithm } from '../token/algorithms.ts'

/** The tenant, the audience and the time that the tests speak of. */
export const TENANT = '11111111-2222-3333-4444-555555555555'
export const AUDIENCE = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'
export const AUTHORITY = `https://login.microsoftonline.com/${TENANT}`
export const ISSUER = `https://sts.windows.net/${TENANT}/`
export const NOW = 1_800_000_000

/** A signing key of the fake provider. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SignatureAlgorithm
  readonly privateKey: CryptoKey
  /** As it is published; Entra's keys have no `alg`. */
  readonly jwk: JWK
}

type CryptoKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

export async function createSigningKey(kid: string, alg: SignatureAlgorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } }
}

/** Claims of an access token as Entra writes them; `undefined` takes one out. */
export function accessTokenClaims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const claims = {
    aud: AUDIENCE,
    iss: ISSUER,
    iat: NOW - 60,
    nbf: NOW - 60,
    exp: NOW + 3_600,
    appid: AUDIENCE,
    amr: ['pwd', 'mfa'],
    ipaddr: '198.51.100.7',
    oid: 'aaaaaaaa-0000-4000-8000-000000000001',
    sub: 'pairwise-subject',
    scp: 'user_impersonation',
    tid: TENANT,
    unique_name: 'alice@contoso.example',
    upn: 'alice@contoso.example',
    uti: 'request-id',
    ver: '1.0',
    ...changes,
  }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

/** Signs claims; `header` adds to `alg`, `kid` and `typ`. */
export function signToken(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>> = accessTokenClaims(),
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
    .sign(key.privateKey)
}

/** What the fake provider answers with; tests change it. */
export interface FakeProvider {
  readonly fetch: typeof fetch
  /** Documents by URL: an object is sent as JSON, a `Response` as it is, an error is thrown. */
  readonly documents: Map<string, object | (() => Response | Promise<Response>) | Error>
  /** URLs that were asked for, in order. */
  readonly asked: string[]
  /** Forms that were posted to the token endpoint, in order. */
  readonly forms: URLSearchParams[]
  /** `Authorization` headers, in order. */
  readonly authorizations: string[]
  /** Publishes these keys from now on. */
  publish(...keys: readonly SigningKey[]): void
}

export const KEYS_URI = 'https://login.microsoftonline.com/common/discovery/keys'
export const METADATA_URI = `${AUTHORITY}/.well-known/openid-configuration`
export const TOKEN_URI = `${AUTHORITY}/oauth2/token`

export function createFakeProvider(...keys: readonly SigningKey[]): FakeProvider {
  const documents: FakeProvider['documents'] = new Map()
  const [asked, authorizations, forms]: [string[], string[], URLSearchParams[]] = [[], [], []]
  const publish = (...published: readonly SigningKey[]) => {
    documents.set(KEYS_URI, { keys: published.map(({ jwk }) => jwk) })
  }
  documents.set(METADATA_URI, metadataDocument())
  publish(...keys)
  const fakeFetch: typeof fetch = async (input, init) => {
    const url = String(input)
    asked.push(url)
    if (init?.redirect !== 'manual') throw new Error('fetch itself would follow redirects')
    const authorization = new Headers(init?.headers).get('authorization')
    if (authorization !== null) authorizations.push(authorization)
    if (typeof init?.body === 'string') forms.push(new URLSearchParams(init.body))
    const document = documents.get(url)
    if (document instanceof Error) throw document
    if (typeof document === 'function') return document()
    return document ? Response.json(document) : new Response('nothing here', { status: 404 })
  }
  return { fetch: fakeFetch, documents, asked, forms, authorizations, publish }
}

export function metadataDocument(changes: object = {}): object {
  return {
    issuer: ISSUER,
    jwks_uri: KEYS_URI,
    authorization_endpoint: `${AUTHORITY}/oauth2/authorize`,
    token_endpoint: TOKEN_URI,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    ...changes,
  }
}
