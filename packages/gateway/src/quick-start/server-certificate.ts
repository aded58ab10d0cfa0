import { formatIpAddress, parseIpAddress } from '@causeway/wire'
import {
  describeCertificate,
  formatPem,
  generatePrivateKey,
  type Issuer,
  issueServerCertificate,
} from '@causeway/x509'
import { readGivenCertificate } from './given-certificate-store.ts'
import { CLOCK_SKEW_SECONDS, DAY_SECONDS, DOCUMENTS, type Installation, SECRETS } from './installation.ts'
import { firstCertificate, type StoredCertificate } from './own-authority.ts'
import { readPublicDocument, readSecretText, writeDocument } from './stored.ts'

/** The certificate that the gateway shows, whoever issued it. */
export interface ServerCertificate {
  /** `own`: of the gateway's own authority; `given`: the operator brought it. */
  readonly source: 'own' | 'given'
  /** DER: the gateway's certificate, then what stands between it and its root. */
  readonly chain: readonly Uint8Array[]
  /** DER: what clients have to trust. */
  readonly root: Uint8Array
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** Its common name, which is one of its DNS names too: what profiles check. */
  readonly name: string
}

/** Life of a server certificate: below the 825 days beyond which Apple's systems refuse one. */
export const VALID_DAYS = 800
/** It is renewed within so many days of its end. */
export const RENEWAL_DAYS = 60

/** The common name of a gateway's own certificate, in Azure's form. */
export function serverName(resourceGuid: string): string {
  return `${resourceGuid.toLowerCase()}.vpn.causeway.internal`
}

/** The certificate that the operator brought, or else the own one. */
export async function ensureServerCertificate(
  installation: Installation,
  authority: Issuer,
  resourceGuid: string,
  hostNames: readonly string[],
): Promise<ServerCertificate> {
  const given = await readGivenCertificate(installation)
  return given
    ? { source: 'given', ...given }
    : ensureOwnCertificate(installation, authority, resourceGuid, hostNames)
}

/** The gateway's own certificate, made the first time and renewed in time. */
export async function ensureOwnCertificate(
  installation: Installation,
  authority: Issuer,
  resourceGuid: string,
  hostNames: readonly string[],
): Promise<ServerCertificate> {
  // RSA, because every TLS 1.2 suite of the policy is ECDHE_RSA.
  const privateKey = await readSecretText(installation, SECRETS.serverKey, () =>
    generatePrivateKey('rsa-2048'),
  )
  const name = serverName(resourceGuid)
  const certificate = await ensureIssued(installation, authority, {
    document: DOCUMENTS.server,
    name,
    dnsNames: [name],
    hostNames,
    privateKey,
    isForVpn: true,
  })
  return { source: 'own', chain: [certificate], root: authority.certificate, privateKey, name }
}

/** A server certificate of our own authority. */
export interface ServerRequest {
  /** Where it is stored. */
  readonly document: string
  /** Its common name. */
  readonly name: string
  /** Beside those of `hostNames`; a first label of `*` is allowed. */
  readonly dnsNames: readonly string[]
  /** DNS names and addresses. */
  readonly hostNames: readonly string[]
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** With what Windows looks for in an IKEv2 gateway's. */
  readonly isForVpn: boolean
}

/** The certificate as it is asked for: the stored one as long as it is good, else a new one. DER. */
export async function ensureIssued(
  installation: Installation,
  authority: Issuer,
  request: ServerRequest,
): Promise<Uint8Array> {
  const stored = await readPublicDocument<StoredCertificate>(installation, request.document)
  const present = stored && firstCertificate(stored.pem)
  if (present && isGood(present, request, installation.unixSeconds())) return present
  const certificate = await issueCertificate(installation, authority, request)
  await writeDocument(installation, request.document, { pem: formatPem(certificate) })
  return certificate
}

/** Whether it is for these names, and lasts. */
function isGood(certificate: Uint8Array, request: ServerRequest, now: number): boolean {
  const { name, dnsNames, hostNames, isForVpn } = request
  const { commonName, notAfter, subjectAltNames, extendedKeyUsages } = describeCertificate(certificate)
  const listed = new Set(subjectAltNames.map(({ value }) => plainName(value)))
  const covers = [...dnsNames, ...hostNames].every(host => listed.has(plainName(host)))
  const isFit = !isForVpn || extendedKeyUsages.includes(IKE_INTERMEDIATE)
  return commonName === name && covers && isFit && notAfter - now > RENEWAL_DAYS * DAY_SECONDS
}

/** One spelling of each name and of each address. */
function plainName(host: string): string {
  const address = parseIpAddress(host)
  return address ? formatIpAddress(address) : host.toLowerCase()
}

/** The usage that `issueServerCertificate` adds for IKEv2; certificates made before IKEv2 was served lack it. */
const IKE_INTERMEDIATE = '1.3.6.1.5.5.8.2.2'

async function issueCertificate(
  { unixSeconds }: Installation,
  authority: Issuer,
  { name, dnsNames, hostNames, privateKey, isForVpn }: ServerRequest,
): Promise<Uint8Array> {
  const now = unixSeconds()
  const authorityEnd = describeCertificate(authority.certificate).notAfter
  const isAddress = (host: string): boolean => parseIpAddress(host) !== undefined
  const { certificate } = await issueServerCertificate(authority, {
    commonName: name,
    key: { privateKey },
    notBefore: now - CLOCK_SKEW_SECONDS,
    notAfter: Math.min(now + VALID_DAYS * DAY_SECONDS, authorityEnd),
    dnsNames: [...dnsNames, ...hostNames.filter(host => !isAddress(host))],
    ipAddresses: hostNames.filter(isAddress),
    ipAsDnsName: isForVpn,
    ikeIntermediate: isForVpn,
  })
  return certificate
}
