import type { Identification } from '../identification.ts'
import { authOctets, sharedKeyAuth } from '../protection/auth-octets.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { AUTH_METHOD } from '../wire/numbers.ts'
import type { PayloadOf } from '../wire/payload.ts'
import { readSignature } from './signature.ts'

/** One end of an IKE SA, with all that its AUTH payload covers. */
export interface Prover {
  readonly end: 'initiator' | 'responder'
  readonly identification: Identification
}

/** What the AUTH payload of this end covers (RFC 7296 §2.15), in parts. */
export function octetsOf(
  { keys, suite, surroundings }: IkeSa,
  initial: InitialMessages,
  { end, identification }: Prover,
): readonly Uint8Array[] {
  const isInitiator = end === 'initiator'
  return authOctets(surroundings.crypto, {
    prf: suite.prf,
    message: isInitiator ? initial.initiator : initial.responder,
    peerNonce: isInitiator ? initial.responderNonce : initial.initiatorNonce,
    skP: isInitiator ? keys.skPi : keys.skPr,
    identification,
  })
}

/** AUTH by a shared secret: the pre-shared key, or what EAP has left. */
export function proveSecret(
  sa: IkeSa,
  initial: InitialMessages,
  prover: Prover,
  secret: Uint8Array,
): PayloadOf<'AUTH'> {
  const octets = octetsOf(sa, initial, prover)
  const data = sharedKeyAuth(sa.surroundings.crypto, sa.suite.prf, secret, octets)
  return { type: 'AUTH', method: AUTH_METHOD.SHARED_KEY, data }
}

/** Whether the peer knows the secret. A text: why not. */
export function checkSecret(
  sa: IkeSa,
  initial: InitialMessages,
  prover: Prover,
  secret: Uint8Array,
  payload: PayloadOf<'AUTH'>,
): string | undefined {
  if (payload.method !== AUTH_METHOD.SHARED_KEY)
    return `AUTH method ${payload.method} where a shared secret had to prove`
  const expected = proveSecret(sa, initial, prover, secret)
  return sa.surroundings.crypto.equal(expected.data, payload.data) ? undefined : 'the shared secret differs'
}

/**
 * Whether the peer has the key of the certificate that it shows first. It says nothing of whose certificate that
 * is: the chain is judged outside, after this. A text: why not.
 */
export function checkSignature(
  sa: IkeSa,
  initial: InitialMessages,
  prover: Prover,
  chain: readonly Uint8Array[],
  payload: PayloadOf<'AUTH'>,
): string | undefined {
  const [leaf] = chain
  if (!leaf) return 'a signature without a certificate'
  const read = readSignature(payload)
  if (typeof read === 'string') return read
  const octets = octetsOf(sa, initial, prover)
  const { crypto } = sa.surroundings
  if (crypto.verifySignature(read.scheme, leaf, octets, read.signature)) return undefined
  const refusal = crypto.keyRefusal(leaf)
  if (refusal) return refusal
  return `the signature (${read.scheme.family} with ${read.scheme.hash}) is not by the certificate's key`
}
