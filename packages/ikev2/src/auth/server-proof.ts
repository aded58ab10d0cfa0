import { findPayload } from '../exchange/notify.ts'
import type { Identification } from '../identification.ts'
import type { IkeSa, InitialMessages } from '../sa/ike-sa.ts'
import { AUTH_METHOD } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { findTwice } from './auth-request.ts'
import { readChain } from './certificates.ts'
import { checkSecret, checkSignature } from './proof.ts'

/** A responder that has the key it shows; whose that is, the outside judges. */
export interface Server {
  readonly identification: Identification
  readonly method: 'certificate' | 'psk'
  /** DER, leaf first; empty with a pre-shared key. */
  readonly chain: readonly Uint8Array[]
}

/**
 * Checks the first AUTH of a responder. A text: why it is refused. Whoever comes by EAP takes a certificate alone
 * (RFC 7296 §2.16): a shared secret would be known to every other client.
 */
export function checkServer(
  sa: IkeSa,
  initial: InitialMessages,
  payloads: readonly Payload[],
): Server | string {
  const twice = findTwice(payloads)
  if (twice) return `two ${twice} payloads`
  const idr = findPayload(payloads, 'IDr')
  const auth = findPayload(payloads, 'AUTH')
  if (!idr || !auth) return 'the response has no IDr or no AUTH'
  const { identification } = idr
  const prover = { end: 'responder', identification } as const
  const { peer, own } = sa.terms
  if (auth.method === AUTH_METHOD.SHARED_KEY) {
    if (!peer.psk?.length || own.type === 'eap') return 'the server proves itself by a shared secret'
    const wrong = checkSecret(sa, initial, prover, peer.psk, auth)
    return wrong ?? { identification, method: 'psk', chain: [] }
  }
  if (!peer.certificate) return 'the server proves itself by a certificate'
  const chain = readChain(payloads)
  if (typeof chain === 'string') return chain
  const wrong = checkSignature(sa, initial, prover, chain, auth)
  return wrong ?? { identification, method: 'certificate', chain }
}
