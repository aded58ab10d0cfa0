import { createPrivateKey, type KeyObject } from 'node:crypto'
import {
  createPkcs12,
  describeCertificate,
  formatPem,
  type KeyBundle,
  readKeyBundle,
  X509Error,
} from '@causeway/x509'
import type {
  CertificateContentType,
  KeyProperties,
  SubjectAltNames,
  X509Properties,
} from './certificate-policy.ts'
import { badParameter } from './vault-error.ts'

/** What was imported, and in which form. */
export interface ImportedContent {
  readonly bundle: KeyBundle
  readonly contentType: CertificateContentType
  readonly key: Pick<KeyProperties, 'kty' | 'key_size' | 'crv'>
}

/** Ours: what a secret may hold, in characters. Twice Key Vault's 25 KB, for chains. */
export const CONTENT_CHARACTERS = 100_000

/** Rounds for a file without a password: there is nothing to slow down a guess of. */
const PKCS12_ITERATIONS = 2_048

/**
 * A certificate with its key and chain: PEM, or base64 of PKCS#12 or of PEM. Errors: `BadParameter`, which tells nothing
 * of the content.
 */
export function readContent(value: string, password: string | undefined): ImportedContent {
  try {
    const { bundle, form } = readKeyBundle(pemWithin(value) ?? value, password)
    const contentType = form === 'pem' ? 'application/x-pem-file' : 'application/x-pkcs12'
    return { bundle, contentType, key: keyOf(createPrivateKey(bundle.privateKey)) }
  } catch (error) {
    if (error instanceof X509Error) throw badParameter('value', error.message, error)
    throw error
  }
}

/** PEM in base64: the client in Python, and az with it, writes every file so. */
function pemWithin(value: string): string | undefined {
  if (value.includes('-----BEGIN ')) return undefined
  const text = Buffer.from(value, 'base64').toString('latin1')
  return text.includes('-----BEGIN ') ? text : undefined
}

/** The value of a certificate's secret. */
export function formatContent(bundle: KeyBundle, contentType: CertificateContentType): string {
  switch (contentType) {
    case 'application/x-pkcs12': {
      const file = createPkcs12({ ...bundle, password: '', iterations: PKCS12_ITERATIONS })
      return Buffer.from(file).toString('base64')
    }
    case 'application/x-pem-file':
      return `${bundle.privateKey.trimEnd()}\n${formatChain(bundle)}`
    default:
      return contentType satisfies never
  }
}

/** The certificates alone, in PEM: all that a secret shows when its key may not leave. */
export function formatChain({ certificate, chain }: Omit<KeyBundle, 'privateKey'>): string {
  return [certificate, ...chain].map(der => formatPem(der)).join('')
}

function keyOf(key: KeyObject): ImportedContent['key'] {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2_048)
    return { kty: 'RSA', key_size: modulusLength }
  if (namedCurve === 'prime256v1') return { kty: 'EC', key_size: 256, crv: 'P-256' }
  if (namedCurve === 'secp384r1') return { kty: 'EC', key_size: 384, crv: 'P-384' }
  throw badParameter('value', 'the private key must be RSA of at least 2048 bits, or EC on P-256 or P-384')
}

/** What an imported certificate says of itself, as the properties of a policy. */
export function describedProperties(der: Uint8Array): X509Properties {
  const { subject, extendedKeyUsages, notBefore, notAfter, subjectAltNames, isCa } = describeCertificate(der)
  const sans = Object.entries(ALT_NAMES).flatMap(([name, kind]) => {
    const values = subjectAltNames.filter(({ type }) => type === kind).map(({ value }) => value)
    return values.length === 0 ? [] : [[name, values]]
  })
  return {
    subject,
    ekus: extendedKeyUsages,
    validity_months: Math.max(1, Math.round((notAfter - notBefore) / MONTH_SECONDS)),
    ...(sans.length > 0 && { sans: Object.fromEntries(sans) as SubjectAltNames }),
    basic_constraints: { ca: isCa },
  }
}

const ALT_NAMES = { dns_names: 'dns', emails: 'email', uris: 'uri', ipAddresses: 'ip' } as const
const MONTH_SECONDS = (365.25 * 86_400) / 12
