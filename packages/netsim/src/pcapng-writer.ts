import type { Instant } from '@causeway/engine'
import {
  checksumPartial,
  concatBytes,
  type Endpoint,
  internetChecksum,
  utf8Bytes,
  Writer,
} from '@causeway/wire'

/** Block types and constants of the pcapng format (draft-ietf-opsawg-pcapng). */
const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Packets begin with an IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101
const OPTION_END = 0
const OPTION_COMMENT = 1
const UDP = 17
const ESP = 50
const UDP_HEADER_BYTES = 8
const HOP_LIMIT = 64

/**
 * Records datagrams so that a simulation can be opened in Wireshark. IP and UDP headers are made
 * up around each; between ports of 0, which stand for raw ESP, only an IP header. The instant 0 stands at `startUnixSeconds`.
 */
export class PcapngWriter {
  readonly #blocks: Uint8Array[]
  readonly #startMicroseconds: bigint

  constructor(startUnixSeconds = 0) {
    this.#startMicroseconds = BigInt(startUnixSeconds) * 1_000_000n
    this.#blocks = [sectionHeader(), interfaceDescription()]
  }

  /** Records one datagram between endpoints of the same family. `comment` shows beside the packet. */
  packet(at: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array, comment?: string): void {
    const isRaw = from.port === 0 && to.port === 0
    const carried = isRaw ? payload : udp(from, to, payload)
    const header = from.address.family === 4 ? ipv4Header : ipv6Header
    const packet = concatBytes([header(from, to, isRaw ? ESP : UDP, carried.length), carried])
    const time = this.#startMicroseconds + BigInt(Math.round(1000 * at))
    const body = new Writer(packet.length + 64)
      .u32(0)
      .u32(Number(time >> 32n))
      .u32(Number(time & 0xffffffffn))
      .u32(packet.length)
      .u32(packet.length)
      .bytes(padded(packet))
    if (comment !== undefined) writeComment(body, comment)
    this.#blocks.push(block(ENHANCED_PACKET, body.finish()))
  }

  /** The whole file so far. */
  bytes(): Uint8Array {
    return concatBytes(this.#blocks)
  }
}

function sectionHeader(): Uint8Array {
  // Version 1.0; the section's length is not known in advance (all ones).
  const body = new Writer().u32(BYTE_ORDER_MAGIC).u16(1).u16(0).u64(0xffffffffffffffffn)
  return block(SECTION_HEADER, body.finish())
}

function interfaceDescription(): Uint8Array {
  return block(INTERFACE_DESCRIPTION, new Writer().u16(LINKTYPE_RAW).u16(0).u32(0).finish())
}

function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + body.length
  return new Writer(length).u32(type).u32(length).bytes(body).u32(length).finish()
}

function writeComment(writer: Writer, comment: string): void {
  const text = utf8Bytes(comment)
  writer.u16(OPTION_COMMENT).u16(text.length).bytes(padded(text)).u16(OPTION_END).u16(0)
}

/** Filled with zeros to a multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const filled = new Uint8Array(4 * Math.ceil(bytes.length / 4))
  filled.set(bytes)
  return filled
}

function ipv4Header(from: Endpoint, to: Endpoint, protocol: number, length: number): Uint8Array {
  const header = new Writer(20)
    .u16(0x4500)
    .u16(20 + length)
    .u32(0)
    .u8(HOP_LIMIT)
    .u8(protocol)
    .u16(0)
    .bytes(from.address.bytes)
    .bytes(to.address.bytes)
  const plain = header.finish()
  header.bytes(plain).patch(10, new Writer(2).u16(internetChecksum(plain)).finish())
  return header.finish()
}

function ipv6Header(from: Endpoint, to: Endpoint, protocol: number, length: number): Uint8Array {
  const header = new Writer(40).u32(0x60000000).u16(length).u8(protocol).u8(HOP_LIMIT)
  return header.bytes(from.address.bytes).bytes(to.address.bytes).finish()
}

function udp(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const length = UDP_HEADER_BYTES + payload.length
  const plain = new Writer(length).u16(from.port).u16(to.port).u16(length).u16(0).bytes(payload).finish()
  const addresses = checksumPartial(concatBytes([from.address.bytes, to.address.bytes]))
  const sum = internetChecksum(plain, addresses + UDP + length)
  // RFC 768: a sum of zero is sent as all ones, for zero means none.
  return new Writer(length)
    .bytes(plain)
    .patch(6, new Writer(2).u16(sum || 0xffff).finish())
    .finish()
}
