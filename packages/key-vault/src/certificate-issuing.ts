import { issueSelfSigned, type KeyAlgorithm, type KeyBundle, X509Error } from '@causeway/x509'
import type { CertificatePolicy, KeyProperties } from './certificate-policy.ts'
import { badParameter } from './vault-error.ts'

/** Ours, as Key Vault's: certificates begin so long before now, for clocks that are behind. */
const CLOCK_SKEW_SECONDS = 600

/**
 * A self-signed certificate as its policy says, for the key in `privateKey` (PKCS#8 in PEM) or a new one. Errors:
 * `BadParameter`.
 */
export async function issueByPolicy(
  policy: CertificatePolicy,
  now: number,
  privateKey: string | undefined,
): Promise<KeyBundle> {
  const { subject, sans, ekus, key_usage, validity_months, basic_constraints } = policy.x509_props
  try {
    const issued = await issueSelfSigned({
      subject,
      key: privateKey === undefined ? algorithmOf(policy.key_props) : { privateKey },
      notBefore: now - CLOCK_SKEW_SECONDS,
      notAfter: monthsAfter(now, validity_months),
      dnsNames: sans?.dns_names ?? [],
      emails: sans?.emails ?? [],
      upns: sans?.upns ?? [],
      uris: sans?.uris ?? [],
      ipAddresses: sans?.ipAddresses ?? [],
      ...(ekus && { extendedKeyUsages: ekus }),
      ...(key_usage && { keyUsages: key_usage }),
      ...(basic_constraints && { isCa: basic_constraints.ca }),
    })
    return { ...issued, chain: [] }
  } catch (error) {
    if (error instanceof X509Error) throw badParameter('policy.x509_props', error.message, error)
    throw error
  }
}

function algorithmOf({ kty, key_size, crv }: KeyProperties): KeyAlgorithm {
  if (kty === 'EC') return crv === 'P-384' ? 'ecdsa-p384' : 'ecdsa-p256'
  return key_size === 4_096 ? 'rsa-4096' : key_size === 3_072 ? 'rsa-3072' : 'rsa-2048'
}

/** The same day of a later month, or its last. */
function monthsAfter(now: number, months: number): number {
  const date = new Date(now * 1000)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return Math.floor(date.getTime() / 1000)
}
