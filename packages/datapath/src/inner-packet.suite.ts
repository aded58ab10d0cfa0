import { internetChecksum, parseIpAddress } from '@causeway/wire'

/** An IP protocol that nothing coalesces or rewrites on the way (RFC 3692: for experiments). */
const EXPERIMENT = 253

function addressBytes(text: string): Uint8Array {
  const address = parseIpAddress(text)
  if (!address) throw new TypeError(`not an address: ${text}`)
  return address.bytes
}

/** An IPv4 or IPv6 packet, by the family of its addresses. */
export function ipPacket(
  source: string,
  destination: string,
  body: Uint8Array,
  protocol = EXPERIMENT,
): Uint8Array {
  return source.includes(':')
    ? ipv6Packet(addressBytes(source), addressBytes(destination), body, protocol)
    : ipv4Packet(addressBytes(source), addressBytes(destination), body, protocol)
}

/** A packet that carries this text, to be told from others. */
export function textPacket(source: string, destination: string, text: string): Uint8Array {
  return ipPacket(source, destination, new TextEncoder().encode(text))
}

function ipv4Packet(
  source: Uint8Array,
  destination: Uint8Array,
  body: Uint8Array,
  protocol: number,
): Uint8Array {
  const packet = Buffer.alloc(20 + body.length)
  packet[0] = 0x45
  packet.writeUInt16BE(packet.length, 2)
  packet[8] = 64
  packet[9] = protocol
  packet.set(source, 12)
  packet.set(destination, 16)
  packet.writeUInt16BE(internetChecksum(packet.subarray(0, 20)), 10)
  packet.set(body, 20)
  return new Uint8Array(packet)
}

function ipv6Packet(
  source: Uint8Array,
  destination: Uint8Array,
  body: Uint8Array,
  protocol: number,
): Uint8Array {
  const packet = Buffer.alloc(40 + body.length)
  packet[0] = 0x60
  packet.writeUInt16BE(body.length, 4)
  packet[6] = protocol
  packet[7] = 64
  packet.set(source, 8)
  packet.set(destination, 24)
  packet.set(body, 40)
  return new Uint8Array(packet)
}

/** TCP options that hold an MSS of 1460, at an even offset and, after a NOP, at an odd one. */
export const MSS_OPTIONS = {
  even: Uint8Array.of(2, 4, 0x05, 0xb4),
  odd: Uint8Array.of(1, 2, 4, 0x05, 0xb4, 1, 1, 0),
  /** Window scale only. */
  absent: Uint8Array.of(3, 3, 7, 0),
  /** A length that runs past the header. */
  broken: Uint8Array.of(2, 40, 0x05, 0xb4),
} as const

/** A TCP segment with these flags and options, correctly checksummed. */
export function tcpPacket(
  source: string,
  destination: string,
  flags: number,
  options: Uint8Array,
): Uint8Array {
  const tcp = Buffer.alloc(20 + options.length)
  tcp.writeUInt16BE(40000, 0)
  tcp.writeUInt16BE(443, 2)
  tcp.writeUInt32BE(0x12345678, 4)
  tcp[12] = (tcp.length / 4) << 4
  tcp[13] = flags
  tcp.writeUInt16BE(64240, 14)
  tcp.set(options, 20)
  tcp.writeUInt16BE(tcpChecksum(source, destination, tcp), 16)
  return ipPacket(source, destination, tcp, 6)
}

/** The checksum that the TCP part of a packet should have, with its own field taken as zero. */
export function expectedTcpChecksum(source: string, destination: string, packet: Uint8Array): number {
  const tcp = Buffer.from(packet.subarray(source.includes(':') ? 40 : 20))
  tcp.writeUInt16BE(0, 16)
  return tcpChecksum(source, destination, tcp)
}

function tcpChecksum(source: string, destination: string, tcp: Buffer): number {
  const pseudo = Buffer.concat([
    addressBytes(source),
    addressBytes(destination),
    Buffer.from([0, 6, 0, 0]),
    tcp,
  ])
  const lengthAt = pseudo.length - tcp.length - 2
  pseudo.writeUInt16BE(tcp.length, lengthAt)
  return internetChecksum(pseudo)
}
