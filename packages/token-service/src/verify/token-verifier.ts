import {
  createTokenValidator,
  limits as entraLimits,
  type KeySource,
  type SignatureAlgorithm,
  type TokenValidator,
  type TokenVerdict,
} from '@causeway/entra'
import { decodeJwt } from 'jose'
import { TokenServiceError } from '../errors.ts'
import { limits } from '../limits.ts'
import { ProvenTokens } from './proven-tokens.ts'

/** Whose tokens are taken. */
export interface TokenAuthority {
  /** The directory's id, which `tid` must be. */
  readonly tenant: string
  /** Issuers to the letter: of Entra the one of v1 tokens and the one of v2 tokens. */
  readonly issuers: readonly string[]
  /** `SigningKeys` of ours, or an `OpenIdProvider` of packages/entra. */
  readonly keys: KeySource
  /** Default RS256 alone, which is Entra's and ours. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Asked for each good token: whether this object id is still somebody. A token is refused when not. */
  readonly isEnabled?: (objectId: string) => Promise<boolean>
}

export interface TokenVerifierOptions {
  /** Our own, an external tenant, or both. */
  readonly authorities: readonly TokenAuthority[]
  /** `aud` must be one of them: a verifier is for one plane. At most 16. */
  readonly audiences: readonly string[]
  /** Where clients sign in: `https://HOST/TENANT`, for `WWW-Authenticate`. */
  readonly authorizationUri: string
  /** Default 60, at most 300. */
  readonly clockSkewSeconds?: number
}

/** Who calls, as a token that was proven tells. */
export interface TokenIdentity {
  readonly objectId: string
  /** Client id of the application that the token was given to. */
  readonly appId: string | undefined
  /** As ARM names a client in a refusal: a user by name, an application by its client id. */
  readonly displayName: string
  readonly tenant: string | undefined
  /** Object ids; empty too when they did not fit into the token. */
  readonly groups: readonly string[]
  /** Not all groups fitted into the token: rights by group are not complete. */
  readonly hasMoreGroups: boolean
}

export interface VerifiedToken {
  readonly type: 'verified'
  readonly identity: TokenIdentity
  /** Unix seconds. */
  readonly expiresAt: number
  /** For the log: keys that are older than they should be. */
  readonly warning: string | undefined
}

export type TokenRefusalCode =
  | 'AuthenticationFailed'
  | 'InvalidAuthenticationToken'
  | 'InvalidAuthenticationTokenAudience'
  | 'InvalidAuthenticationTokenTenant'
  | 'ExpiredAuthenticationToken'
  | 'ServiceUnavailable'

export interface TokenRefusal {
  readonly type: 'refused'
  /** 401; 503 when an external tenant's keys are not to be had. */
  readonly status: 401 | 503
  readonly code: TokenRefusalCode
  /** For the client. */
  readonly message: string
  /** For the log; neither holds anything of a token whose signature was not checked. */
  readonly reason: string
  /** Value of the header of that name; absent with 503. */
  readonly wwwAuthenticate?: string
}

/** Judges the `Authorization` header of requests. */
export interface TokenVerifier {
  /** `now`: Unix seconds. */
  verify(authorization: string | undefined, now: number): Promise<VerifiedToken | TokenRefusal>
}

/** RFC 6750 §2.1; the scheme's name has no case. */
const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i

/**
 * Makes a verifier. The algorithms, `aud`, `iss`, `tid`, times and signature are judged by packages/entra, the same way
 * for our own tokens and for an external tenant's. Errors: `ERR_TOKEN_OPTION`, and `ERR_ENTRA_OPTION` for audiences or a
 * skew out of bounds.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { authorities, audiences, clockSkewSeconds = limits.clockSkewSeconds.usual } = options
  if (authorities.length === 0)
    throw new TokenServiceError('ERR_TOKEN_OPTION', 'tokens of at least one issuer must be accepted')
  const courts = authorities.map(authority => ({
    authority,
    validator: createTokenValidator({
      algorithms: ['RS256'],
      ...authority,
      audiences,
      clockSkewSeconds,
      allowApplications: true,
    }),
  }))
  const chamber: Chamber = { courts, proven: new ProvenTokens(), options }
  return { verify: (authorization, now) => verify(authorization, chamber, now) }
}

/** The value of `WWW-Authenticate` with which a vault tells its clients where to get a token, and for what. */
export function vaultChallenge(authorizationUri: string, resource: string): string {
  return `Bearer authorization="${authorizationUri}", resource="${resource}"`
}

interface Court {
  readonly authority: TokenAuthority
  readonly validator: TokenValidator
}

/** Everything that a verifier goes by. */
interface Chamber {
  readonly courts: readonly Court[]
  readonly proven: ProvenTokens<Proof>
  readonly options: TokenVerifierOptions
}

/** What a token says that was proven, and whose it is. */
interface Proof {
  readonly type: 'proof'
  readonly verified: VerifiedToken
  readonly authority: TokenAuthority
}

