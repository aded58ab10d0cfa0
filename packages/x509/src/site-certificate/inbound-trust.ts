import { createPrivateKey } from 'node:crypto'
import { readCertificates } from '../certificate-input.ts'
import { X509Error } from '../errors.ts'
import { limits } from '../limits.ts'
import { parseBase64 } from '../pem.ts'
import { createTrustStore, type TrustStore } from '../trust-store.ts'
import { refused, type SiteCertificateRefusal } from './path-refusal.ts'
import { distinct, type ReadCertificate, readCertificate, sameDer } from './read-certificate.ts'
import { matchesSubjectName, parseSubjectName } from './subject-name.ts'
import { moment, quoted } from './wording.ts'

export type InboundTrustRefusalCode =
  | 'empty-subject'
  /** No entry at all. */
  | 'empty-chain'
  | 'too-many-certificates'
  | 'too-large'
  | 'not-base64'
  /** Base64 of something that is no certificate. */
  | 'not-certificate'
  | 'private-key'
  /** A device's certificate, of another subject than the expected one. */
  | 'not-authority'
  /** No self-signed certificate is among them. */
  | 'root-missing'
  | 'expired'
  | 'key-too-small'
  | 'unsupported-key'

/** A refusal of the connection's configuration. */
export interface InboundTrustRefusal extends SiteCertificateRefusal<InboundTrustRefusalCode> {
  /** The entry of the chain at fault, from 0. Absent when none or all of them are. */
  readonly index?: number
}

/** As `certificateAuthentication` of a connection has it. */
export interface InboundTrustOptions {
  /** The subject that the peer must have: its common name with or without `CN=`, or a whole distinguished name. */
  readonly subjectName: string
  /** Base64 of DER in one line or more, with or without PEM armour; the root first, then intermediates. */
  readonly chain: readonly string[]
  readonly unixSeconds: number
}

/** Whom a connection takes for its peer. */
export interface InboundTrust {
  readonly type: 'trust'
  /** Without `CN=`. */
  readonly subject: string
  /** DER. The only anchors: no root of the system counts. */
  readonly roots: readonly Uint8Array[]
  /** DER, those first that are nearer to the root. They complete a path and are not trusted by themselves. */
  readonly intermediates: readonly Uint8Array[]
  readonly store: TrustStore
  /** Sentences for the operator: what was put right, and what does not count. */
  readonly notes: readonly string[]
}

/**
 * Reads whom a connection trusts. The order of the entries may be wrong, and entries may be repeated: that is noted. A
 * device's own certificate among them is left out with a note when it has the expected subject, and refused when not.
 * Without a self-signed root it is refused: an intermediate alone is no anchor.
 */
export function readInboundTrust(options: InboundTrustOptions): InboundTrust | InboundTrustRefusal {
  const { chain, unixSeconds } = options
  const subject = parseSubjectName(options.subjectName)
  if (subject === '') {
    return refused(
      'empty-subject',
      "the inbound subject name is empty: give the common name of the peer's certificate",
    )
  }
  if (chain.length === 0) {
    return refused(
      'empty-chain',
      'the inbound chain is empty: give the root certificate in base64, then intermediates',
    )
  }
  if (chain.length > limits.inboundEntries) return tooMany(chain.length)
  const entries: Entry[] = []
  for (const [index, text] of chain.entries()) {
    const read = readEntry(text, index)
    if (!Array.isArray(read)) return read
    entries.push(...read)
  }
  if (entries.length > limits.inboundEntries) return tooMany(entries.length)
  return firstRefusal(entries, subject) ?? trustOf(entries, subject, unixSeconds)
}

interface Entry {
  readonly certificate: ReadCertificate
  readonly index: number
}

function tooMany(count: number): InboundTrustRefusal {
  const message = `the inbound chain has ${count} certificates, ${limits.inboundEntries} are allowed: give the root and the intermediates of this one peer`
  return refused('too-many-certificates', message)
}

function at(index: number, code: InboundTrustRefusalCode, problem: string): InboundTrustRefusal {
  return { ...refused(code, `entry ${index + 1} of the inbound chain ${problem}`), index }
}

function readEntry(text: string, index: number): Entry[] | InboundTrustRefusal {
  try {
    const certificates = readCertificates(text).map(readCertificate)
    const whole = certificates.filter(one => one !== undefined)
    if (whole.length === certificates.length) return whole.map(certificate => ({ certificate, index }))
    return at(index, 'not-certificate', 'is not X.509 in DER: export it again as base64 (.cer)')
  } catch (error) {
    if (error instanceof X509Error) return entryRefusal(error, text, index)
    throw error
  }
}

function entryRefusal({ code }: X509Error, text: string, index: number): InboundTrustRefusal {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) || isBareKey(text)) {
    const problem =
      'is a private key: give certificates alone, and replace that key, for it has left its place'
    return at(index, 'private-key', problem)
  }
  switch (code) {
    case 'ERR_X509_EMPTY':
      return at(index, 'not-base64', 'is empty: paste the text of the .cer file there, or remove the entry')
    case 'ERR_X509_TOO_LARGE':
      return at(index, 'too-large', `is larger than a certificate may be: ${limits.certificateBytes} bytes`)
    case 'ERR_X509_TOO_MANY':
      return at(index, 'too-many-certificates', 'holds too many certificates: give each one its own entry')
    case 'ERR_X509_ENCODING':
      return at(
        index,
        'not-base64',
        'is not base64, or cut off: paste the text of the .cer file again, whole',
      )
    default:
      return at(
        index,
        'not-certificate',
        'is base64, but of no X.509 certificate: export it as base64 (.cer)',
      )
  }
}

