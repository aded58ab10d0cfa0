import 'reflect-metadata'
import { type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { describeCertificate } from './description.ts'
import { X509Error } from './errors.ts'
import { importSigningKey, publicKeyOf, readKey, signingAlgorithmOf } from './key-pair.ts'
import { limits } from './limits.ts'

// The certificate builder takes its cryptography from here and from nowhere else.
x509.cryptoProvider.set(webcrypto)

/** An authority: its certificate and the key that goes with it. */
export interface Issuer {
  /** DER. */
  readonly certificate: Uint8Array
  /** PKCS#8 in PEM. */
  readonly privateKey: string
}

/** The distinguished name to issue for. */
export interface SubjectName {
  /** 1 to 64 characters. */
  readonly commonName: string
  /** 1 to 64 characters. */
  readonly organization?: string
}

/** From when to when a certificate holds, as Date or unix seconds. The clock is the caller's. */
export interface Validity {
  readonly notBefore: Date | number
  readonly notAfter: Date | number
}

/** What to sign. Extensions are put in as they are. */
export interface SigningRequest extends Validity {
  /** As text: RFC 4514, or as X.500 tools write it, in the order given. */
  readonly subject: SubjectName | string
  /** The key to certify; without an issuer it signs, and must be private. */
  readonly key: KeyObject
  readonly extensions: readonly x509.Extension[]
}

/**
 * @internal Signs a certificate; without an issuer it signs itself. Adds the subject key identifier, and
 * below an issuer the authority key identifier. The answer is DER.
 *
 * Errors: `ERR_X509_ARGUMENT`, `ERR_X509_KEY`, `ERR_X509_ISSUER`.
 */
export async function signCertificate(request: SigningRequest, issuer?: Issuer): Promise<Uint8Array> {
  const { subject, key } = request
  const window = validityDates(request)
  if (issuer !== undefined) checkIssuer(issuer, window)
  const signer = issuer === undefined ? key : readKey(issuer.privateKey)
  const name = typeof subject === 'string' ? parseName(subject) : new x509.Name(nameParts(subject))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerialNumber(),
    subject: name,
    issuer: issuer === undefined ? name : subjectOf(issuer),
    ...window,
    publicKey: publicKeyOf(key),
    signingKey: await importSigningKey(signer),
    signingAlgorithm: signingAlgorithmOf(signer),
    extensions: [...request.extensions, ...(await keyIdentifiers(key, issuer))],
  })
  return new Uint8Array(certificate.rawData)
}

/** @internal The subject of an authority, as the issuer of what it signs. */
export function subjectOf(issuer: Issuer): x509.Name {
  return new x509.X509Certificate(bytesOf(issuer.certificate)).subjectName
}

/** @internal RFC 5280 §4.2.1.1; also for CRLs. */
export async function authorityKeyIdentifier(issuer: Issuer): Promise<x509.Extension> {
  const parsed = new x509.X509Certificate(bytesOf(issuer.certificate))
  const own = parsed.getExtension(x509.SubjectKeyIdentifierExtension)
  const keyId = own?.keyId ?? (await keyIdentifier(readKey(issuer.privateKey)))
  return new x509.AuthorityKeyIdentifierExtension(keyId)
}

/** @internal Errors: `ERR_X509_ARGUMENT`. */
export function dateOf(time: Date | number, what: string): Date {
  const date = typeof time === 'number' ? new Date(time * 1000) : time
  if (!Number.isNaN(date.getTime())) return date
  throw new X509Error('ERR_X509_ARGUMENT', `${what} is not a time`)
}

/** Positive, 16 octets in any encoding, unguessable (RFC 5280 §4.1.2.2). */
function randomSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function validityDates(validity: Validity): { notBefore: Date; notAfter: Date } {
  const notBefore = dateOf(validity.notBefore, 'notBefore')
  const notAfter = dateOf(validity.notAfter, 'notAfter')
  if (notBefore < notAfter) return { notBefore, notAfter }
  throw new X509Error('ERR_X509_ARGUMENT', 'notAfter must be later than notBefore')
}

function checkIssuer(issuer: Issuer, window: { notAfter: Date }): void {
  const { isCa, notAfter, subject } = describeCertificate(issuer.certificate)
  if (!isCa) throw new X509Error('ERR_X509_ISSUER', `the issuer "${subject}" is not a certificate authority`)
  if (Math.floor(window.notAfter.getTime() / 1000) <= notAfter) return
  const end = new Date(notAfter * 1000).toISOString()
  const message = `the certificate would outlive its issuer, which ends ${end}: shorten it or renew the issuer`
  throw new X509Error('ERR_X509_ISSUER', message)
}

/** Typed as UTF-8 strings, so that nothing in a name is read as a separator or an escape. */
function nameParts(subject: SubjectName): x509.JsonNameParams {
  const { commonName, organization } = subject
  checkNamePart('common name', commonName)
  if (organization !== undefined) checkNamePart('organization', organization)
  const parts: x509.JsonNameParams = [{ CN: [{ utf8String: commonName }] }]
  return organization === undefined ? parts : [{ O: [{ utf8String: organization }] }, ...parts]
}

function parseName(text: string): x509.Name {
  const message = `"${text}" is not a distinguished name: expected such as "CN=vpn.example.org, O=Contoso"`
  if (text.length > limits.subjectCharacters)
    throw new X509Error('ERR_X509_ARGUMENT', 'the subject is too long')
  try {
    const name = new x509.Name(text)
    if (name.toJSON().length > 0) return name
  } catch (cause) {
    throw new X509Error('ERR_X509_ARGUMENT', message, { cause })
  }
  throw new X509Error('ERR_X509_ARGUMENT', message)
}

function checkNamePart(what: string, value: string): void {
  const length = [...value].length
  if (length >= 1 && length <= limits.nameCharacters && !value.includes('\0')) return
  const message = `the ${what} must have 1 to ${limits.nameCharacters} characters, none of them NUL`
  throw new X509Error('ERR_X509_ARGUMENT', message)
}

async function keyIdentifiers(
  key: KeyObject,
  issuer: Issuer | undefined,
): Promise<readonly x509.Extension[]> {
  const own = new x509.SubjectKeyIdentifierExtension(await keyIdentifier(key))
  return issuer === undefined ? [own] : [own, await authorityKeyIdentifier(issuer)]
}

/** RFC 5280 §4.2.1.2 (1): the SHA-1 of the key bits, as all tools write it. It names a key and proves nothing. */
async function keyIdentifier(key: KeyObject): Promise<string> {
  const publicKey = new x509.PublicKey(publicKeyOf(key))
  return Buffer.from(await publicKey.getKeyIdentifier()).toString('hex')
}

function bytesOf(der: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(der)
}
