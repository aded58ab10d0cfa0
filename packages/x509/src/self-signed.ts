import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { signCertificate, type Validity } from './certificate-signing.ts'
import { X509Error } from './errors.ts'
import type { IssuedCertificate } from './issuing.ts'
import { generatePrivateKey, type KeyAlgorithm, readKey } from './key-pair.ts'
import { checkedAddress, checkedDnsName } from './server-names.ts'

/** Key usages by the names of RFC 5280 §4.2.1.3. */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof keyUsages)[number]

/** A certificate that vouches for itself, with whatever is asked to stand in it. */
export interface SelfSignedOptions extends Validity {
  /** A distinguished name as text, such as `CN=vpn.example.org, O=Contoso`. */
  readonly subject: string
  /** A key to generate, or the existing one (PKCS#8 in PEM) to certify. */
  readonly key: KeyAlgorithm | { readonly privateKey: string }
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly emails?: readonly string[]
  readonly uris?: readonly string[]
  /** User principal names. */
  readonly upns?: readonly string[]
  readonly keyUsages?: readonly KeyUsage[]
  /** Dotted OIDs. */
  readonly extendedKeyUsages?: readonly string[]
  /** Default false. */
  readonly isCa?: boolean
}

/** Errors: `ERR_X509_ARGUMENT`, `ERR_X509_KEY`. */
export async function issueSelfSigned(options: SelfSignedOptions): Promise<IssuedCertificate> {
  const { subject, key: given, notBefore, notAfter } = options
  const privateKey = typeof given === 'string' ? await generatePrivateKey(given) : given.privateKey
  const request = {
    subject,
    notBefore,
    notAfter,
    key: readKey(privateKey),
    extensions: extensionsOf(options),
  }
  return { certificate: await signCertificate(request), privateKey }
}

const isCritical = true
const OID = /^[0-2](\.(0|[1-9][0-9]{0,9})){1,20}$/

function extensionsOf(options: SelfSignedOptions): readonly x509.Extension[] {
  const { keyUsages: usages = [], extendedKeyUsages = [], isCa = false } = options
  const wrong = extendedKeyUsages.find(usage => !OID.test(usage))
  if (wrong !== undefined)
    throw new X509Error('ERR_X509_ARGUMENT', `"${wrong}" is not an OID, such as 1.3.6.1.5.5.7.3.1`)
  const names = altNamesOf(options)
  const flags = usages.reduce((sum, usage) => sum | x509.KeyUsageFlags[usage], 0)
  try {
    return [
      new x509.BasicConstraintsExtension(isCa, undefined, isCritical),
      ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, isCritical)]),
      ...(extendedKeyUsages.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...extendedKeyUsages])]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
    ]
  } catch (cause) {
    throw new X509Error('ERR_X509_ARGUMENT', 'a name or usage of the certificate cannot be encoded', {
      cause,
    })
  }
}

function altNamesOf(options: SelfSignedOptions): x509.JsonGeneralNames {
  const { dnsNames = [], ipAddresses = [], emails = [], uris = [], upns = [] } = options
  return [
    ...dnsNames.map(name => ({ type: 'dns', value: checkedDnsName(name) }) as const),
    ...ipAddresses.map(address => ({ type: 'ip', value: checkedAddress(address) }) as const),
    ...emails.map(value => ({ type: 'email', value: checkedText(value) }) as const),
    ...uris.map(value => ({ type: 'url', value: checkedText(value) }) as const),
    ...upns.map(value => ({ type: 'upn', value }) as const),
  ]
}

/** These names are ASCII in a certificate (RFC 5280 §4.2.1.6). */
function checkedText(name: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(name)) return name
  throw new X509Error('ERR_X509_ARGUMENT', `"${name}" is not an ASCII name of at most 255 characters`)
}
