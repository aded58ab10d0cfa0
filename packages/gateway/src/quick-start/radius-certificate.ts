import {
  describeCertificate,
  formatPem,
  generatePrivateKey,
  type Issuer,
  issueClientCertificate,
} from '@causeway/x509'
import type { CertifiedKey } from '../configuration.ts'
import { CLOCK_SKEW_SECONDS, DAY_SECONDS, DOCUMENTS, type Installation, SECRETS } from './installation.ts'
import { firstCertificate, type StoredCertificate } from './own-authority.ts'
import { RENEWAL_DAYS, type ServerCertificate, VALID_DAYS } from './server-certificate.ts'
import { readPublicDocument, readSecretText, writeDocument } from './stored.ts'

/** From the specification (RFC 5280 §4.2.1.12): id-kp-clientAuth. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

/**
 * What the gateway shows RADIUS servers over TLS, as their client (RFC 6614 §2.3): the operator's certificate when it
 * is for clients too, else one of the gateway's own authority, made the first time and renewed in time.
 */
export async function ensureRadiusCertificate(
  installation: Installation,
  authority: Issuer,
  server: ServerCertificate,
): Promise<CertifiedKey> {
  const { source, chain, privateKey, name } = server
  if (source === 'given' && isForClients(chain[0] as Uint8Array))
    return { certificateChain: chain.map(der => formatPem(der)).join(''), privateKey }
  const own = await readSecretText(installation, SECRETS.radiusKey, () => generatePrivateKey('ecdsa-p256'))
  return { certificateChain: await ensureOwn(installation, authority, name, own), privateKey: own }
}

/** PEM. */
async function ensureOwn(
  installation: Installation,
  authority: Issuer,
  name: string,
  privateKey: string,
): Promise<string> {
  const stored = await readPublicDocument<StoredCertificate>(installation, DOCUMENTS.radius)
  const now = installation.unixSeconds()
  if (stored && isGood(firstCertificate(stored.pem), name, now)) return stored.pem
  const { certificate } = await issueClientCertificate(authority, {
    commonName: name,
    key: { privateKey },
    notBefore: now - CLOCK_SKEW_SECONDS,
    notAfter: Math.min(now + VALID_DAYS * DAY_SECONDS, describeCertificate(authority.certificate).notAfter),
  })
  const pem = formatPem(certificate)
  await writeDocument(installation, DOCUMENTS.radius, { pem } satisfies StoredCertificate)
  return pem
}

function isGood(certificate: Uint8Array, name: string, now: number): boolean {
  const { commonName, notAfter } = describeCertificate(certificate)
  return commonName === name && notAfter - now > RENEWAL_DAYS * DAY_SECONDS
}

function isForClients(certificate: Uint8Array): boolean {
  return describeCertificate(certificate).extendedKeyUsages.includes(CLIENT_AUTH)
}
