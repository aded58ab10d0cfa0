import { join } from 'node:path'
import { replaceFile } from '@causeway/store'
import { formatPem, generatePrivateKey, type Issuer, issueRoot, readCertificates } from '@causeway/x509'
import {
  AUTHORITY_FILE,
  CLOCK_SKEW_SECONDS,
  DAY_SECONDS,
  DOCUMENTS,
  type Installation,
  SECRETS,
} from './installation.ts'
import { readPublicDocument, readSecretText, writeDocument } from './stored.ts'

/** Life of the gateway's own root. */
const VALID_DAYS = 3_650

/** A public certificate as it is stored. */
export interface StoredCertificate {
  readonly pem: string
}

/**
 * The gateway's own certificate authority, made the first time: it signs the server's certificate
 * and those of the clients that `client add` makes. Its certificate is also at `DIR/ca.pem`.
 */
export async function ensureAuthority(installation: Installation): Promise<Issuer> {
  const privateKey = await readSecretText(installation, SECRETS.authorityKey, () =>
    generatePrivateKey('rsa-2048'),
  )
  const stored = await readPublicDocument<StoredCertificate>(installation, DOCUMENTS.authority)
  const certificate = stored ? firstCertificate(stored.pem) : await makeRoot(installation, privateKey)
  await replaceFile(join(installation.data.path, AUTHORITY_FILE), formatPem(certificate), 0o644)
  return { certificate, privateKey }
}

/** The first certificate of PEM text that we stored ourselves. */
export function firstCertificate(pem: string): Uint8Array {
  const [certificate] = readCertificates(pem)
  if (!certificate) throw new RangeError('a stored certificate is empty')
  return certificate
}

async function makeRoot(installation: Installation, privateKey: string): Promise<Uint8Array> {
  const now = installation.unixSeconds()
  const { certificate } = await issueRoot({
    commonName: 'Causeway Root CA',
    key: { privateKey },
    notBefore: now - CLOCK_SKEW_SECONDS,
    notAfter: now + VALID_DAYS * DAY_SECONDS,
  })
  await writeDocument(installation, DOCUMENTS.authority, { pem: formatPem(certificate) })
  return certificate
}
