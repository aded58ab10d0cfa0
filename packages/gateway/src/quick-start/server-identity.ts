import { createTlsCryptV2ServerKey, STATIC_KEY_BYTES } from '@causeway/openvpn'
import { parseIpAddress } from '@causeway/wire'
import {
  describeCertificate,
  formatPem,
  generatePrivateKey,
  type Issuer,
  issueServerCertificate,
} from '@causeway/x509'
import type { GatewayIdentity } from '../configuration.ts'
import { CLOCK_SKEW_SECONDS, DAY_SECONDS, DOCUMENTS, type Installation, SECRETS } from './installation.ts'
import { firstCertificate, type StoredCertificate } from './own-authority.ts'
import { readPublicDocument, readSecret, readSecretText, writeDocument } from './stored.ts'

/** Life of a server certificate: below the 825 days beyond which Apple's systems refuse one. */
const VALID_DAYS = 800
/** It is renewed at a start within so many days of its end. */
const RENEWAL_DAYS = 60

/** The common name of a gateway's certificate, in Azure's form: what profiles check. */
export function serverName(resourceGuid: string): string {
  return `${resourceGuid.toLowerCase()}.vpn.causeway.internal`
}

/** The gateway's certificate and OpenVPN keys, made the first time, the certificate renewed in time. */
export async function ensureIdentity(
  installation: Installation,
  authority: Issuer,
  resourceGuid: string,
  hostNames: readonly string[],
): Promise<GatewayIdentity> {
  const { crypto } = installation
  // RSA, because every TLS 1.2 suite of the policy is ECDHE_RSA.
  const privateKey = await readSecretText(installation, SECRETS.serverKey, () =>
    generatePrivateKey('rsa-2048'),
  )
  const name = serverName(resourceGuid)
  const certificate = await ensureCertificate(installation, authority, { name, hostNames, privateKey })
  const staticKey = (): Uint8Array => crypto.random(STATIC_KEY_BYTES)
  const v2Key = (): Uint8Array => createTlsCryptV2ServerKey(crypto)
  return {
    certificateChain: formatPem(certificate),
    serverName: name,
    privateKey,
    tlsAuthKey: await readSecret(installation, SECRETS.tlsAuthKey, staticKey),
    tlsCryptKey: await readSecret(installation, SECRETS.tlsCryptKey, staticKey),
    tlsCryptV2ServerKey: await readSecret(installation, SECRETS.tlsCryptV2ServerKey, v2Key),
  }
}

interface ServerRequest {
  readonly name: string
  readonly hostNames: readonly string[]
  readonly privateKey: string
}

async function ensureCertificate(
  installation: Installation,
  authority: Issuer,
  request: ServerRequest,
): Promise<Uint8Array> {
  const stored = await readPublicDocument<StoredCertificate>(installation, DOCUMENTS.server)
  const present = stored && firstCertificate(stored.pem)
  if (present && isGood(present, request, installation.unixSeconds())) return present
  const certificate = await issueCertificate(installation, authority, request)
  await writeDocument(installation, DOCUMENTS.server, { pem: formatPem(certificate) })
  return certificate
}

/** Whether it is for this name and these hosts, and lasts. */
function isGood(certificate: Uint8Array, { name, hostNames }: ServerRequest, now: number): boolean {
  const { commonName, notAfter, subjectAltNames, extendedKeyUsages } = describeCertificate(certificate)
  const listed = new Set(subjectAltNames.map(({ value }) => value.toLowerCase()))
  const covers = hostNames.every(host => listed.has(host.toLowerCase()))
  const isForIke = extendedKeyUsages.includes(IKE_INTERMEDIATE)
  return commonName === name && covers && isForIke && notAfter - now > RENEWAL_DAYS * DAY_SECONDS
}

/** The usage that `issueServerCertificate` adds for IKEv2; certificates made before IKEv2 was served lack it. */
const IKE_INTERMEDIATE = '1.3.6.1.5.5.8.2.2'

async function issueCertificate(
  { unixSeconds }: Installation,
  authority: Issuer,
  { name, hostNames, privateKey }: ServerRequest,
): Promise<Uint8Array> {
  const now = unixSeconds()
  const authorityEnd = describeCertificate(authority.certificate).notAfter
  const isAddress = (host: string): boolean => parseIpAddress(host) !== undefined
  const { certificate } = await issueServerCertificate(authority, {
    commonName: name,
    key: { privateKey },
    notBefore: now - CLOCK_SKEW_SECONDS,
    notAfter: Math.min(now + VALID_DAYS * DAY_SECONDS, authorityEnd),
    dnsNames: [name, ...hostNames.filter(host => !isAddress(host))],
    ipAddresses: hostNames.filter(isAddress),
    ipAsDnsName: true,
    ikeIntermediate: true,
  })
  return certificate
}
