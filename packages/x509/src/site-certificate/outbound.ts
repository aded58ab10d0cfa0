import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { limits } from '../limits.ts'
import { createTrustStore } from '../trust-store.ts'
import type { InvalidChain } from '../validation.ts'
import {
  expired,
  notYetValid,
  type PathRefusalCode,
  pathRefusal,
  refused,
  type SiteCertificateRefusal,
  weakSignature,
} from './path-refusal.ts'
import {
  distinct,
  extendedKeyUsage,
  hasDigitalSignature,
  hasWeakSignature,
  type ReadCertificate,
  readCertificate,
  sameDer,
} from './read-certificate.ts'
import { ordinal, quoted } from './wording.ts'

export type OutboundRefusalCode =
  | PathRefusalCode
  | 'no-certificate'
  | 'too-many-certificates'
  | 'no-private-key'
  | 'unreadable-private-key'
  | 'key-mismatch'
  /** Neither RSA nor ECDSA: IKE signs with nothing else here. */
  | 'unsupported-key'
  | 'missing-server-auth'
  | 'missing-client-auth'
  | 'empty-subject'
  | 'key-usage'
  /** A certificate beside the leaf that is none of its issuers. */
  | 'chain-broken'

/** What the gateway holds of its own certificate, as the vault gave it. */
export interface OutboundMaterial {
  /** DER, the leaf first. With a private key the leaf is the certificate of that key, wherever it stands. */
  readonly chain: readonly Uint8Array[]
  /** PEM, not encrypted. Absent when the vault gave none. */
  readonly privateKey?: string
  readonly unixSeconds: number
}

/** A certificate that the gateway may show to its peers. */
export interface OutboundCertificate {
  readonly type: 'accepted'
  /** RFC 4514. */
  readonly subject: string
  /** Unix seconds. */
  readonly notAfter: number
  readonly keyType: 'RSA' | 'EC'
  readonly keyBits: number
  /** DER: the leaf and its intermediates in order, without the root, which a peer must have or does not trust. */
  readonly chainToSend: readonly Uint8Array[]
  /** Sentences for the operator: what was put right, and what the device will need. */
  readonly notes: readonly string[]
}

/**
 * Judges the certificate that a connection shows to its peer. It must have a private key, RSA of 2048 bits or more or
 * ECDSA on P-256, P-384 or P-521, a subject, server and client authentication among its extended key usages, and
 * digitalSignature, where it has a key usage; what stands beside it must be its issuers.
 */
export function judgeOutboundCertificate(
  material: OutboundMaterial,
): OutboundCertificate | SiteCertificateRefusal<OutboundRefusalCode> {
  const { chain, privateKey, unixSeconds } = material
  if (chain.length === 0)
    return refused('no-certificate', 'there is no certificate: import one into the vault')
  if (chain.length > limits.peerCertificates) {
    const message = `there are ${chain.length} certificates, ${limits.peerCertificates} are allowed: leave out what is not an issuer of the certificate`
    return refused('too-many-certificates', message)
  }
  const given = chain.map(readCertificate)
  const unreadable = given.indexOf(undefined)
  if (unreadable >= 0)
    return refused('malformed', `${ordinal(unreadable)} is not X.509 in DER: export it again`)
  const certificates = distinct(given.filter(one => one !== undefined))
  const leaf = leafOf(certificates, privateKey)
  if (leaf.type === 'refused') return leaf
  return (
    refusalOfLeaf(leaf.certificate, unixSeconds) ?? judgePath(leaf.certificate, certificates, unixSeconds)
  )
}

type FoundLeaf = { readonly type: 'leaf'; readonly certificate: ReadCertificate }

function leafOf(
  certificates: readonly ReadCertificate[],
  privateKey: string | undefined,
): FoundLeaf | SiteCertificateRefusal<OutboundRefusalCode> {
  if (privateKey === undefined) {
    const message =
      'the certificate has no private key: import a .pfx or PEM that holds it, exportable, and let the identity read secrets'
    return refused('no-private-key', message)
  }
  const key = readKey(privateKey)
  if (!key)
    return refused(
      'unreadable-private-key',
      'the private key is not an unencrypted key in PEM: import it again',
    )
  const certificate = certificates.find(({ der }) => new X509Certificate(der).checkPrivateKey(key))
  if (certificate) return { type: 'leaf', certificate }
  const message =
    'the private key belongs to none of the certificates: import the certificate with the key that it was issued for'
  return refused('key-mismatch', message)
}

/** The error of the reader may quote the key: it is left behind. */
function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

const ISSUE_ANEW =
  'issue it anew with extendedKeyUsage = serverAuth, clientAuth (1.3.6.1.5.5.7.3.1 and 1.3.6.1.5.5.7.3.2)'

