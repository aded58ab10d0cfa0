import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { type Issuer, type SubjectName, signCertificate, type Validity } from './certificate-signing.ts'
import { X509Error } from './errors.ts'
import { generatePrivateKey, type KeyAlgorithm, readKey } from './key-pair.ts'
import { type ServerNames, serverAltNames } from './server-names.ts'

/** What every kind of certificate is issued from. */
export interface IssueOptions extends SubjectName, Validity {
  /** A key to generate, or the existing one (PKCS#8 in PEM) to certify. */
  readonly key: KeyAlgorithm | { readonly privateKey: string }
}

export interface AuthorityOptions extends IssueOptions {
  /** Authorities that may follow below this one (RFC 5280 §4.2.1.9). Unlimited when absent. */
  readonly pathLength?: number
}

export interface ServerOptions extends IssueOptions, ServerNames {
  /** Adds the usage 1.3.6.1.5.5.8.2.2, which old macOS wants of an IKEv2 gateway. */
  readonly ikeIntermediate?: boolean
  /** Adds clientAuth: for a site-to-site gateway, which is either end. */
  readonly clientAuth?: boolean
}

/** A certificate and its private key. It can serve as an {@link Issuer}, when it is an authority. */
export interface IssuedCertificate extends Issuer {}

const usage = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ikeIntermediate: '1.3.6.1.5.5.8.2.2',
} as const

/**
 * Issues a self-signed root. Errors of this and the others below: `ERR_X509_ARGUMENT`, `ERR_X509_KEY`,
 * `ERR_X509_ISSUER`.
 */
export function issueRoot(options: AuthorityOptions): Promise<IssuedCertificate> {
  return issue(options, () => authorityExtensions(options.pathLength))
}

/** Issues an authority below another one. Without a `pathLength` it may issue no further authority. */
export function issueIntermediate(issuer: Issuer, options: AuthorityOptions): Promise<IssuedCertificate> {
  return issue(options, () => authorityExtensions(options.pathLength ?? 0), issuer)
}

/** Issues a gateway's certificate: serverAuth, and the names and addresses that clients connect to. */
export async function issueServerCertificate(
  issuer: Issuer,
  options: ServerOptions,
): Promise<IssuedCertificate> {
  const usages: string[] = [usage.serverAuth]
  if (options.clientAuth === true) usages.push(usage.clientAuth)
  if (options.ikeIntermediate === true) usages.push(usage.ikeIntermediate)
  const names = serverAltNames(options)
  const altNames = new x509.SubjectAlternativeNameExtension(names)
  return issue(options, keyType => [...leafExtensions(usages, keyType === 'rsa'), altNames], issuer)
}

/**
 * Issues a user's certificate: clientAuth. It has no alternative name: Azure's policy groups read the
 * common name, and want an alternative name to equal it.
 */
export function issueClientCertificate(issuer: Issuer, options: IssueOptions): Promise<IssuedCertificate> {
  return issue(options, () => leafExtensions([usage.clientAuth], false), issuer)
}

async function issue(
  options: IssueOptions,
  extensions: (keyType: string | undefined) => readonly x509.Extension[],
  issuer?: Issuer,
): Promise<IssuedCertificate> {
  const given = options.key
  const privateKey = typeof given === 'string' ? await generatePrivateKey(given) : given.privateKey
  const key = readKey(privateKey)
  const { notBefore, notAfter } = options
  const request = {
    subject: options,
    key,
    notBefore,
    notAfter,
    extensions: extensions(key.asymmetricKeyType),
  }
  return { certificate: await signCertificate(request, issuer), privateKey }
}

const isCritical = true

function authorityExtensions(pathLength: number | undefined): readonly x509.Extension[] {
  if (pathLength !== undefined && (!Number.isInteger(pathLength) || pathLength < 0)) {
    throw new X509Error('ERR_X509_ARGUMENT', 'pathLength is a count of authorities: 0 or more')
  }
  const flags = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
  return [
    new x509.BasicConstraintsExtension(true, pathLength, isCritical),
    new x509.KeyUsagesExtension(flags, isCritical),
  ]
}

/** Only an RSA key of a server also decrypts: for the RSA key exchange of TLS 1.2. */
function leafExtensions(usages: readonly string[], decrypts: boolean): readonly x509.Extension[] {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags
  return [
    new x509.BasicConstraintsExtension(false, undefined, isCritical),
    new x509.KeyUsagesExtension(decrypts ? digitalSignature | keyEncipherment : digitalSignature, isCritical),
    new x509.ExtendedKeyUsageExtension([...usages]),
  ]
}
