import { Reader, type Writer } from '@causeway/wire'

/**
 * An attribute of a control message ([MS-SSTP] §2.2.4), its value not yet looked at.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----------------------+
 * |   Reserved    | Attribute ID  |   R   |  Length (with header) |
 * +---------------+---------------+-------+-----------------------+
 * |  Value ...
 * +--------
 * ```
 */
export interface SstpAttribute {
  readonly id: number
  /** Read from a packet it is a view of its bytes. */
  readonly value: Uint8Array
}

/** Attribute ids; `NONE` stands in a status that is about no attribute. */
export const ATTRIBUTES = {
  NONE: 0,
  ENCAPSULATED_PROTOCOL_ID: 1,
  STATUS_INFO: 2,
  CRYPTO_BINDING: 3,
  CRYPTO_BINDING_REQUEST: 4,
} as const

/** Lengths, of packets as of attributes, have 12 bits; the four above are reserved and ignored. */
export const LENGTH_MASK = 0x0fff

export const ATTRIBUTE_HEADER_BYTES = 4

/** Reads one attribute. Errors: `WireFault` when its length is less than its header or more than is there. */
export function readAttribute(reader: Reader): SstpAttribute {
  reader.skip(1, 'Reserved')
  const id = reader.u8('Attribute ID')
  const length = reader.u16('LengthPacket') & LENGTH_MASK
  if (length < ATTRIBUTE_HEADER_BYTES) reader.fail('invalid', 'LengthPacket')
  return { id, value: reader.bytes(length - ATTRIBUTE_HEADER_BYTES, 'Value') }
}

export function writeAttribute(writer: Writer, { id, value }: SstpAttribute): void {
  writer
    .u8(0)
    .u8(id)
    .u16(ATTRIBUTE_HEADER_BYTES + value.length)
    .bytes(value)
}

/** The value of an attribute, to be read to its end. */
export function attributeReader({ value }: SstpAttribute): Reader {
  return new Reader(value)
}