function refusalOfLeaf(
  leaf: ReadCertificate,
  unixSeconds: number,
): SiteCertificateRefusal<OutboundRefusalCode> | undefined {
  const { subject, keyType, keyBits, extendedKeyUsages, notBefore, notAfter } = leaf.description
  const name = quoted(subject)
  const key = refusalOfKey(name, keyType, keyBits)
  if (key) return key
  if (subject === '')
    return refused('empty-subject', 'the certificate has no subject name: issue it with a common name')
  const { serverAuth, clientAuth } = extendedKeyUsage
  if (extendedKeyUsages.length === 0) {
    return refused(
      'missing-server-auth',
      `${name} has no extended key usage, and must have server and client authentication: ${ISSUE_ANEW}`,
    )
  }
  if (!extendedKeyUsages.includes(serverAuth)) {
    return refused('missing-server-auth', `${name} is not for server authentication: ${ISSUE_ANEW}`)
  }
  if (!extendedKeyUsages.includes(clientAuth)) {
    return refused('missing-client-auth', `${name} is not for client authentication: ${ISSUE_ANEW}`)
  }
  if (!hasDigitalSignature(leaf)) {
    return refused('key-usage', `the key usage of ${name} lacks digitalSignature: issue it anew with it`)
  }
  if (hasWeakSignature(leaf)) return weakSignature(leaf, name)
  if (unixSeconds > notAfter) return expired(leaf, name)
  return unixSeconds < notBefore ? notYetValid(leaf, name) : undefined
}

const MINIMUM_BITS: Readonly<Record<string, number>> = { RSA: 2_048, EC: 256 }

function refusalOfKey(
  name: string,
  keyType: string,
  keyBits: number,
): SiteCertificateRefusal<OutboundRefusalCode> | undefined {
  const minimum = MINIMUM_BITS[keyType]
  if (minimum === undefined) {
    return refused(
      'unsupported-key',
      `${name} has a key of type ${keyType}: use RSA of 2048 bits or more, or ECDSA`,
    )
  }
  if (keyBits >= minimum) return undefined
  const message = `the ${keyType} key of ${name} has ${keyBits} bits, ${minimum} are required: issue it anew with a larger key`
  return refused('key-too-small', message)
}

function judgePath(
  leaf: ReadCertificate,
  certificates: readonly ReadCertificate[],
  unixSeconds: number,
): OutboundCertificate | SiteCertificateRefusal<OutboundRefusalCode> {
  const others = certificates.filter(one => one !== leaf)
  const found = longestPath(leaf, others, unixSeconds)
  const { path } = found
  const own = found.invalid.find(({ anchor }) => anchor === leaf)
  if (own) return pathRefusal(own.why, certificates)
  const stray = others.find(one => !path.includes(one))
  if (stray) return refusalOfStray(stray, found, certificates)
  const top = path.at(-1) ?? leaf
  const sent = path.length > 1 && top.facts.isSelfSigned ? path.slice(0, -1) : path
  const weak = sent.find(hasWeakSignature)
  if (weak) return weakSignature(weak, quoted(weak.description.subject))
  const { subject, notAfter, keyType, keyBits } = leaf.description
  return {
    type: 'accepted',
    subject,
    notAfter,
    keyType: keyType === 'EC' ? 'EC' : 'RSA',
    keyBits,
    chainToSend: sent.map(({ der }) => der),
    notes: notesOn(leaf, path, sent, certificates),
  }
}

interface Paths {
  /** The longest that holds, the leaf first. */
  readonly path: readonly ReadCertificate[]
  readonly invalid: readonly { readonly anchor: ReadCertificate; readonly why: InvalidChain }[]
}

/** OpenSSL builds the paths: each certificate in turn is the end to be reached, and the longest path has the most. */
function longestPath(leaf: ReadCertificate, others: readonly ReadCertificate[], unixSeconds: number): Paths {
  const intermediates = others.map(({ der }) => der)
  const invalid: { anchor: ReadCertificate; why: InvalidChain }[] = []
  let path: readonly ReadCertificate[] = []
  for (const anchor of [leaf, ...others]) {
    const store = createTrustStore({ roots: [anchor.der], partialChain: true })
    const result = store.verify({ leaf: leaf.der, intermediates, time: unixSeconds, purpose: 'any' })
    if (!result.valid) invalid.push({ anchor, why: result })
    else if (result.chain.length > path.length) path = membersOf(result.chain, [leaf, ...others])
  }
  return { path, invalid }
}

function membersOf(
  chain: readonly Uint8Array[],
  known: readonly ReadCertificate[],
): readonly ReadCertificate[] {
  return chain.flatMap(der => known.find(one => sameDer(one.der, der)) ?? [])
}

function refusalOfStray(
  stray: ReadCertificate,
  { invalid }: Paths,
  certificates: readonly ReadCertificate[],
): SiteCertificateRefusal<OutboundRefusalCode> {
  const telling = invalid.find(({ why }) => why.reason !== 'untrusted-root')
  if (telling) return pathRefusal(telling.why, certificates)
  const name = quoted(stray.description.subject)
  const message = `${name} stands beside the certificate but is none of its issuers: put the certificates of its issuers there, or leave it out`
  return refused('chain-broken', message)
}

function notesOn(
  leaf: ReadCertificate,
  path: readonly ReadCertificate[],
  sent: readonly ReadCertificate[],
  certificates: readonly ReadCertificate[],
): readonly string[] {
  const notes: string[] = []
  if (path.some((one, index) => certificates[index] !== one)) {
    notes.push('the certificates were not in order, the leaf first: they are sent in order')
  }
  if (sent.length < path.length) notes.push('the root is not sent: the device must have it')
  if (leaf.facts.isSelfSigned) {
    notes.push('the certificate is self-signed: the device must trust this certificate itself')
  } else if (path.length === 1) {
    const issuer = quoted(leaf.description.issuer)
    notes.push(`its issuer ${issuer} is not beside the certificate: the device must have it`)
  }
  if (leaf.description.commonName === undefined) {
    notes.push('the subject has no common name: many devices look for one')
  }
  return notes
}
