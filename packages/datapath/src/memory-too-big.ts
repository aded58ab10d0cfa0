import { concatBytes, type IpAddress, internetChecksum, Writer } from '@causeway/wire'
import { type InnerPacket, ipVersion, word } from './memory-inner-packet.ts'

const ICMP = 1
const ICMPV6 = 58
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const ICMP_HEADER = 8
/** An ICMP error has at most 576 bytes (RFC 1812 §4.3.2.3), an ICMPv6 one 1280 (RFC 4443 §2.4c). */
const LONGEST_MESSAGE = { ipv4: 576, ipv6: 1280 } as const
const HOP_LIMIT = 64
/** ICMP's queries, which may be answered with an error (RFC 1122 §3.2.2): all other types are errors. */
const ICMP_QUERIES = [0, 8, 9, 10, 13, 14, 15, 16, 17, 18]
/** ICMPv6 types from here are no errors (RFC 4443 §2.1). */
const FIRST_ICMPV6_QUERY = 128

/**
 * The ICMP message that tells a packet's sender the MTU: "fragmentation needed" (RFC 1191 §4), "packet too
 * big" (RFC 4443 §3.2), from the address that the packet was for. `undefined` where none may be sent:
 * about an ICMP error, a later fragment, or a packet to or from no single host.
 */
export function tooBigMessage(inner: InnerPacket, mtu: number): Uint8Array | undefined {
  if (!isUnicast(inner.destination) || !isUnicast(inner.source)) return undefined
  return ipVersion(inner.bytes) === 4 ? fragmentationNeeded(inner, mtu) : packetTooBig(inner, mtu)
}

function fragmentationNeeded(
  { source, destination, bytes }: InnerPacket,
  mtu: number,
): Uint8Array | undefined {
  const isLater = (word(bytes, 6) & 0x1fff) !== 0
  const type = bytes[4 * ((bytes[0] as number) & 15)]
  const isError = bytes[9] === ICMP && !ICMP_QUERIES.includes(type ?? 0xff)
  if (isLater || isError) return undefined
  const quoted = bytes.subarray(0, LONGEST_MESSAGE.ipv4 - IPV4_HEADER - ICMP_HEADER)
  const icmp = new Writer(ICMP_HEADER).u8(3).u8(4).u32(0).u16(mtu).bytes(quoted).finish()
  setWord(icmp, 2, internetChecksum(icmp))
  const header = new Writer(IPV4_HEADER)
    .u8(0x45)
    .u8(0)
    .u16(IPV4_HEADER + icmp.length)
    .u32(0)
    .u8(HOP_LIMIT)
    .u8(ICMP)
    .u16(0)
    .bytes(destination.bytes)
    .bytes(source.bytes)
    .finish()
  setWord(header, 10, internetChecksum(header))
  return concatBytes([header, icmp])
}

function packetTooBig({ source, destination, bytes }: InnerPacket, mtu: number): Uint8Array | undefined {
  const isError = bytes[6] === ICMPV6 && (bytes[IPV6_HEADER] ?? 0) < FIRST_ICMPV6_QUERY
  if (isError) return undefined
  const quoted = bytes.subarray(0, LONGEST_MESSAGE.ipv6 - IPV6_HEADER - ICMP_HEADER)
  const icmp = new Writer(ICMP_HEADER).u8(2).u8(0).u16(0).u32(mtu).bytes(quoted).finish()
  const addresses = concatBytes([destination.bytes, source.bytes])
  const pseudo = new Writer(IPV6_HEADER).bytes(addresses).u32(icmp.length).u32(ICMPV6).finish()
  setWord(icmp, 2, internetChecksum(concatBytes([pseudo, icmp])))
  const header = new Writer(IPV6_HEADER)
    .u32(0x60000000)
    .u16(icmp.length)
    .u8(ICMPV6)
    .u8(HOP_LIMIT)
    .bytes(addresses)
    .finish()
  return concatBytes([header, icmp])
}

/** Neither multicast, broadcast, loopback nor nobody. */
function isUnicast({ family, bytes }: IpAddress): boolean {
  const first = bytes[0] as number
  if (family === 4) return first > 0 && first < 224 && first !== 127
  return first !== 0xff && bytes.subarray(0, 15).some(byte => byte !== 0)
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value & 0xff
}
