import { X509Certificate } from 'node:crypto'
import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose'
import { limits } from '../limits.ts'
import type { ServicePrincipal, StoredCertificate } from '../principals/principal.ts'
import { type OAuthRefusal, refuse } from './oauth-error.ts'

/** A client assertion that is as it must be. */
export interface ProvenAssertion {
  readonly type: 'proven'
  readonly assertionId: string
  /** Unix seconds. */
  readonly expiresAt: number
}

/** RFC 7518 §3.3 and §3.5: Microsoft's libraries use the one with SHA-1 thumbprints, the other with SHA-256. */
const ALGORITHMS = ['RS256', 'PS256']

/**
 * Judges a client assertion (RFC 7523 §3) against the certificates of its client. The certificate that it may bring along
 * (`x5c`) is not looked at. `audiences`: the URLs and issuers that stand for this token service.
 */
export async function judgeAssertion(
  token: string,
  principal: ServicePrincipal,
  audiences: readonly string[],
  now: number,
): Promise<ProvenAssertion | OAuthRefusal> {
  try {
    const { payload } = await jwtVerify(token, header => keyOf(header, principal, now), {
      algorithms: ALGORITHMS,
      issuer: principal.appId,
      subject: principal.appId,
      audience: [...audiences],
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'jti'],
      clockTolerance: limits.clockSkewSeconds.max,
      currentDate: new Date(now * 1_000),
    })
    return judgeLife(payload, now)
  } catch (error) {
    if (error instanceof CertificateRefusal) return error.refusal
    const refusal = refusalOf(error, principal)
    if (!refusal) throw error
    return refusal
  }
}

function judgeLife({ jti, exp = 0 }: JWTPayload, now: number): ProvenAssertion | OAuthRefusal {
  if (typeof jti !== 'string' || jti === '' || jti.length > limits.assertionIdCharacters)
    return refuse(
      'malformedAssertion',
      `The client assertion's 'jti' must be text of 1 to ${limits.assertionIdCharacters} characters.`,
    )
  if (exp > now + limits.assertionLifetimeSeconds)
    return refuse(
      'assertionOutOfTime',
      `The client assertion may expire ${limits.assertionLifetimeSeconds} seconds ahead at most; 600 are usual.`,
    )
  return { type: 'proven', assertionId: jti, expiresAt: exp + limits.clockSkewSeconds.max }
}

/** Raised inside {@link judgeAssertion} alone, through the library's call for a key. */
class CertificateRefusal {
  readonly refusal: OAuthRefusal

  constructor(problem: string) {
    this.refusal = refuse('unknownCertificate', problem)
  }
}

function keyOf(
  header: JWTHeaderParameters,
  principal: ServicePrincipal,
  now: number,
): X509Certificate['publicKey'] {
  const certificate = principal.certificates.find(stored => isNamed(stored, header))
  if (!certificate)
    throw new CertificateRefusal(
      "The certificate with identifier used to sign the client assertion is not registered on application. Name it by its thumbprint in 'x5t' or 'x5t#S256', and add it to the application.",
    )
  if (now > certificate.endsAt || now < certificate.startsAt)
    throw new CertificateRefusal(
      `The certificate ${certificate.thumbprintSha1} used to sign the client assertion is expired or not valid yet. Add another one.`,
    )
  return new X509Certificate(Buffer.from(certificate.certificate, 'base64')).publicKey
}

/** Public values: they need no comparison in constant time. */
function isNamed(stored: StoredCertificate, header: JWTHeaderParameters): boolean {
  const { x5t, kid, 'x5t#S256': x5tS256 } = header
  if (typeof x5tS256 === 'string') return hexOf(x5tS256) === stored.thumbprintSha256
  if (typeof x5t === 'string') return hexOf(x5t) === stored.thumbprintSha1
  if (typeof kid !== 'string') return false
  return (
    [stored.thumbprintSha1, stored.thumbprintSha256].includes(kid.toUpperCase()) ||
    hexOf(kid) === stored.thumbprintSha1
  )
}

function hexOf(base64url: string): string {
  return Buffer.from(base64url.slice(0, 64), 'base64url').toString('hex').toUpperCase()
}

/** What the library found wrong; `undefined` when it is none of the client's doing. */
function refusalOf(error: unknown, { appId }: ServicePrincipal): OAuthRefusal | undefined {
  if (error instanceof errors.JWTExpired)
    return refuse(
      'assertionOutOfTime',
      'Client assertion is not within its valid time range: it has expired.',
    )
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error.claim, appId)
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refuse('unknownCertificate', 'Client assertion failed signature validation.')
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refuse('malformedAssertion', `The client assertion must be signed by ${ALGORITHMS.join(' or ')}.`)
  const isMalformed = error instanceof errors.JOSEError || error instanceof TypeError
  return isMalformed ? refuse('malformedAssertion', 'JWT token is invalid or malformed.') : undefined
}

function claimRefusal(claim: string, appId: string): OAuthRefusal {
  switch (claim) {
    case 'iss':
    case 'sub':
      return refuse(
        'wrongAssertionClient',
        `Client assertion application identifier doesn't match 'client_id' parameter: '${claim}' must be ${appId}.`,
      )
    case 'aud':
      return refuse(
        'wrongAssertionAudience',
        "Client assertion audience claim does not match: 'aud' must be the URL of this token endpoint.",
      )
    case 'nbf':
      return refuse(
        'assertionOutOfTime',
        'Client assertion is not within its valid time range: compare the clocks.',
      )
    default:
      return refuse(
        'malformedAssertion',
        `JWT token is invalid or malformed: '${claim}' is missing or wrong.`,
      )
  }
}
