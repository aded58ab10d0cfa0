import { formatPem, generatePrivateKey, type Issuer } from '@causeway/x509'
import type { CertifiedKey } from '../configuration.ts'
import { DOCUMENTS, type Installation, SECRETS } from './installation.ts'
import { ensureIssued } from './server-certificate.ts'
import { readSecretText } from './stored.ts'

/** Under which names the management API is reached, beside those of this machine itself. */
export interface ApiNames {
  /** DNS names and addresses. */
  readonly hostNames: readonly string[]
  /** Vaults are at names in this domain, one label more. */
  readonly vaultDomain: string
}

const OWN_NAME = 'localhost'
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1']

/**
 * What the management API shows over HTTPS: a certificate of the gateway's own authority, made the first time, and
 * anew when its names change or its end comes near. Errors: `StoreError`, `X509Error` for a name that is none.
 */
export async function ensureApiCertificate(
  installation: Installation,
  authority: Issuer,
  { hostNames, vaultDomain }: ApiNames,
): Promise<CertifiedKey> {
  const privateKey = await readSecretText(installation, SECRETS.apiKey, () =>
    generatePrivateKey('ecdsa-p256'),
  )
  const certificate = await ensureIssued(installation, authority, {
    document: DOCUMENTS.api,
    name: OWN_NAME,
    dnsNames: [OWN_NAME, `*.${vaultDomain}`],
    hostNames: [...new Set([...hostNames, ...LOOPBACK])].filter(host => host !== OWN_NAME),
    privateKey,
    isForVpn: false,
  })
  const chain = [certificate, authority.certificate]
  return { certificateChain: chain.map(der => formatPem(der)).join(''), privateKey }
}
