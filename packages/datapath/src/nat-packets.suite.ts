import { concatBytes, formatIpAddress, internetChecksum, ipAddress, parseIpAddress } from '@causeway/wire'
import { ipPacket } from './inner-packet.suite.ts'

/** An address with the port behind it, `10.0.0.1:53` or `[fd00::1]:53`; of an ICMP echo its identifier. */
export type EndText = string

export const TCP = 6
export const UDP = 17
export const SYN = 0x02
export const ACK = 0x10

interface End {
  readonly address: string
  readonly port: number
}

export function end(text: EndText): End {
  const [, address, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(text) ?? []
  if (address === undefined) throw new TypeError(`not an end: ${text}`)
  return { address, port: Number(port) }
}

export function udp(from: EndText, to: EndText, text = 'x', checksummed = true): Uint8Array {
  const [source, destination] = [end(from), end(to)]
  const body = Buffer.alloc(8 + text.length)
  body.writeUInt16BE(source.port, 0)
  body.writeUInt16BE(destination.port, 2)
  body.writeUInt16BE(body.length, 4)
  body.write(text, 8, 'latin1')
  if (checksummed)
    body.writeUInt16BE(transportChecksum(source.address, destination.address, UDP, body) || 0xffff, 6)
  return ipPacket(source.address, destination.address, body, UDP)
}

export function tcp(from: EndText, to: EndText, flags = SYN, text = ''): Uint8Array {
  const [source, destination] = [end(from), end(to)]
  const body = Buffer.alloc(20 + text.length)
  body.writeUInt16BE(source.port, 0)
  body.writeUInt16BE(destination.port, 2)
  body[12] = 5 << 4
  body[13] = flags
  body.write(text, 20, 'latin1')
  body.writeUInt16BE(transportChecksum(source.address, destination.address, TCP, body), 16)
  return ipPacket(source.address, destination.address, body, TCP)
}

/** The identifier stands at the source's port; the destination's says nothing. */
export function echo(from: EndText, to: EndText, kind: 'request' | 'reply'): Uint8Array {
  const [source, destination] = [end(from), end(to)]
  const isV6 = source.address.includes(':')
  const type = isV6 ? { request: 128, reply: 129 } : { request: 8, reply: 0 }
  const body = Buffer.alloc(16)
  body[0] = type[kind]
  body.writeUInt16BE(source.port, 4)
  body.write('echoecho', 8)
  return icmp(source.address, destination.address, body)
}

/** "Port unreachable" about a packet, from this address to the packet's sender. */
export function unreachable(from: string, about: Uint8Array, quotedBytes = 64): Uint8Array {
  const isV6 = (about[0] as number) >> 4 === 6
  const header = Buffer.alloc(8)
  header[0] = isV6 ? 1 : 3
  header[1] = isV6 ? 4 : 3
  const body = Buffer.concat([header, about.subarray(0, quotedBytes)])
  return icmp(from, sourceOf(about), body)
}

/** What an ICMP error quotes. */
export function quotedBy(report: Uint8Array): Uint8Array {
  return report.subarray(((report[0] as number) >> 4 === 6 ? 40 : 20) + 8)
}

function icmp(source: string, destination: string, body: Buffer): Uint8Array {
  const isV6 = source.includes(':')
  body.writeUInt16BE(0, 2)
  const checksum = isV6 ? transportChecksum(source, destination, 58, body) : internetChecksum(body)
  body.writeUInt16BE(checksum, 2)
  return ipPacket(source, destination, body, isV6 ? 58 : 1)
}

/** Cuts an IPv4 packet into two fragments, the first with so many bytes behind its header. */
export function fragments(packet: Uint8Array, at: number, id: number): [Uint8Array, Uint8Array] {
  const part = (from: number, to: number, flags: number) => {
    const bytes = Buffer.from(concatBytes([packet.subarray(0, 20), packet.subarray(20 + from, to)]))
    bytes.writeUInt16BE(bytes.length, 2)
    bytes.writeUInt16BE(id, 4)
    bytes.writeUInt16BE(flags | (from / 8), 6)
    bytes.writeUInt16BE(0, 10)
    bytes.writeUInt16BE(internetChecksum(bytes.subarray(0, 20)), 10)
    return new Uint8Array(bytes)
  }
  return [part(0, 20 + at, 0x2000), part(at, packet.length, 0)]
}

/** Puts two fragments together again. */
export function joined([first, second]: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const whole = Buffer.from(concatBytes([first, second.subarray(20)]))
  whole.writeUInt16BE(whole.length, 2)
  whole.writeUInt32BE(0, 4)
  whole.writeUInt16BE(0, 10)
  whole.writeUInt16BE(internetChecksum(whole.subarray(0, 20)), 10)
  return new Uint8Array(whole)
}

export function sourceOf(packet: Uint8Array): string {
  return formatIpAddress(
    ipAddress(packet.subarray(...((packet[0] as number) >> 4 === 6 ? [8, 24] : [12, 16]))),
  )
}

/** The ends of a packet with ports or an identifier. */
export function endsOf(packet: Uint8Array): { readonly source: EndText; readonly destination: EndText } {
  const isV6 = (packet[0] as number) >> 4 === 6
  const [from, to, at] = isV6 ? [8, 24, 40] : [12, 16, 20]
  const text = (start: number, port: number) => {
    const address = formatIpAddress(ipAddress(packet.subarray(start, start + (to - from))))
    return isV6 ? `[${address}]:${port}` : `${address}:${port}`
  }
  const word = (offset: number) => ((packet[offset] as number) << 8) | (packet[offset + 1] as number)
  const isIcmp = packet[isV6 ? 6 : 9] === (isV6 ? 58 : 1)
  const [source, destination] = isIcmp ? [word(at + 4), word(at + 4)] : [word(at), word(at + 2)]
  return { source: text(from, source), destination: text(to, destination) }
}

function transportChecksum(source: string, destination: string, protocol: number, body: Uint8Array): number {
  const addresses = [source, destination].map(text => parseIpAddress(text)?.bytes ?? new Uint8Array())
  const pseudo = Buffer.alloc(4)
  pseudo.writeUInt16BE(protocol, 0)
  pseudo.writeUInt16BE(body.length, 2)
  const all = concatBytes([...addresses, pseudo, body])
  return internetChecksum(all)
}
