import type { Reader, Writer } from '@causeway/wire'

/**
 * An attribute, its value not yet looked at (RFC 2865 §5).
 *
 * ```
 *  0                   1                   2
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * |     Type      |    Length     |  Value ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * ```
 */
export interface RadiusAttribute {
  readonly type: number
  /** 0 to 253 bytes. Read from a packet it is a view of its bytes. */
  readonly value: Uint8Array
}

export const ATTRIBUTE_HEADER_BYTES = 2

/** What one attribute holds: its length has one octet and counts the header. */
export const MAX_VALUE_BYTES = 253

/** Types that the codec itself must know. */
export const TYPES = { VENDOR_SPECIFIC: 26, PROXY_STATE: 33, MESSAGE_AUTHENTICATOR: 80 } as const

/** Reads one attribute. Errors: `WireFault` when its length is less than its header or more than is there. */
export function readAttribute(reader: Reader): RadiusAttribute {
  const type = reader.u8('Attribute Type')
  const length = reader.u8('Attribute Length')
  if (length < ATTRIBUTE_HEADER_BYTES) reader.fail('invalid', 'Attribute Length')
  return { type, value: reader.bytes(length - ATTRIBUTE_HEADER_BYTES, 'Attribute Value') }
}

/** Errors: `RangeError` when the value does not fit. */
export function writeAttribute(writer: Writer, { type, value }: RadiusAttribute): void {
  if (value.length > MAX_VALUE_BYTES) throw new RangeError(`attribute ${type} of ${value.length} bytes`)
  writer
    .u8(type)
    .u8(ATTRIBUTE_HEADER_BYTES + value.length)
    .bytes(value)
}
