import type { Instant } from '@causeway/engine'
import {
  checksumPartial,
  concatBytes,
  type Endpoint,
  internetChecksum,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  Writer,
} from '@causeway/wire'

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
    this.#blocks = [pcapngSection(), pcapngInterface()]
  }

  /** Records one datagram between endpoints of the same family. `comment` shows beside the packet. */
  packet(at: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array, comment?: string): void {
    const isRaw = from.port === 0 && to.port === 0
    const carried = isRaw ? payload : udp(from, to, payload)
    const header = from.address.family === 4 ? ipv4Header : ipv6Header
    const packet = concatBytes([header(from, to, isRaw ? ESP : UDP, carried.length), carried])
    const microseconds = this.#startMicroseconds + BigInt(Math.round(1000 * at))
    this.#blocks.push(
      pcapngPacket({
        interface: 0,
        microseconds,
        captured: packet,
        ...(comment !== undefined && { comment }),
      }),
    )
  }

  /** The whole file so far. */
  bytes(): Uint8Array {
    return concatBytes(this.#blocks)
  }
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
