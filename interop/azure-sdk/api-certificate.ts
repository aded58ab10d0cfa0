import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'

/** A certificate of a CA that nobody knows yet, PEM. */
export interface ApiCertificate {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** The certificate of a server on 127.0.0.1, which outlives it in a folder; the CA's stands there as `ca.pem` too. */
export async function ensureApiCertificate(
  directory: string,
  vaultDomain: string,
  now: number,
): Promise<ApiCertificate> {
  const path = join(directory, 'certificate.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as ApiCertificate
  const validity = { notBefore: now - 3_600, notAfter: now + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'], dnsNames: [`*.${vaultDomain}`] }
  const issued = await issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
  const ca = formatPem(root.certificate)
  const made = { ca, cert: formatPem(issued.certificate), key: issued.privateKey }
  writeFileSync(join(directory, 'ca.pem'), ca)
  writeFileSync(path, JSON.stringify(made), { mode: 0o600 })
  return made
}
