import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/**
 * The Type-Data of an EAP-TLS Request or Response (RFC 5216 §3.1).
 *
 * ```
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |L M S R R R R R|   length included, more fragments, start
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            TLS Message Length (with L: 4 octets)             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  TLS Data ...
 * +-+-+-+-+-+-+-+-+-
 * ```
 */
export interface EapTlsPacket {
  readonly start: boolean
  readonly more: boolean
  /** Length of the whole TLS message, of which this is a fragment. What a peer says, and no more. */
  readonly totalLength?: number
  /** Read from a packet it is a view of its bytes. */
  readonly fragment: Uint8Array
}

const FLAGS = { LENGTH_INCLUDED: 0x80, MORE_FRAGMENTS: 0x40, START: 0x20 } as const

/** Flags and TLS Message Length. */
export const EAP_TLS_HEADER_BYTES = 5

const NOTHING = new Uint8Array(0)

/** Begins the method (RFC 5216 §2.1.1). */
export const EAP_TLS_START: EapTlsPacket = { start: true, more: false, fragment: NOTHING }

/** Acknowledges a fragment, or says that there is nothing to say (RFC 5216 §2.1.5). */
export const EAP_TLS_ACK: EapTlsPacket = { start: false, more: false, fragment: NOTHING }

/**
 * Reads Type-Data. Reserved flags are ignored, as RFC 5216 asks. No data at all, not even flags, is an
 * acknowledgement too: RFC 5216 §2.1.5 can be read that way, and some peers do.
 */
export function parseEapTlsPacket(data: Uint8Array): EapTlsPacket | WireFault {
  if (data.length === 0) return EAP_TLS_ACK
  return catchFault(() => {
    const reader = new Reader(data)
    const flags = reader.u8('Flags')
    const start = (flags & FLAGS.START) !== 0
    const more = (flags & FLAGS.MORE_FRAGMENTS) !== 0
    if ((flags & FLAGS.LENGTH_INCLUDED) === 0) return { start, more, fragment: reader.rest() }
    const totalLength = reader.u32('TLS Message Length')
    return { start, more, totalLength, fragment: reader.rest() }
  })
}

/** The flags are always written, in acknowledgements too: peers exist that miss them otherwise. */
export function writeEapTlsPacket({ start, more, totalLength, fragment }: EapTlsPacket): Uint8Array {
  const flags =
    (totalLength === undefined ? 0 : FLAGS.LENGTH_INCLUDED) |
    (more ? FLAGS.MORE_FRAGMENTS : 0) |
    (start ? FLAGS.START : 0)
  const writer = new Writer(EAP_TLS_HEADER_BYTES + fragment.length).u8(flags)
  if (totalLength !== undefined) writer.u32(totalLength)
  return writer.bytes(fragment).finish()
}
