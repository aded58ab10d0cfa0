import { catchFault, Reader, WireFault, Writer } from '@causeway/wire'
import { SstpError } from '../sstp-error.ts'
import { ATTRIBUTE_HEADER_BYTES, LENGTH_MASK, readAttribute, writeAttribute } from './attribute.ts'
import {
  type InvalidMessage,
  MESSAGE_TYPES,
  messageAttributes,
  readMessage,
  type SstpMessage,
  UNREADABLE_MESSAGE,
} from './message.ts'

/**
 * An SSTP packet ([MS-SSTP] §2.2.1).
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------------+-+-------+-----------------------+
 * | Version 0x10  |  Reserved   |C|   R   |  Length (with header) |
 * +---------------+-------------+-+-------+-----------------------+
 * |  Message Type (with C)        |  Num Attributes (with C)      |
 * +-------------------------------+-------------------------------+
 * |  attributes (with C), or a PPP frame ...
 * +----------------------------------
 * ```
 */
export type SstpPacket =
  /** A PPP frame, a view of the packet's bytes. */
  | { readonly type: 'data'; readonly frame: Uint8Array }
  | { readonly type: 'control'; readonly message: SstpMessage | InvalidMessage }

/** Version 1.0. */
export const SSTP_VERSION = 0x10
export const SSTP_HEADER_BYTES = 4
/** Largest packet: what 12 bits of length can say. */
export const MAX_PACKET_BYTES = 4095
/** Largest PPP frame. */
export const MAX_FRAME_BYTES: number = MAX_PACKET_BYTES - SSTP_HEADER_BYTES

const CONTROL_BIT = 0x01

/**
 * Reads one whole packet. A `WireFault` means that its header is not one of SSTP: the stream cannot be
 * told apart any more ([MS-SSTP] §3.1.5.1). What is wrong behind a good header is an `invalid` message.
 */
export function parseSstpPacket(bytes: Uint8Array): SstpPacket | WireFault {
  return catchFault(() => {
    const reader = new Reader(bytes)
    if (reader.u8('Version') !== SSTP_VERSION) reader.fail('invalid', 'Version')
    const isControl = (reader.u8('C') & CONTROL_BIT) !== 0
    const length = reader.u16('LengthPacket') & LENGTH_MASK
    if (length < SSTP_HEADER_BYTES) reader.fail('invalid', 'LengthPacket')
    const body = reader.sub(length - SSTP_HEADER_BYTES, 'Data')
    reader.end('Data')
    return isControl ? { type: 'control', message: parseMessage(body) } : { type: 'data', frame: body.rest() }
  })
}

/** One control message as a packet. */
export function writeControlPacket(message: SstpMessage): Uint8Array {
  const attributes = messageAttributes(message)
  const writer = new Writer(128).u8(SSTP_VERSION).u8(CONTROL_BIT).u16(0)
  writer.u16(MESSAGE_TYPES[message.type]).u16(attributes.length)
  for (const attribute of attributes) writeAttribute(writer, attribute)
  return writer.patch(2, new Writer(2).u16(writer.length).finish()).finish()
}

/** A PPP frame as a packet. Errors: `ERR_SSTP_FRAME_TOO_LONG` past 4091 bytes. */
export function writeDataPacket(frame: Uint8Array): Uint8Array {
  if (frame.length > MAX_FRAME_BYTES) {
    throw new SstpError('ERR_SSTP_FRAME_TOO_LONG', `a frame of ${frame.length} bytes: send 4091 at most`)
  }
  const packet = new Uint8Array(SSTP_HEADER_BYTES + frame.length)
  packet[0] = SSTP_VERSION
  packet[2] = packet.length >> 8
  packet[3] = packet.length
  packet.set(frame, SSTP_HEADER_BYTES)
  return packet
}

function parseMessage(reader: Reader): SstpMessage | InvalidMessage {
  const message = catchFault(() => {
    const type = reader.u16('Message Type')
    const count = reader.u16('Num Attributes')
    const attributes = Array.from({ length: checkedCount(reader, count) }, () => readAttribute(reader))
    reader.end('Attributes')
    return readMessage(type, attributes)
  })
  return message instanceof WireFault ? UNREADABLE_MESSAGE : message
}

/** A count that cannot be true is not counted to. */
function checkedCount(reader: Reader, count: number): number {
  if (count * ATTRIBUTE_HEADER_BYTES > reader.remaining) reader.fail('limit', 'Num Attributes')
  return count
}
