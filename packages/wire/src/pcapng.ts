import { utf8Bytes } from './text.ts'
import { Writer } from './writer.ts'

/** Block types and constants of the pcapng format (draft-ietf-opsawg-pcapng). */
const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const OPTION_END = 0
const OPTION_COMMENT = 1
const OPTION_NAME = 2

/**
 * What packets begin with. `raw-ip`: an IPv4 or IPv6 header (LINKTYPE_RAW); `linux-sll2`: the header of 20 bytes that
 * Linux gives to packets of any device (LINKTYPE_LINUX_SLL2).
 */
export type PcapngLinkType = keyof typeof LINK_TYPES

const LINK_TYPES = { 'raw-ip': 101, 'linux-sll2': 276 } as const

/** An interface of a pcapng file. */
export interface PcapngInterface {
  /** Shown beside its packets. */
  readonly name?: string
  /** At most so many bytes of each packet were kept. Absent: all. */
  readonly snapLength?: number
  /** Default `raw-ip`. libpcap reads a file of several interfaces only where all have the same, and not `raw-ip`. */
  readonly linkType?: PcapngLinkType
}

/** One packet that was captured. */
export interface PcapngPacket {
  /** By the order of the interface blocks, from 0. */
  readonly interface: number
  /** Since 1970. */
  readonly microseconds: bigint
  readonly captured: Uint8Array
  /** What it had before it was cut. Absent: it was not. */
  readonly originalLength?: number
  readonly comment?: string
}

/** The block with which a file begins. Big-endian, as all that follows. */
export function pcapngSection(): Uint8Array {
  // Version 1.0; the section's length is not known in advance (all ones).
  const body = new Writer().u32(BYTE_ORDER_MAGIC).u16(1).u16(0).u64(0xffffffffffffffffn)
  return block(SECTION_HEADER, body.finish())
}

/** The block of one interface; its number is how many came before it. */
export function pcapngInterface({
  name,
  snapLength = 0,
  linkType = 'raw-ip',
}: PcapngInterface = {}): Uint8Array {
  const body = new Writer().u16(LINK_TYPES[linkType]).u16(0).u32(snapLength)
  if (name !== undefined) {
    writeOption(body, OPTION_NAME, utf8Bytes(name))
    writeOption(body, OPTION_END, new Uint8Array())
  }
  return block(INTERFACE_DESCRIPTION, body.finish())
}

/** The block of one packet. */
export function pcapngPacket(packet: PcapngPacket): Uint8Array {
  const { captured, originalLength = captured.length, microseconds, comment } = packet
  const body = new Writer(captured.length + 64)
    .u32(packet.interface)
    .u64(microseconds)
    .u32(captured.length)
    .u32(originalLength)
    .bytes(padded(captured))
  if (comment !== undefined) {
    writeOption(body, OPTION_COMMENT, utf8Bytes(comment))
    writeOption(body, OPTION_END, new Uint8Array())
  }
  return block(ENHANCED_PACKET, body.finish())
}

function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + body.length
  return new Writer(length).u32(type).u32(length).bytes(body).u32(length).finish()
}

function writeOption(writer: Writer, code: number, value: Uint8Array): void {
  writer.u16(code).u16(value.length).bytes(padded(value))
}

/** Filled with zeros to a multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const filled = new Uint8Array(4 * Math.ceil(bytes.length / 4))
  filled.set(bytes)
  return filled
}
