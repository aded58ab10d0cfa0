import type { CertificateDescription } from '../description.ts'
import { limits } from '../limits.ts'
import { type NativePathFacts, native } from '../native.ts'

/** A certificate as it is looked at here: its bytes, and everything that stands in it. Nothing is verified. */
export interface ReadCertificate {
  readonly der: Uint8Array
  readonly description: CertificateDescription
  readonly facts: NativePathFacts
}

/** `undefined`: not one certificate in DER, larger than the limit, or with a date or extension that cannot be read. */
export function readCertificate(der: Uint8Array): ReadCertificate | undefined {
  if (der.length > limits.certificateBytes) return undefined
  const description = native.describe(der)
  const facts = native.pathFacts(der)
  return description && facts ? { der, description, facts } : undefined
}

/** RFC 5280 §4.2.1.12, RFC 4945 §5.1.3.12. */
export const extendedKeyUsage = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ipsecIke: '1.3.6.1.5.5.7.3.17',
} as const

/** As OpenSSL numbers the bits of RFC 5280 §4.2.1.3. */
const DIGITAL_SIGNATURE = 0x80
const NON_REPUDIATION = 0x40

/** Whether the key may sign: RFC 4945 §5.1.3.2 asks for one of the two bits, where the extension is there at all. */
export function maySign({ facts }: ReadCertificate): boolean {
  return facts.keyUsage === undefined || (facts.keyUsage & (DIGITAL_SIGNATURE | NON_REPUDIATION)) !== 0
}

export function hasDigitalSignature({ facts }: ReadCertificate): boolean {
  return facts.keyUsage === undefined || (facts.keyUsage & DIGITAL_SIGNATURE) !== 0
}

const WEAK_DIGESTS: readonly string[] = ['MD2', 'MD4', 'MD5', 'SHA1', 'RSA-MD5', 'MD5-SHA1']

/** Nobody checks the signature of a certificate that vouches for itself. */
export function hasWeakSignature({ facts }: ReadCertificate): boolean {
  return !facts.isSelfSigned && WEAK_DIGESTS.includes(facts.signatureDigest)
}

export function sameDer(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** Without repetitions, in the order of the first appearance. */
export function distinct(certificates: readonly ReadCertificate[]): readonly ReadCertificate[] {
  return certificates.filter(
    (one, index) => certificates.findIndex(other => sameDer(other.der, one.der)) === index,
  )
}
