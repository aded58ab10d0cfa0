import type { CryptoPort } from '@causeway/crypto'
import { ATTRIBUTE_HEADER_BYTES, type RadiusAttribute, TYPES } from '../wire/attribute.ts'
import {
  AUTHENTICATOR_BYTES,
  AUTHENTICATOR_OFFSET,
  HEADER_BYTES,
  type ReceivedPacket,
} from '../wire/packet.ts'

const MAC_BYTES = 16

/** What stands in a packet until {@link putMessageAuthenticator}: first, so that no attribute comes before it. */
export const EMPTY_MESSAGE_AUTHENTICATOR: RadiusAttribute = {
  type: TYPES.MESSAGE_AUTHENTICATOR,
  value: new Uint8Array(MAC_BYTES),
}

/** Why a Message-Authenticator was not taken: there is none, it is wrong, or there are two. */
export type MessageAuthenticatorState = 'valid' | 'missing' | 'wrong' | 'repeated'

/**
 * Writes the Message-Authenticator (RFC 3579 §3.2) of a packet whose first attribute is
 * {@link EMPTY_MESSAGE_AUTHENTICATOR}: HMAC-MD5 over the packet as it is.
 */
export function putMessageAuthenticator(
  crypto: Pick<CryptoPort, 'hmac'>,
  secret: Uint8Array,
  packet: Uint8Array,
): void {
  packet.set(crypto.hmac('MD5', secret, [packet]), HEADER_BYTES + ATTRIBUTE_HEADER_BYTES)
}

/**
 * Checks the Message-Authenticator of a packet. `authenticator` is what counts in the place of the packet's own:
 * the Request Authenticator of what it answers; zeros for a request whose own is a digest (RFC 5176 §3.4).
 */
export function checkMessageAuthenticator(
  crypto: Pick<CryptoPort, 'hmac' | 'equal'>,
  secret: Uint8Array,
  { bytes, attributes }: ReceivedPacket,
  authenticator: Uint8Array = new Uint8Array(AUTHENTICATOR_BYTES),
): MessageAuthenticatorState {
  const found = attributes.filter(({ type }) => type === TYPES.MESSAGE_AUTHENTICATOR)
  const [first] = found
  if (!first) return 'missing'
  if (found.length > 1) return 'repeated'
  if (first.value.length !== MAC_BYTES) return 'wrong'
  const signed = bytes.slice()
  signed.set(authenticator, AUTHENTICATOR_OFFSET)
  const at = first.value.byteOffset - bytes.byteOffset
  signed.fill(0, at, at + MAC_BYTES)
  return crypto.equal(crypto.hmac('MD5', secret, [signed]), first.value) ? 'valid' : 'wrong'
}
