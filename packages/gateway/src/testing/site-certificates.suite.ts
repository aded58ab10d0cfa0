import { type IssuedCertificate, issueServerCertificate } from '@causeway/x509'
import type { CertificateReader, CertificateRefusal, ReadCertificate } from '../site/certificate-reader.ts'
import type { SiteAuthentication } from '../site/site-configuration.ts'
import { hoursAround } from './credentials.suite.ts'

const DAY_SECONDS = 86_400

/** A device's certificate for both ends of IKE, from an hour ago to `days` from now. */
export function siteCertificate(
  issuer: IssuedCertificate,
  commonName: string,
  days: number = 1 / 24,
): Promise<IssuedCertificate> {
  const { notBefore } = hoursAround(Date.now() / 1000)
  const notAfter = Math.floor(Date.now() / 1000 + days * DAY_SECONDS)
  const names = { commonName, dnsNames: [`${commonName}.test`], clientAuth: true }
  return issueServerCertificate(issuer, { ...names, key: 'ecdsa-p256', notBefore, notAfter })
}

/** What a vault gives: certificates by identifier, or refusals. */
export class TestVault implements CertificateReader {
  readonly #held = new Map<string, ReadCertificate | CertificateRefusal>()
  reads = 0

  put(id: string, version: string, ...chain: readonly [IssuedCertificate, ...IssuedCertificate[]]): void {
    const [{ privateKey }] = chain
    const certificates = chain.map(({ certificate }) => certificate)
    this.#held.set(id, { type: 'certificate', version, chain: certificates, privateKey })
  }

  refuse(id: string, refusal: Omit<CertificateRefusal, 'type'>): void {
    this.#held.set(id, { type: 'refused', ...refusal })
  }

  readCertificate(id: string): Promise<ReadCertificate | CertificateRefusal> {
    this.reads++
    const held = this.#held.get(id)
    const missing = {
      type: 'refused',
      reason: 'not-found',
      message: `The vault has no ${id}.`,
      isTemporary: false,
    } as const
    return Promise.resolve(held ?? missing)
  }
}

/** By a certificate of the vault, to a peer of this name below these authorities. */
export function byCertificate(
  outbound: string,
  inboundSubject: string,
  ...authorities: readonly IssuedCertificate[]
): Extract<SiteAuthentication, { readonly type: 'certificate' }> {
  return {
    type: 'certificate',
    outbound,
    inboundSubject,
    inboundChain: authorities.map(({ certificate }) => Buffer.from(certificate).toString('base64')),
    revocation: 'off',
  }
}
