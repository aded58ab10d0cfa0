import type { InvalidChain } from '../validation.ts'
import { hasWeakSignature, type ReadCertificate } from './read-certificate.ts'
import { moment, quoted } from './wording.ts'

/** What may be wrong with the path from a certificate to its root. */
export type PathRefusalCode =
  /** An authority's own issuer, or a self-signed certificate, is not among what is trusted. */
  | 'root-missing'
  /** The issuer of the peer's own certificate was neither sent nor configured. */
  | 'intermediate-missing'
  | 'expired'
  | 'not-yet-valid'
  /** RSA below 2048 bits or with a weak exponent, or a curve below P-256. */
  | 'key-too-small'
  /** Signed with MD5 or SHA-1. */
  | 'weak-signature'
  | 'bad-signature'
  /** A certificate that issued another may not do so. */
  | 'issuer-not-authority'
  | 'path-length'
  | 'name-constraints'
  | 'critical-extension'
  | 'chain-too-long'
  | 'malformed'
  | 'other'

/** No, with one sentence that says what is wrong and what to do. */
export interface SiteCertificateRefusal<Code extends string> {
  readonly type: 'refused'
  readonly code: Code
  /** May quote names from certificates, bounded and without control characters. No secret. */
  readonly message: string
}

/** @internal */
export function refused<Code extends string>(code: Code, message: string): SiteCertificateRefusal<Code> {
  return { type: 'refused', code, message }
}

/**
 * @internal OpenSSL's refusal of a path, in words for the operator.
 *
 * @param known what could have been on the path: the certificate at fault is looked up in it.
 */
export function pathRefusal(
  invalid: InvalidChain,
  known: readonly ReadCertificate[],
): SiteCertificateRefusal<PathRefusalCode> {
  const at = known.find(({ description }) => description.subject === invalid.subject)
  const name = invalid.subject === undefined ? 'a certificate' : quoted(invalid.subject)
  switch (invalid.reason) {
    case 'untrusted-root':
      return missingIssuer(invalid, at, known, name)
    case 'expired':
      return expired(at, name)
    case 'not-yet-valid':
      return notYetValid(at, name)
    case 'key-too-small':
      return refused(
        'key-too-small',
        `${name} is refused: ${invalid.detail}; issue it anew with a larger key`,
      )
    case 'signature':
      return badSignature(at, name)
    case 'purpose':
      return refused(
        'issuer-not-authority',
        `${name} issued another certificate but is no authority that may: reissue it with basicConstraints CA:TRUE and the key usage keyCertSign`,
      )
    case 'path-length':
      return refused(
        'path-length',
        `${name} allows fewer authorities below it than the chain has: issue with fewer, or raise its pathLenConstraint`,
      )
    case 'name-constraints':
      return refused(
        'name-constraints',
        `a name in ${name} is not one that its issuer may vouch for: issue it with a name within the issuer's name constraints`,
      )
    case 'critical-extension':
      return refused(
        'critical-extension',
        `${name} has a critical extension that is not known here: issue it without, or not critical`,
      )
    case 'chain-too-long':
      return refused('chain-too-long', `the chain is too long (${invalid.detail}): use fewer certificates`)
    case 'malformed':
      return refused('malformed', `${name} cannot be read (${invalid.detail}): export it again`)
    case 'revoked':
    case 'crl-missing':
    case 'other':
      return refused('other', `${name} is refused: ${invalid.detail}; issue it anew`)
    default:
      return invalid.reason satisfies never
  }
}

function missingIssuer(
  invalid: InvalidChain,
  at: ReadCertificate | undefined,
  known: readonly ReadCertificate[],
  name: string,
): SiteCertificateRefusal<PathRefusalCode> {
  if (!at)
    return refused('root-missing', `${name} leads to no trusted root: add its root to the inbound chain`)
  if (at.facts.isSelfSigned) {
    return refused(
      'root-missing',
      `the root ${name} is not in the connection's inbound chain: add it there, if the device is to be trusted by it`,
    )
  }
  const issuer = quoted(at.description.issuer)
  const isNamesake = known.some(({ description }) => description.subject === at.description.issuer)
  if (isNamesake) {
    return refused(
      'root-missing',
      `${name} was not issued by the ${issuer} of the inbound chain but by another key of that name: put the authority that issued it there`,
    )
  }
  if (invalid.depth === 0) {
    return refused(
      'intermediate-missing',
      `the issuer ${issuer} of ${name} was neither sent by the peer nor is it in the connection's inbound chain: add its certificate there, or let the device send it`,
    )
  }
  return refused(
    'root-missing',
    `the issuer ${issuer} of the authority ${name} is not in the connection's inbound chain: add its certificate there, the root first`,
  )
}

/** @internal */
export function expired(at: ReadCertificate | undefined, name: string): SiteCertificateRefusal<'expired'> {
  const when = at ? ` on ${moment(at.description.notAfter)}` : ''
  return refused('expired', `${name} expired${when}: renew it`)
}

/** @internal */
export function notYetValid(
  at: ReadCertificate | undefined,
  name: string,
): SiteCertificateRefusal<'not-yet-valid'> {
  const when = at ? ` before ${moment(at.description.notBefore)}` : ' yet'
  return refused('not-yet-valid', `${name} is not valid${when}: wait, or set the clocks right`)
}

/** @internal */
export function weakSignature(at: ReadCertificate, name: string): SiteCertificateRefusal<'weak-signature'> {
  const digest = at.facts.signatureDigest
  return refused(
    'weak-signature',
    `${name} is signed with ${digest}, which can be forged: issue it anew with SHA-256 or better`,
  )
}

function badSignature(
  at: ReadCertificate | undefined,
  name: string,
): SiteCertificateRefusal<'weak-signature' | 'bad-signature'> {
  if (at && hasWeakSignature(at)) return weakSignature(at, name)
  return refused(
    'bad-signature',
    `the signature on ${name} is not its issuer's: it is damaged or forged, or the issuer's key was changed under the same name; export the whole chain again`,
  )
}