/** A key without armour: PKCS#8, PKCS#1 or SEC 1 in base64. */
function isBareKey(text: string): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some(type => {
    try {
      createPrivateKey({ key: Buffer.from(parseBase64(text)), format: 'der', type })
      return true
    } catch {
      return false
    }
  })
}

function firstRefusal(entries: readonly Entry[], subject: string): InboundTrustRefusal | undefined {
  for (const { certificate, index } of entries) {
    const { description, facts } = certificate
    const name = quoted(description.subject)
    const isOther = !facts.isSelfSigned && !matchesSubjectName(subject, description)
    if (!description.isCa && isOther) {
      const problem = `(${name}) is no authority, and not the peer ${quoted(subject)} either: give the certificates of its root and intermediates`
      return at(index, 'not-authority', problem)
    }
    const minimum = MINIMUM_BITS[description.keyType]
    if (minimum === undefined) {
      return at(
        index,
        'unsupported-key',
        `(${name}) has a key of type ${description.keyType}: use RSA or ECDSA`,
      )
    }
    if (description.keyBits >= minimum) continue
    const problem = `(${name}) has a ${description.keyType} key of ${description.keyBits} bits, ${minimum} are required: issue it anew with a larger key`
    return at(index, 'key-too-small', problem)
  }
  return undefined
}

const MINIMUM_BITS: Readonly<Record<string, number>> = {
  RSA: 2_048,
  'RSA-PSS': 2_048,
  EC: 256,
  ED25519: 253,
  ED448: 448,
}

function trustOf(
  entries: readonly Entry[],
  subject: string,
  unixSeconds: number,
): InboundTrust | InboundTrustRefusal {
  const given = entries.map(({ certificate }) => certificate)
  const all = distinct(given)
  const roots = all.filter(({ facts }) => facts.isSelfSigned)
  const lower = all.filter(({ facts, description }) => !facts.isSelfSigned && description.isCa)
  const [first] = roots
  if (!first) return noRoot(lower, all)
  if (roots.every(root => isExpired(root, unixSeconds))) {
    const index = entries.find(({ certificate }) => certificate === first)?.index ?? 0
    const end = moment(first.description.notAfter)
    return at(index, 'expired', `(${quoted(first.description.subject)}) expired on ${end}: give the new root`)
  }
  const intermediates = downwards(roots, lower)
  const ordered = [...roots, ...intermediates]
  const anchors = roots.map(({ der }) => der)
  const below = intermediates.map(({ der }) => der)
  return {
    type: 'trust',
    subject,
    roots: anchors,
    intermediates: below,
    store: createTrustStore({ roots: anchors, intermediates: below }),
    notes: notesOn(given, all, ordered, unixSeconds),
  }
}

function noRoot(lower: readonly ReadCertificate[], all: readonly ReadCertificate[]): InboundTrustRefusal {
  const top = lower.find(one => !lower.some(other => isIssuer(other, one))) ?? all[0]
  const issuer = quoted(top?.description.issuer ?? '')
  const message = `the inbound chain has no root: put the self-signed certificate of ${issuer} first, then intermediates`
  return refused('root-missing', message)
}

function isExpired({ description }: ReadCertificate, unixSeconds: number): boolean {
  return unixSeconds > description.notAfter
}

/** By name alone: for the order and for words. Paths are OpenSSL's. */
function isIssuer(issuer: ReadCertificate, one: ReadCertificate): boolean {
  return issuer !== one && issuer.description.subject === one.description.issuer
}

/** Those first whose issuers come before them; those without an issuer last. */
function downwards(
  roots: readonly ReadCertificate[],
  lower: readonly ReadCertificate[],
): readonly ReadCertificate[] {
  const placed: ReadCertificate[] = []
  for (let level = roots; level.length > 0; ) {
    const next = lower.filter(one => !placed.includes(one) && level.some(issuer => isIssuer(issuer, one)))
    placed.push(...next)
    level = next
  }
  return [...placed, ...lower.filter(one => !placed.includes(one))]
}

function notesOn(
  given: readonly ReadCertificate[],
  all: readonly ReadCertificate[],
  ordered: readonly ReadCertificate[],
  unixSeconds: number,
): readonly string[] {
  const notes: string[] = []
  const authorities = all.filter(one => ordered.includes(one))
  if (authorities.some((one, index) => ordered[index] !== one)) {
    notes.push('the inbound chain was not in order, the root first: it is taken in order')
  }
  if (all.length < given.length) notes.push('certificates were given more than once: each counts once')
  for (const one of all) {
    const name = quoted(one.description.subject)
    if (!ordered.includes(one)) {
      notes.push(
        `${name} is the peer's own certificate: it is not needed here, gives no trust, and is left out`,
      )
    } else if (isExpired(one, unixSeconds)) {
      notes.push(`${name} expired on ${moment(one.description.notAfter)}: no chain through it is accepted`)
    } else if (!one.facts.isSelfSigned && !ordered.some(other => isIssuer(other, one))) {
      const issuer = quoted(one.description.issuer)
      notes.push(
        `the issuer ${issuer} of ${name} is not in the inbound chain: it completes no chain by itself`,
      )
    } else if (!one.description.isCa) {
      notes.push(`${name} is self-signed and no authority: it is trusted for itself alone`)
    }
  }
  const anchors = ordered.filter(({ facts }) => facts.isSelfSigned)
  if (anchors.length > 1) notes.push(`the inbound chain has ${anchors.length} roots: each is trusted`)
  return notes
}

/** @internal What could stand on a path of this trust. */
export function knownTo(trust: InboundTrust, sent: readonly Uint8Array[]): readonly ReadCertificate[] {
  const ders = [...sent, ...trust.roots, ...trust.intermediates]
  return ders
    .filter((der, index) => ders.findIndex(other => sameDer(other, der)) === index)
    .flatMap(der => readCertificate(der) ?? [])
}
