import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/** LCP codes (RFC 1661 §5, RFC 1570 §2); the first seven are those of every network control protocol too. */
export const CODES = {
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
  discardRequest: 11,
  identification: 12,
  timeRemaining: 13,
} as const

const HEADER_BYTES = 4

/**
 * A packet of LCP, IPCP, IPV6CP, PAP or CHAP (RFC 1661 §5, RFC 1334 §2.2, RFC 1994 §4).
 *
 * ```
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      |  Identifier   |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Data ...
 * +-+-+-+-+
 * ```
 */
export interface ControlPacket {
  readonly code: number
  readonly identifier: number
  /** A view of the input when read. */
  readonly data: Uint8Array
}

/** Reads a packet; bytes beyond its Length are padding (RFC 1661 §5). */
export function parseControlPacket(bytes: Uint8Array): ControlPacket | WireFault {
  return catchFault(() => {
    const reader = new Reader(bytes)
    const code = reader.u8('Code')
    const identifier = reader.u8('Identifier')
    const length = reader.u16('Length')
    if (length < HEADER_BYTES) reader.fail('invalid', 'Length')
    return { code, identifier, data: reader.bytes(length - HEADER_BYTES, 'Data') }
  })
}

export function writeControlPacket({ code, identifier, data }: ControlPacket): Uint8Array {
  const length = HEADER_BYTES + data.length
  return new Writer(length).u8(code).u8(identifier).u16(length).bytes(data).finish()
}
