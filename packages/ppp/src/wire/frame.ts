import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'
import { INFORMATION_BYTES } from '../limits.ts'

/** HDLC's all-stations address and its unnumbered-information control (RFC 1662 §3.1). */
const ADDRESS = 0xff
const CONTROL = 0x03

/**
 * One frame (RFC 1661 §2), behind HDLC's address and control (RFC 1662 §3.1) or without them.
 *
 * ```
 * +----------+----------+-------------+---------+
 * | Address  | Control  | Protocol    | Information, Padding
 * | 11111111 | 00000011 | 8/16 bits   |    *
 * +----------+----------+-------------+---------+
 * ```
 */
export interface Frame {
  readonly protocol: number
  /** Padding included: only the protocol can tell. A view of the input when read. */
  readonly information: Uint8Array
}

/**
 * Reads a frame. Address and control may be missing and the protocol may have one byte, agreed on or not: a
 * receiver loses nothing by it (RFC 1661 §6.5, §6.6 only bind the sender).
 */
export function parseFrame(bytes: Uint8Array): Frame | WireFault {
  return catchFault(() => {
    const reader = new Reader(bytes)
    if (bytes[0] === ADDRESS && bytes[1] === CONTROL) reader.skip(2, 'Address')
    const protocol = readProtocol(reader)
    if (reader.remaining > INFORMATION_BYTES) reader.fail('limit', 'Information')
    return { protocol, information: reader.rest() }
  })
}

/** A frame with address, control and a protocol of two bytes, which every peer takes. */
export function writeFrame({ protocol, information }: Frame): Uint8Array {
  return new Writer(4 + information.length).u8(ADDRESS).u8(CONTROL).u16(protocol).bytes(information).finish()
}

/** RFC 1661 §2: the last byte is odd, the first of two even; 0xff stands for an address. */
function readProtocol(reader: Reader): number {
  const first = reader.u8('Protocol')
  if (first === ADDRESS) reader.fail('invalid', 'Protocol')
  if (first & 1) return first
  const second = reader.u8('Protocol')
  if (!(second & 1)) reader.fail('invalid', 'Protocol')
  return (first << 8) | second
}
