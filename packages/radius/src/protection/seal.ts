import type { CryptoPort } from '@causeway/crypto'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { AUTHENTICATOR_BYTES, AUTHENTICATOR_OFFSET, writeRadiusPacket } from '../wire/packet.ts'
import { packetDigest } from './authenticators.ts'
import { EMPTY_MESSAGE_AUTHENTICATOR, putMessageAuthenticator } from './message-authenticator.ts'

type SealCrypto = Pick<CryptoPort, 'hash' | 'hmac'>

/** What a packet says; its Message-Authenticator comes before all attributes. */
export interface PacketBody {
  readonly code: number
  readonly identifier: number
  readonly attributes: readonly RadiusAttribute[]
}

/** A request under a Request Authenticator of random bytes: Access-Request, Status-Server (RFC 2865 §3). */
export function sealRandomRequest(
  crypto: SealCrypto,
  secret: Uint8Array,
  body: PacketBody,
  authenticator: Uint8Array,
): Uint8Array {
  const packet = writeUnder(body, authenticator)
  putMessageAuthenticator(crypto, secret, packet)
  return packet
}

/**
 * A request whose authenticator is its digest: Accounting-Request (RFC 2866 §3), and those of dynamic
 * authorization (RFC 5176 §2.3). The Message-Authenticator is made first, over zeros (RFC 5176 §3.4).
 */
export function sealDigestRequest(crypto: SealCrypto, secret: Uint8Array, body: PacketBody): Uint8Array {
  const packet = sealRandomRequest(crypto, secret, body, new Uint8Array(AUTHENTICATOR_BYTES))
  packet.set(packetDigest(crypto, secret, packet), AUTHENTICATOR_OFFSET)
  return packet
}

/** An answer to the request with this Request Authenticator (RFC 3579 §3.2, RFC 2865 §3). */
export function sealAnswer(
  crypto: SealCrypto,
  secret: Uint8Array,
  body: PacketBody,
  requestAuthenticator: Uint8Array,
): Uint8Array {
  const packet = sealRandomRequest(crypto, secret, body, requestAuthenticator)
  packet.set(packetDigest(crypto, secret, packet, requestAuthenticator), AUTHENTICATOR_OFFSET)
  return packet
}

function writeUnder({ code, identifier, attributes }: PacketBody, authenticator: Uint8Array): Uint8Array {
  const all = [EMPTY_MESSAGE_AUTHENTICATOR, ...attributes]
  return writeRadiusPacket({ code, identifier, authenticator, attributes: all })
}
