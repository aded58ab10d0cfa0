import type { SignatureScheme } from '@causeway/crypto'
import { catchFault, concatBytes, Reader, WireFault } from '@causeway/wire'
import { AUTH_METHOD } from '../wire/numbers.ts'
import type { PayloadOf } from '../wire/payload.ts'
import { parseSignatureAlgorithm, signatureAlgorithm } from './signature-algorithm.ts'

/** A signature and what it was made with. */
export interface ReadSignature {
  readonly scheme: SignatureScheme
  readonly signature: Uint8Array
}

/** How we sign: the scheme, the AUTH method, and what stands before the signature in the payload. */
export interface SignatureChoice {
  readonly scheme: SignatureScheme
  readonly method: number
  readonly prefix: Uint8Array
}

/** Numbers of SIGNATURE_HASH_ALGORITHMS (RFC 7427 §7, IANA). */
const HASH_NUMBER: Readonly<Record<SignatureScheme['hash'], number>> = {
  SHA1: 1,
  SHA256: 2,
  SHA384: 3,
  SHA512: 4,
}

/** Methods that fix the scheme (RFC 7296 §3.8, RFC 4754). */
const FIXED: ReadonlyMap<number, SignatureScheme> = new Map([
  [AUTH_METHOD.RSA_SIGNATURE, { family: 'RSA-PKCS1', hash: 'SHA1' }],
  [AUTH_METHOD.ECDSA_256, { family: 'ECDSA', hash: 'SHA256', encoding: 'IEEE-P1363' }],
  [AUTH_METHOD.ECDSA_384, { family: 'ECDSA', hash: 'SHA384', encoding: 'IEEE-P1363' }],
  [AUTH_METHOD.ECDSA_521, { family: 'ECDSA', hash: 'SHA512', encoding: 'IEEE-P1363' }],
])

/** r‖s of the curve that each method belongs to (RFC 4754 §7): no key of another curve may stand in. */
const ECDSA_BYTES: ReadonlyMap<number, number> = new Map([
  [AUTH_METHOD.ECDSA_256, 64],
  [AUTH_METHOD.ECDSA_384, 96],
  [AUTH_METHOD.ECDSA_521, 132],
])

/** Reads an AUTH payload that a certificate's key has signed. A text: why it is refused. */
export function readSignature(payload: PayloadOf<'AUTH'>): ReadSignature | string {
  const fixed = FIXED.get(payload.method)
  const length = ECDSA_BYTES.get(payload.method) ?? payload.data.length
  if (payload.data.length !== length) return `AUTH method ${payload.method} has ${length} bytes`
  if (fixed) return { scheme: fixed, signature: payload.data }
  if (payload.method !== AUTH_METHOD.DIGITAL_SIGNATURE)
    return `AUTH method ${payload.method} is no signature that is known here`
  const parts = catchFault(() => {
    const reader = new Reader(payload.data)
    const algorithm = reader.bytes(reader.u8('ASN.1 length'), 'AlgorithmIdentifier')
    return { algorithm, signature: reader.rest() }
  })
  if (parts instanceof WireFault) return `digital signature: ${parts.toString()}`
  const scheme = parseSignatureAlgorithm(parts.algorithm)
  return scheme ? { scheme, signature: parts.signature } : 'unknown signature algorithm'
}

/**
 * The first of our schemes that the peer can check: by RFC 7427 where it has named the hash, else by the methods
 * from before (SHA-1 with RSA, or ECDSA with the curve's hash), as far as `schemes` names them.
 */
export function chooseSignature(
  schemes: readonly SignatureScheme[],
  peerHashes: ReadonlySet<number>,
): SignatureChoice | undefined {
  for (const scheme of schemes) {
    const algorithm = peerHashes.has(HASH_NUMBER[scheme.hash]) ? signatureAlgorithm(scheme) : undefined
    if (algorithm) return digitalSignature(scheme, algorithm)
  }
  for (const scheme of schemes)
    for (const [method, fixed] of FIXED)
      if (sameScheme(scheme, fixed)) return { scheme, method, prefix: new Uint8Array() }
  return undefined
}

/** The AUTH payload of a signature made by this choice. */
export function writeSignature(choice: SignatureChoice, signature: Uint8Array): PayloadOf<'AUTH'> {
  return { type: 'AUTH', method: choice.method, data: concatBytes([choice.prefix, signature]) }
}

function digitalSignature(scheme: SignatureScheme, algorithm: Uint8Array): SignatureChoice {
  const prefix = concatBytes([Uint8Array.of(algorithm.length), algorithm])
  return { scheme, method: AUTH_METHOD.DIGITAL_SIGNATURE, prefix }
}

function sameScheme(a: SignatureScheme, b: SignatureScheme): boolean {
  if (a.family !== b.family || a.hash !== b.hash) return false
  return a.family !== 'ECDSA' || b.family !== 'ECDSA' || a.encoding === b.encoding
}
