import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import { createTrustStore, describeCertificate, readCertificates, X509Error } from '@causeway/x509'
import { isDnsName } from '../arm/index.ts'
import { CommandError } from './command-error.ts'

/** A server certificate that the operator brings, complete and checked. */
export interface GivenCertificate {
  /** DER: the gateway's certificate, then what stands between it and its root. */
  readonly chain: readonly Uint8Array[]
  /** DER. */
  readonly root: Uint8Array
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** Its common name, which is one of its DNS names too. */
  readonly name: string
}

/** What is brought, as text. */
export interface CertificateFiles {
  /** PEM: the gateway's certificate first, each then followed by its issuer; the root may be missing. */
  readonly chain: string
  /** PEM, without a passphrase. */
  readonly key: string
}

/**
 * Reads a certificate, its chain and its key, and checks all that clients would trip over. Without a root in the
 * chain it must be one of the public roots that Node.js comes with.
 *
 * Errors: `CommandError` `InvalidParameter`, one line.
 */
export function checkGivenCertificate(
  files: CertificateFiles,
  hostNames: readonly string[],
  unixSeconds: number,
): GivenCertificate {
  const all = readChain(files.chain)
  const key = readKey(files.key)
  checkKey(all, key)
  checkOrder(all)
  const { chain, root } = splitRoot(all)
  checkTrust(chain, root, unixSeconds)
  const name = readName(chain[0] as Uint8Array)
  const [host] = hostNames
  if (host !== undefined && uncoveredHosts(chain[0] as Uint8Array, [host]).length > 0)
    throw refused(
      `it does not cover ${quote(host)}, to which clients connect`,
      `put a name of the certificate, as ${name}, first in hostNames, or bring one for ${quote(host)}`,
    )
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { chain, root, privateKey, name }
}

/** Those of the names and addresses that a certificate is not for. */
export function uncoveredHosts(certificate: Uint8Array, hostNames: readonly string[]): string[] {
  const x509 = new X509Certificate(certificate)
  return hostNames.filter(host =>
    parseIpAddress(host)
      ? x509.checkIP(host) === undefined
      : x509.checkHost(host, { subject: 'never' }) === undefined,
  )
}

function readChain(text: string): readonly Uint8Array[] {
  try {
    return readCertificates(text)
  } catch (error) {
    if (!(error instanceof X509Error)) throw error
    throw refused(`--chain cannot be read: ${error.message}`, 'give certificates in PEM')
  }
}

function readKey(text: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    // OpenSSL's reason says nothing to people.
    throw refused('--key is no private key, or has a passphrase', 'give it in PEM without one')
  }
  if (key.asymmetricKeyType !== 'rsa')
    throw refused(`its key is ${key.asymmetricKeyType}, and the TLS policy has RSA alone`, 'use an RSA key')
  return key
}

function checkKey(chain: readonly Uint8Array[], key: KeyObject): void {
  const owner = chain.findIndex(certificate => new X509Certificate(certificate).checkPrivateKey(key))
  if (owner === 0) return
  if (owner > 0)
    throw refused(`the key is that of certificate ${owner + 1} of the chain`, "put the gateway's own first")
  throw refused('the key is not that of the certificate', 'give the two that belong together')
}

function checkOrder(chain: readonly Uint8Array[]): void {
  const parsed = chain.map(certificate => new X509Certificate(certificate))
  for (const [i, certificate] of parsed.entries()) {
    const issuer = parsed[i + 1]
    if (issuer && !isIssuedBy(certificate, issuer))
      throw refused(
        `certificate ${i + 1} of the chain is not issued by the one after it`,
        "put the gateway's own first, and each one's issuer after it",
      )
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** The root is the last of the chain, or a public one. It is not sent to clients, which have it. */
function splitRoot(all: readonly Uint8Array[]): {
  readonly chain: readonly Uint8Array[]
  readonly root: Uint8Array
} {
  const last = all.at(-1) as Uint8Array
  const parsed = new X509Certificate(last)
  if (isIssuedBy(parsed, parsed)) {
    if (all.length > 1) return { chain: all.slice(0, -1), root: last }
    throw refused(
      'it is self-signed',
      "bring one of an authority, or use the gateway's own: causeway certificate reset",
    )
  }
  const root = publicRootOf(parsed)
  if (root) return { chain: all, root }
  throw refused('its root is missing, and is no public one that is known here', 'append the root to --chain')
}

function publicRootOf(certificate: X509Certificate): Uint8Array | undefined {
  for (const pem of rootCertificates) {
    const root = new X509Certificate(pem)
    if (isIssuedBy(certificate, root)) return root.raw
  }
  return undefined
}

/** Dates, key sizes, authorities and purpose, as clients look at them. */
function checkTrust(chain: readonly Uint8Array[], root: Uint8Array, time: number): void {
  const [leaf, ...intermediates] = chain
  const verdict = createTrustStore({ roots: [root] }).verify({
    leaf: leaf as Uint8Array,
    intermediates,
    time,
    purpose: 'server',
    requireExtendedKeyUsage: true,
  })
  if (!verdict.valid)
    throw refused(`clients would refuse it: ${verdict.detail}`, 'bring a server certificate that is good')
}

/** OpenVPN and pppd compare the common name, IKEv2 and Windows the alternative names. */
function readName(leaf: Uint8Array): string {
  const { commonName = '', subjectAltNames } = describeCertificate(leaf)
  const remedy = 'bring one whose common name is one of its DNS names, which OpenVPN and pppd compare'
  if (!isDnsName(commonName))
    throw refused(commonName === '' ? 'it has no common name' : `${quote(commonName)} is no DNS name`, remedy)
  const listed = subjectAltNames.some(
    ({ type, value }) => type === 'dns' && value.toLowerCase() === commonName.toLowerCase(),
  )
  if (!listed) throw refused(`${quote(commonName)} is not among its alternative names`, remedy)
  return commonName
}

function refused(problem: string, remedy: string): CommandError {
  return new CommandError('InvalidParameter', `the certificate was not taken: ${problem}; ${remedy}`)
}
