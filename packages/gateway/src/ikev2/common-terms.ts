import { createHash, X509Certificate } from 'node:crypto'

/*
 * What the terms of clients, of sites and of our own client have in common.
 */

/** Ours: below IPv6's smallest MTU, which every path of today carries. */
export const FRAGMENT_BYTES = 1_280
export const REPLAY_WINDOW = 1_024
/** Packets with one key: a tenth below where 32-bit sequence numbers end. */
export const REKEY_PACKETS = 0xe666_6666
export const NAT_KEEPALIVE_SECONDS = 20

/** An authority as CERTREQ names it (RFC 7296 §3.7): SHA-1 of the SubjectPublicKeyInfo. */
export function subjectKeyHash(der: Uint8Array): Uint8Array {
  const key = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' })
  return new Uint8Array(createHash('sha1').update(key).digest())
}
