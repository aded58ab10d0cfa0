import { randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { SIGNING_ALGORITHM, type SigningKeys } from './keys/signing-keys.ts'

/** Whom a token is for, and for what. */
export interface TokenSubject {
  readonly objectId: string
  readonly clientId: string
  /** `appidacr` of Entra: 1 secret, 2 certificate or managed identity. */
  readonly strength: '1' | '2'
  /** ARM id of a managed identity. */
  readonly managedIdentity?: string
}

export interface TokenOrder {
  readonly subject: TokenSubject
  readonly audience: string
  readonly issuer: string
  readonly version: '1.0' | '2.0'
  readonly tenant: string
  /** Unix seconds. */
  readonly now: number
  readonly lifetimeSeconds: number
}

export interface IssuedToken {
  readonly text: string
  /** Unix seconds, as the following. */
  readonly issuedAt: number
  readonly expiresAt: number
}

const TOKEN_ID_BYTES = 16

/**
 * Signs an access token with the claims of Entra's for an application (Microsoft Learn, "Access token claims reference").
 * Entra puts the client into `appid` or `azp` by the version of the token: both stand here.
 */
export async function issueToken(order: TokenOrder, keys: SigningKeys): Promise<IssuedToken> {
  const { subject, now, version } = order
  const { keyId, privateKey } = await keys.signer(now)
  const issuedAt = Math.floor(now)
  const expiresAt = issuedAt + order.lifetimeSeconds
  const claims = {
    aud: order.audience,
    iss: order.issuer,
    iat: issuedAt,
    nbf: issuedAt,
    exp: expiresAt,
    appid: subject.clientId,
    appidacr: subject.strength,
    azp: subject.clientId,
    azpacr: subject.strength,
    idp: order.issuer,
    idtyp: 'app',
    oid: subject.objectId,
    sub: subject.objectId,
    tid: order.tenant,
    uti: randomBytes(TOKEN_ID_BYTES).toString('base64url'),
    ver: version,
    ...(subject.managedIdentity !== undefined && { xms_mirid: subject.managedIdentity }),
  }
  const header = { alg: SIGNING_ALGORITHM, typ: 'JWT', kid: keyId }
  const text = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey)
  return { text, issuedAt, expiresAt }
}
