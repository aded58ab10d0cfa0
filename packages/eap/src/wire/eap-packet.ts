import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/** The Code field (RFC 3748 §4). */
export const EAP_CODES = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const

/**
 * An EAP packet (RFC 3748 §4).
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      |  Identifier   |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |  Type-Data ...        (Request and Response)
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * ```
 */
export type EapPacket =
  | {
      readonly code: 'request' | 'response'
      readonly identifier: number
      readonly type: number
      /** Type-Data; read from a packet it is a view of its bytes. */
      readonly data: Uint8Array
    }
  | { readonly code: 'success' | 'failure'; readonly identifier: number }

const HEADER_BYTES = 4

/** Bytes of a Request or Response before its Type-Data. */
export const EAP_TYPED_HEADER_BYTES: number = HEADER_BYTES + 1

/**
 * Reads a packet. What follows the bytes that Length counts is padding of the lower layer
 * (RFC 3748 §4.1) and ignored.
 */
export function parseEapPacket(bytes: Uint8Array): EapPacket | WireFault {
  return catchFault(() => readEapPacket(new Reader(bytes)))
}

export function writeEapPacket(packet: EapPacket): Uint8Array {
  switch (packet.code) {
    case 'request':
    case 'response': {
      const writer = new Writer(EAP_TYPED_HEADER_BYTES + packet.data.length)
      const code = packet.code === 'request' ? EAP_CODES.REQUEST : EAP_CODES.RESPONSE
      writer
        .u8(code)
        .u8(packet.identifier)
        .u16(EAP_TYPED_HEADER_BYTES + packet.data.length)
      return writer.u8(packet.type).bytes(packet.data).finish()
    }
    case 'success':
      return writeOutcome(EAP_CODES.SUCCESS, packet.identifier)
    case 'failure':
      return writeOutcome(EAP_CODES.FAILURE, packet.identifier)
    default:
      return packet satisfies never
  }
}

function writeOutcome(code: number, identifier: number): Uint8Array {
  return new Writer(HEADER_BYTES).u8(code).u8(identifier).u16(HEADER_BYTES).finish()
}

function readEapPacket(outer: Reader): EapPacket {
  const code = outer.u8('Code')
  const identifier = outer.u8('Identifier')
  const length = outer.u16('Length')
  if (length < HEADER_BYTES) outer.fail('invalid', 'Length')
  const reader = outer.sub(length - HEADER_BYTES, 'Length')
  switch (code) {
    case EAP_CODES.REQUEST:
      return { code: 'request', identifier, type: reader.u8('Type'), data: reader.rest() }
    case EAP_CODES.RESPONSE:
      return { code: 'response', identifier, type: reader.u8('Type'), data: reader.rest() }
    case EAP_CODES.SUCCESS:
      reader.end('Success')
      return { code: 'success', identifier }
    case EAP_CODES.FAILURE:
      reader.end('Failure')
      return { code: 'failure', identifier }
    default:
      return outer.fail('invalid', 'Code')
  }
}