async function verify(
  authorization: string | undefined,
  chamber: Chamber,
  now: number,
): Promise<VerifiedToken | TokenRefusal> {
  const refuse = refuser(chamber.options.authorizationUri)
  if (authorization === undefined || authorization === '')
    return refuse(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      'no token',
    )
  const token = bearerToken(authorization)
  if (token === undefined)
    return refuse(
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is provided in an invalid format. Use 'Bearer TOKEN'.",
      'the header is not of the form Bearer TOKEN',
    )
  const proof = chamber.proven.valueOf(token, now) ?? (await prove(token, chamber, now))
  if (proof.type === 'refused') return proof
  const { verified, authority } = proof
  // Asked at every call: whoever is removed is nobody at the next one.
  if ((await authority.isEnabled?.(verified.identity.objectId)) ?? true) return verified
  return refuse(
    'InvalidAuthenticationToken',
    'The access token is of a principal that was removed or disabled.',
    `the principal ${verified.identity.objectId} was removed or disabled`,
  )
}

async function prove(
  token: string,
  { courts, proven, options }: Chamber,
  now: number,
): Promise<Proof | TokenRefusal> {
  const said = hearsay(token)
  if (!said)
    return refuser(options.authorizationUri)(
      'InvalidAuthenticationToken',
      'The access token is invalid.',
      'it is no JSON Web Token',
    )
  const court = courts.find(({ authority }) => authority.issuers.includes(said.issuer))
  if (!court)
    return refuser(options.authorizationUri)(
      'InvalidAuthenticationTokenTenant',
      `The access token is from the wrong issuer. It must match one of ${listed(courts.flatMap(one => one.authority.issuers))}.`,
      'the token names no issuer that is accepted',
    )
  const verdict = await court.validator.validate(token, now)
  if (verdict.type === 'deny') return refusalOf(verdict, said, options, now)
  const { authority } = court
  const proof: Proof = { type: 'proof', verified: verifiedOf(verdict), authority }
  // What the log is warned about is to be seen again.
  if (verdict.warning === undefined) proven.keep(token, proof, { now, expiresAt: verdict.expiresAt })
  return proof
}

function bearerToken(authorization: string): string | undefined {
  // As long as the longest token that is looked at, and the scheme before it.
  return authorization.length <= entraLimits.tokenCharacters + 16
    ? BEARER.exec(authorization)?.[1]
    : undefined
}

/** What a token says before anything of it was proven: decides who judges it, and how a refusal is worded. */
interface Hearsay {
  readonly issuer: string
  readonly audiences: readonly unknown[]
  readonly expiresAt: number
}

function hearsay(token: string): Hearsay | undefined {
  try {
    const { iss, aud, exp } = decodeJwt(token)
    const expiresAt = typeof exp === 'number' ? exp : Number.POSITIVE_INFINITY
    return {
      issuer: typeof iss === 'string' ? iss : '',
      audiences: Array.isArray(aud) ? aud : [aud],
      expiresAt,
    }
  } catch {
    return undefined
  }
}

function refusalOf(
  denial: Extract<TokenVerdict, { readonly type: 'deny' }>,
  said: Hearsay,
  { audiences, authorizationUri, clockSkewSeconds = limits.clockSkewSeconds.usual }: TokenVerifierOptions,
  now: number,
): TokenRefusal {
  const refuse = refuser(authorizationUri)
  const { reason } = denial
  if (denial.temporary) {
    const message =
      'The access token cannot be checked now: the keys of its issuer are not to be had. Try again later.'
    return { type: 'refused', status: 503, code: 'ServiceUnavailable', message, reason }
  }
  if (said.expiresAt <= now - clockSkewSeconds)
    return refuse('ExpiredAuthenticationToken', 'The access token has expired. Get a new one.', reason)
  if (!said.audiences.some(audience => typeof audience === 'string' && audiences.includes(audience)))
    return refuse(
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences ${listed(audiences)}.`,
      reason,
    )
  return refuse('InvalidAuthenticationToken', 'The access token is invalid.', reason)
}

function verifiedOf(verdict: Extract<TokenVerdict, { readonly type: 'allow' }>): VerifiedToken {
  const { subject, user, tenant, groups, claims, expiresAt, warning } = verdict
  const { appid, azp } = claims
  const appId = appid ?? azp
  const identity: TokenIdentity = {
    objectId: subject,
    appId,
    displayName: user === subject ? (appId ?? subject) : user,
    tenant,
    groups: groups === 'overage' ? [] : groups,
    hasMoreGroups: groups === 'overage',
  }
  return { type: 'verified', identity, expiresAt, warning }
}

function refuser(
  authorizationUri: string,
): (code: TokenRefusalCode, message: string, reason: string) => TokenRefusal {
  return (code, message, reason) => ({
    type: 'refused',
    status: 401,
    code,
    message,
    reason,
    wwwAuthenticate: `Bearer authorization_uri="${authorizationUri}", error="invalid_token", error_description="${message}"`,
  })
}

function listed(texts: readonly string[]): string {
  return texts.map(text => `'${text}'`).join(',')
}
