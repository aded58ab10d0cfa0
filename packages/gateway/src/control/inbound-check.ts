import type { InboundCheck, TrustedCertificate } from '@causeway/api-contract'
import {
  describeCertificate,
  formatPem,
  type InboundTrust,
  judgeInboundChain,
  readCertificates,
  readInboundTrust,
  X509Error,
} from '@causeway/x509'
import { CommandError } from '../quick-start/index.ts'

export interface InboundCheckRequest {
  readonly subject: string
  /** Of each file PEM, or base64 of DER. */
  readonly chain: readonly string[]
  /** The device's certificate, and what it would send along. */
  readonly peer?: string
}

/**
 * What a connection would make of an inbound chain and of a device's certificate. Whether certificates are revoked is
 * not asked. Errors: `CommandError` `InvalidParameter`, for a peer's file that holds no certificate.
 */
export function checkInbound(
  { subject, chain, peer }: InboundCheckRequest,
  unixSeconds: number,
): InboundCheck {
  const trust = readInboundTrust({ subjectName: subject, chain, unixSeconds })
  if (trust.type === 'refused') {
    const { code, message, index } = trust
    const file = index === undefined ? {} : { file: index }
    return { trust: { accepted: false, code, message, ...file }, certificates: [] }
  }
  const { subject: expected, roots, intermediates, notes } = trust
  return {
    trust: { accepted: true, notes },
    subject: expected,
    certificates: [...roots, ...intermediates].map(trustedCertificate),
    ...(peer !== undefined && { peer: peerVerdict(trust, peerChain(peer), unixSeconds) }),
  }
}

/** A certificate as the other side is to be given it. Errors: X.509's. */
export function trustedCertificate(der: Uint8Array): TrustedCertificate {
  const { subject, issuer, notAfter } = describeCertificate(der)
  return {
    subject,
    isRoot: subject === issuer,
    expiresAt: notAfter,
    pem: formatPem(der),
    base64: Buffer.from(der).toString('base64'),
  }
}

function peerChain(text: string): readonly Uint8Array[] {
  try {
    return readCertificates(text)
  } catch (error) {
    if (error instanceof X509Error)
      throw new CommandError('InvalidParameter', `the peer's file: ${error.message}`)
    throw error
  }
}

function peerVerdict(
  trust: InboundTrust,
  chain: readonly Uint8Array[],
  unixSeconds: number,
): NonNullable<InboundCheck['peer']> {
  const [leaf] = chain
  const { subject = '', notAfter: expiresAt = 0 } = leaf ? describeCertificate(leaf) : {}
  const judged = judgeInboundChain({ trust, peerChain: chain, unixSeconds })
  if (judged.type === 'accepted') return { accepted: true, notes: judged.notes, subject, expiresAt }
  return { accepted: false, code: judged.code, message: judged.message, subject, expiresAt }
}
