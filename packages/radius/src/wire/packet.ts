import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'
import { MAX_ATTRIBUTES } from '../limits.ts'
import { type RadiusAttribute, readAttribute, writeAttribute } from './attribute.ts'

/**
 * A packet (RFC 2865 §3).
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      |  Identifier   |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Authenticator (16)                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Attributes ...
 * +-+-+-+-+-+-+-+-
 * ```
 */
export interface RadiusPacket {
  /** One of {@link CODES}, or one that is not known here. */
  readonly code: number
  readonly identifier: number
  /** 16 bytes. */
  readonly authenticator: Uint8Array
  readonly attributes: readonly RadiusAttribute[]
}

/** A packet as it came: what it says of itself is a view of its bytes, borrowed as they are. */
export interface ReceivedPacket extends RadiusPacket {
  /** The whole packet, without what came behind its length. */
  readonly bytes: Uint8Array
}

/** From the specification (RFC 2865 §3). */
export const HEADER_BYTES = 20
export const MAX_PACKET_BYTES = 4096

export const AUTHENTICATOR_OFFSET = 4
export const AUTHENTICATOR_BYTES = 16

/**
 * Reads a packet. Bytes behind its length are padding and not looked at (RFC 2865 §3). The fault is a
 * length outside 20 to 4096 or beyond the input, an attribute that does not fit, or too many of them.
 */
export function parseRadiusPacket(bytes: Uint8Array): ReceivedPacket | WireFault {
  // Of a Buffer, which is what sockets give, `slice` would be no copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return catchFault(() => readPacket(plain))
}

function readPacket(bytes: Uint8Array): ReceivedPacket {
  const reader = new Reader(bytes)
  const code = reader.u8('Code')
  const identifier = reader.u8('Identifier')
  const length = reader.u16('Length')
  if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) reader.fail('invalid', 'Length')
  const body = reader.sub(length - AUTHENTICATOR_OFFSET, 'Length')
  const authenticator = body.bytes(AUTHENTICATOR_BYTES, 'Authenticator')
  const attributes: RadiusAttribute[] = []
  while (body.remaining > 0) {
    if (attributes.length === MAX_ATTRIBUTES) body.fail('limit', 'Attributes')
    attributes.push(readAttribute(body))
  }
  return { code, identifier, authenticator, attributes, bytes: bytes.subarray(0, length) }
}

/** Writes a packet as it is: authenticators are put in by `protection/`. Errors: `RangeError` beyond 4096 bytes. */
export function writeRadiusPacket({ code, identifier, authenticator, attributes }: RadiusPacket): Uint8Array {
  const writer = new Writer(256).u8(code).u8(identifier).u16(0).bytes(authenticator)
  for (const attribute of attributes) writeAttribute(writer, attribute)
  if (writer.length > MAX_PACKET_BYTES) throw new RangeError(`a packet of ${writer.length} bytes`)
  const { length } = writer
  return writer.patch(2, Uint8Array.of(length >> 8, length & 0xff)).finish()
}
