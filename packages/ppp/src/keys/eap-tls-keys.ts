import type { PppKeys } from '../authentication.ts'
import { PppError } from '../ppp-error.ts'

/** RFC 3748 §7.10. */
const MSK_BYTES = 64
const KEY_BYTES = 32

/**
 * The keys in an MSK (RFC 5216 §2.3, RFC 9190 §2.3): its first 32 bytes are the peer's to the authenticator, the others
 * the authenticator's to the peer. `client` is the EAP peer. An MSK of EAP-MSCHAPv2 has its keys elsewhere.
 * Errors: `ERR_PPP_KEYS` when it has not 64 bytes.
 */
export function eapTlsKeys(msk: Uint8Array, role: 'server' | 'client'): PppKeys {
  if (msk.length !== MSK_BYTES) throw new PppError('ERR_PPP_KEYS', `an MSK has ${MSK_BYTES} bytes`)
  const [fromPeer, toPeer] = [msk.slice(0, KEY_BYTES), msk.slice(KEY_BYTES)]
  return role === 'server' ? { send: toPeer, receive: fromPeer } : { send: fromPeer, receive: toPeer }
}
