import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { importJWK, type JWK, SignJWT } from 'jose'
import { ALICE, AUDIENCE, ISSUER, TENANT } from './people.ts'

/** What an access token of Alice says now, as the tenant would say it. */
export function aliceClaims(): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000)
  const { oid, upn, name } = ALICE
  const times = { iat: now, nbf: now, exp: now + 3_600 }
  return { aud: AUDIENCE, iss: ISSUER, ...times, oid, sub: oid, tid: TENANT, upn, name, ver: '1.0' }
}

export interface Signing {
  readonly key: JWK
  /** Default: the key's. */
  readonly keyId?: string
}

/** Signs claims with a key, as somebody who has it can. */
export async function signToken(
  claims: Readonly<Record<string, unknown>>,
  { key, keyId }: Signing,
): Promise<string> {
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId ?? key.kid ?? '' }
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, 'RS256'))
}

/** A token that nobody has signed. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`
}

/** Signed with what everybody knows: the text of the public key for a shared secret (CVE-2015-9235). */
export function confusedToken(claims: Readonly<Record<string, unknown>>, key: JWK): string {
  const { kty, n, e, kid } = key
  const jwk: JsonWebKey = { kty: kty ?? '', n: n ?? '', e: e ?? '' }
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  const body = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode(claims)}`
  return `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
