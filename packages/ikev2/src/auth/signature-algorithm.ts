import type { SignatureScheme } from '@causeway/crypto'
import { concatBytes, formatHex, parseHex } from '@causeway/wire'

type SignatureHash = SignatureScheme['hash']

/** Object identifiers, the content of their DER in hexadecimal (RFC 7427 appendix A, RFC 4055). */
const RSA_OID: Readonly<Record<SignatureHash, string>> = {
  SHA1: '2a864886f70d010105',
  SHA256: '2a864886f70d01010b',
  SHA384: '2a864886f70d01010c',
  SHA512: '2a864886f70d01010d',
}
const ECDSA_OID: Readonly<Record<SignatureHash, string>> = {
  SHA1: '2a8648ce3d0401',
  SHA256: '2a8648ce3d040302',
  SHA384: '2a8648ce3d040303',
  SHA512: '2a8648ce3d040304',
}
const PSS_OID = '2a864886f70d01010a'
const MGF1_OID = '2a864886f70d010108'
const HASH_OID = {
  SHA256: '608648016503040201',
  SHA384: '608648016503040202',
  SHA512: '608648016503040203',
} as const
const SALT_BYTES = { SHA256: 32, SHA384: 48, SHA512: 64 } as const
const NULL = Uint8Array.of(0x05, 0x00)

type PssHash = keyof typeof SALT_BYTES

/**
 * The scheme that an AlgorithmIdentifier names (RFC 7427 §3, appendix A). Known encodings are compared whole,
 * byte for byte: nothing is parsed that a peer could bend. `undefined`: not one of them.
 */
export function parseSignatureAlgorithm(encoded: Uint8Array): SignatureScheme | undefined {
  return KNOWN.get(formatHex(encoded))
}

/**
 * The AlgorithmIdentifier of a scheme, as we send it. `undefined` for what has none here: RSASSA-PSS with SHA-1,
 * ECDSA that is not DER.
 */
export function signatureAlgorithm(scheme: SignatureScheme): Uint8Array | undefined {
  if (scheme.family === 'ECDSA' && scheme.encoding !== 'DER') return undefined
  return SENT[scheme.family][scheme.hash]
}

/** What we send, made once. */
const SENT: Readonly<
  Record<SignatureScheme['family'], Readonly<Record<SignatureHash, Uint8Array | undefined>>>
> = {
  'RSA-PKCS1': byHash(rsaPkcs1),
  'RSA-PSS': byHash(hash => (hash === 'SHA1' ? undefined : rsaPss(hash, NULL, NULL, false))),
  ECDSA: byHash(ecdsa),
}

function byHash<Value>(make: (hash: SignatureHash) => Value): Readonly<Record<SignatureHash, Value>> {
  return { SHA1: make('SHA1'), SHA256: make('SHA256'), SHA384: make('SHA384'), SHA512: make('SHA512') }
}

const KNOWN: ReadonlyMap<string, SignatureScheme> = knownAlgorithms()

function knownAlgorithms(): Map<string, SignatureScheme> {
  const known = new Map<string, SignatureScheme>()
  for (const hash of ['SHA1', 'SHA256', 'SHA384', 'SHA512'] as const) {
    known.set(formatHex(rsaPkcs1(hash)), { family: 'RSA-PKCS1', hash })
    known.set(formatHex(ecdsa(hash)), { family: 'ECDSA', hash, encoding: 'DER' })
  }
  for (const hash of ['SHA256', 'SHA384', 'SHA512'] as const)
    for (const encoding of pssEncodings(hash)) known.set(formatHex(encoding), { family: 'RSA-PSS', hash })
  return known
}

/** RFC 4055 §2.1, §3.1: a hash's parameters may be NULL or absent; the trailer field may be spelt out. */
function pssEncodings(hash: PssHash): Uint8Array[] {
  const forms = [NULL, new Uint8Array()]
  return forms.flatMap(hashParameters =>
    forms.flatMap(maskParameters =>
      [false, true].map(trailer => rsaPss(hash, hashParameters, maskParameters, trailer)),
    ),
  )
}

function rsaPkcs1(hash: SignatureHash): Uint8Array {
  return der(0x30, oid(RSA_OID[hash]), NULL)
}

function ecdsa(hash: SignatureHash): Uint8Array {
  return der(0x30, oid(ECDSA_OID[hash]))
}

/** RSASSA-PSS-params: hash, MGF1 with the same hash, a salt as long as the hash. */
function rsaPss(
  hash: PssHash,
  hashParameters: Uint8Array,
  maskParameters: Uint8Array,
  trailer: boolean,
): Uint8Array {
  const hashOid = oid(HASH_OID[hash])
  const fields = [
    der(0xa0, der(0x30, hashOid, hashParameters)),
    der(0xa1, der(0x30, oid(MGF1_OID), der(0x30, hashOid, maskParameters))),
    der(0xa2, der(0x02, Uint8Array.of(SALT_BYTES[hash]))),
  ]
  if (trailer) fields.push(der(0xa3, der(0x02, Uint8Array.of(1))))
  return der(0x30, oid(PSS_OID), der(0x30, ...fields))
}

/** A DER value of fewer than 128 bytes. */
function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(content)
  return concatBytes([Uint8Array.of(tag, body.length), body])
}

function oid(content: string): Uint8Array {
  return der(0x06, parseHex(content) ?? new Uint8Array())
}
