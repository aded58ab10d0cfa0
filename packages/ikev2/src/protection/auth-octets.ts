import type { CryptoPort } from '@causeway/crypto'
import { asciiBytes } from '@causeway/wire'
import type { Identification } from '../identification.ts'
import type { Prf } from '../proposal/suite.ts'
import { identificationBody } from '../wire/payloads/identification.ts'
import { prf } from './prf.ts'

/** What one end signs. */
export interface AuthInputs {
  readonly prf: Prf
  /** The signer's first message, whole, as it was sent (the one that the peer answered, or the answer). */
  readonly message: Uint8Array
  /** The nonce of the other end. */
  readonly peerNonce: Uint8Array
  /** SK_pi for the initiator, SK_pr for the responder. */
  readonly skP: Uint8Array
  /** The signer's ID payload. */
  readonly identification: Identification
}

/**
 * InitiatorSignedOctets or ResponderSignedOctets (RFC 7296 §2.15) in parts to be joined:
 * RealMessage | NonceData of the peer | prf(SK_p, RestOfIDPayload).
 */
export function authOctets(crypto: CryptoPort, inputs: AuthInputs): readonly Uint8Array[] {
  const macedId = prf(crypto, inputs.prf, inputs.skP, [identificationBody(inputs.identification)])
  return [inputs.message, inputs.peerNonce, macedId]
}

/**
 * AUTH data of a shared secret (RFC 7296 §2.15): prf(prf(secret, "Key Pad for IKEv2"), octets). The secret is
 * the pre-shared key, or the MSK of an EAP method, or for a method without one the signer's SK_p (§2.16).
 * Compare what the peer sent by the crypto port's `equal`.
 */
export function sharedKeyAuth(
  crypto: CryptoPort,
  name: Prf,
  secret: Uint8Array,
  octets: readonly Uint8Array[],
): Uint8Array {
  return prf(crypto, name, prf(crypto, name, secret, [asciiBytes('Key Pad for IKEv2')]), octets)
}
