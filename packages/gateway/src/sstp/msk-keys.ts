import type { PppKeys } from '@causeway/ppp'

const KEY_BYTES = 32

/**
 * The keys of an EAP method, from its MSK (RFC 5216 §2.3, RFC 2548 §2.4): the first half is of what the peer sends,
 * the second of what the authenticator sends.
 */
export function mskKeys(msk: Uint8Array, role: 'server' | 'client'): PppKeys {
  const ofPeer = msk.slice(0, KEY_BYTES)
  const ofServer = msk.slice(KEY_BYTES, 2 * KEY_BYTES)
  return role === 'server' ? { send: ofServer, receive: ofPeer } : { send: ofPeer, receive: ofServer }
}
