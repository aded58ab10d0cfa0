import { limits } from '../limits.ts'
import type { RevocationReport } from '../revocation/revocation-report.ts'
import { statusOf } from '../revocation/revocation-report.ts'
import { type InboundTrust, knownTo } from './inbound-trust.ts'
import { type PathRefusalCode, pathRefusal, refused, type SiteCertificateRefusal } from './path-refusal.ts'
import {
  extendedKeyUsage,
  maySign,
  type ReadCertificate,
  readCertificate,
  sameDer,
} from './read-certificate.ts'
import { matchesSubjectName } from './subject-name.ts'
import { quoted } from './wording.ts'

export type InboundChainRefusalCode =
  | PathRefusalCode
  | 'no-certificate'
  | 'wrong-subject'
  | 'key-usage'
  /** Neither RSA nor ECDSA: IKE verifies nothing else here. */
  | 'unsupported-key'
  | 'revoked'
  /** Whether it is revoked could not be learned, and the setting is `hard`. */
  | 'revocation-unknown'

export interface InboundChainRequest {
  readonly trust: InboundTrust
  /** DER as the peer sent it: its own certificate first, then issuers in any order, or none. */
  readonly peerChain: readonly Uint8Array[]
  readonly unixSeconds: number
  /** What a checker learned of the accepted chain. Without it revocation is not judged. */
  readonly revocation?: RevocationReport
}

/** A peer that is who the connection names. */
export interface AcceptedPeer {
  readonly type: 'accepted'
  /** RFC 4514. */
  readonly subject: string
  /** Unix seconds: when the first certificate of the chain ends. */
  readonly notAfter: number
  /** DER, the peer's own first and the root last: what a revocation checker is to look at. */
  readonly chain: readonly Uint8Array[]
  readonly notes: readonly string[]
}

/**
 * Judges a peer's certificate by the connection's inbound chain and by nothing else: OpenSSL builds and validates the
 * path, then the subject, the usages and the revocation are looked at. What identity the peer claims in IKE is of no
 * account.
 */
export function judgeInboundChain(
  request: InboundChainRequest,
): AcceptedPeer | SiteCertificateRefusal<InboundChainRefusalCode> {
  const { trust, peerChain, unixSeconds, revocation } = request
  const [first, ...others] = peerChain
  if (!first) return refused('no-certificate', 'the peer sent no certificate: let it send its own')
  const result = trust.store.verify({ leaf: first, intermediates: others, time: unixSeconds, purpose: 'any' })
  const sent = peerChain.slice(0, limits.peerCertificates)
  if (!result.valid) return pathRefusal(result, knownTo(trust, sent))
  const path = result.chain.flatMap(der => readCertificate(der) ?? [])
  const leaf = path[0]
  if (!leaf) return refused('malformed', "the peer's certificate cannot be read: export it again")
  const refusal = refusalOfLeaf(leaf, trust.subject) ?? revokedRefusal(path, revocation)
  if (refusal) return refusal
  return {
    type: 'accepted',
    subject: leaf.description.subject,
    notAfter: Math.min(...path.map(({ description }) => description.notAfter)),
    chain: result.chain,
    notes: [...orderNotes(peerChain, result.chain), ...revocationNotes(path, revocation)],
  }
}

const IKE_KEYS: readonly string[] = ['RSA', 'RSA-PSS', 'EC']

function refusalOfLeaf(
  leaf: ReadCertificate,
  expected: string,
): SiteCertificateRefusal<InboundChainRefusalCode> | undefined {
  const { subject, keyType, extendedKeyUsages } = leaf.description
  const name = quoted(subject)
  if (!matchesSubjectName(expected, leaf.description)) return wrongSubject(leaf, expected)
  if (!IKE_KEYS.includes(keyType)) {
    return refused(
      'unsupported-key',
      `${name} has a key of type ${keyType}: use RSA of 2048 bits or more, or ECDSA`,
    )
  }
  const fitting: readonly string[] = Object.values(extendedKeyUsage)
  if (extendedKeyUsages.length > 0 && !extendedKeyUsages.some(usage => fitting.includes(usage))) {
    const message = `${name} is not for this use: its extended key usages must have clientAuth, serverAuth, ipsecIKE or any`
    return refused('key-usage', message)
  }
  if (maySign(leaf)) return undefined
  return refused('key-usage', `the key usage of ${name} lacks digitalSignature: issue it anew with it`)
}

function wrongSubject(
  { description }: ReadCertificate,
  expected: string,
): SiteCertificateRefusal<'wrong-subject'> {
  const seen = description.commonName
  const isCase = seen?.toLowerCase() === expected.toLowerCase()
  const hint = isCase ? ', which differs in upper and lower case' : ''
  const message = `the peer's certificate is ${quoted(description.subject)}, expected is ${quoted(expected)}${hint}: set the connection's inbound subject name to the common name of the certificate, or give the device the right one`
  return refused('wrong-subject', message)
}

function orderNotes(sent: readonly Uint8Array[], path: readonly Uint8Array[]): readonly string[] {
  const places = sent.map(der => path.findIndex(one => sameDer(one, der)))
  const onPath = places.filter(place => place >= 0)
  const notes: string[] = []
  if (onPath.some((place, index) => place < (onPath[index - 1] ?? 0))) {
    notes.push(
      "the peer's certificates were not in order, its own first and each issuer next: they are taken in order",
    )
  }
  if (places.includes(-1))
    notes.push('the peer sent certificates that are not of its chain: they do not count')
  return notes
}

/** The root is left out: it is withdrawn by taking it from the connection. */
function belowRoot(path: readonly ReadCertificate[]): readonly ReadCertificate[] {
  return path.slice(0, -1)
}

function revokedRefusal(
  path: readonly ReadCertificate[],
  report: RevocationReport | undefined,
): SiteCertificateRefusal<'revoked' | 'revocation-unknown'> | undefined {
  if (!report || report.mode === 'off') return undefined
  for (const { der, description } of belowRoot(path)) {
    const { state, detail } = statusOf(report, der)
    const name = quoted(description.subject)
    if (state === 'revoked') {
      return refused('revoked', `${name} is revoked (${detail}): give the device a new certificate`)
    }
    if (state === 'unknown' && report.mode === 'hard') {
      const message = `whether ${name} is revoked cannot be learned (${detail}): make the address reachable, or set revocation to soft`
      return refused('revocation-unknown', message)
    }
  }
  return undefined
}

function revocationNotes(
  path: readonly ReadCertificate[],
  report: RevocationReport | undefined,
): readonly string[] {
  if (!report || report.mode === 'off') return []
  return belowRoot(path).flatMap(({ der, description }) => {
    const { state, detail } = statusOf(report, der)
    const name = quoted(description.subject)
    if (state === 'unknown')
      return [`whether ${name} is revoked is not known (${detail}): it is accepted, as the setting is soft`]
    return state === 'unnamed' ? [`${name} names no place to ask whether it is revoked`] : []
  })
}
