import type { CryptoPort } from '@causeway/crypto'
import { AUTHENTICATOR_BYTES, AUTHENTICATOR_OFFSET, HEADER_BYTES } from '../wire/packet.ts'

const NOTHING = new Uint8Array(AUTHENTICATOR_BYTES)

/**
 * MD5 over a packet with another authenticator in its place, and the secret (RFC 2865 §3, RFC 2866 §3). Of an
 * answer, with the Request Authenticator: its Response Authenticator. Of a request that carries no password,
 * with zeros: its Request Authenticator.
 */
export function packetDigest(
  crypto: Pick<CryptoPort, 'hash'>,
  secret: Uint8Array,
  packet: Uint8Array,
  authenticator: Uint8Array = NOTHING,
): Uint8Array {
  const head = packet.subarray(0, AUTHENTICATOR_OFFSET)
  return crypto.hash('MD5', [head, authenticator, packet.subarray(HEADER_BYTES), secret])
}

/** Whether the authenticator of a packet is its {@link packetDigest}; compared in constant time. */
export function digestHolds(
  crypto: Pick<CryptoPort, 'hash' | 'equal'>,
  secret: Uint8Array,
  packet: Uint8Array,
  authenticator: Uint8Array = NOTHING,
): boolean {
  const own = packet.subarray(AUTHENTICATOR_OFFSET, HEADER_BYTES)
  return crypto.equal(packetDigest(crypto, secret, packet, authenticator), own)
}
