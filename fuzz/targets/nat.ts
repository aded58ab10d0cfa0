import { createCipheriv, createDecipheriv } from 'node:crypto'
import { createMemoryDatapath, type EspSa, MemoryNetwork, type NatRules } from '@causeway/datapath'
import {
  asciiBytes,
  concatBytes,
  type IpAddress,
  type IpPrefix,
  internetChecksum,
  parseIpAddress,
  parseIpPrefix,
  prefixSelector,
  sameBytes,
  Writer,
} from '@causeway/wire'
import type { FuzzTarget } from '../target.ts'

const SPI = 0x1000
const KEY = new Uint8Array(16).fill(7)
const SALT = new Uint8Array(4).fill(9)
const [ICMP, UDP, ICMPV6] = [1, 17, 58]
const ESP_HEADER = 16
const ESP_TAG = 16

/** Addresses for addresses, both ends; and many behind one. */
const RULES: NatRules = {
  egress: [
    rule('static', '10.1.0.0/16', '100.1.0.0/16'),
    rule('static', 'fd01::/64', 'fdff:1::/64'),
    rule('dynamic', '10.2.0.0/16', '100.2.0.1/32'),
  ],
  ingress: [rule('static', '10.3.0.0/16', '100.3.0.0/16'), rule('static', 'fd03::/64', 'fdff:3::/64')],
}

/** Packets from the host: translated or dropped, counted once, and back again by their answer. */
const packets: FuzzTarget = {
  name: 'nat-packets',
  seeds: () => [
    datagram('10.1.0.5', '100.3.0.9'),
    datagram('fd01::5', 'fdff:3::9'),
    datagram('10.2.0.5', '10.9.0.7'),
    report('10.1.0.5', '100.3.0.9', datagram('100.3.0.9', '10.1.0.5')),
    report('10.2.0.5', '100.3.0.9', datagram('100.3.0.9', '10.2.0.5')),
    datagram('8.8.8.8', '10.9.0.7'),
  ],
  run: input => {
    const { datapath, flow, arrived, send } = openScene()
    datapath.tunWrite(input)
    const { packetsSent, sendDrops, natDrops } = datapath.counters(flow)
    const { noRoute } = datapath.totals()
    if (packetsSent + sendDrops + noRoute !== 1) throw new Error('one packet met not one fate')
    if (natDrops > sendDrops) throw new Error('more were not translated than dropped')
    const [sealed] = arrived
    if (!sealed) return
    const out = open(sealed)
    if (out.length > input.length) throw new Error('it has grown')
    requireKnownOutside(out)
    send(turned(out))
    const [back] = datapath.tunRead()
    // What is dropped on its way back is of those that only one side may begin, or an error.
    if (back && isComparable(back)) requireSameButSums(back, turned(input.subarray(0, back.length)))
  },
}

/** Translation of inner addresses. */
export const natPackets: readonly FuzzTarget[] = [packets]

function openScene() {
  const network = new MemoryNetwork()
  const datapath = createMemoryDatapath({ workers: 1, onEvents: () => undefined }, network)
  datapath.openTun({ name: 'fuzz%d', mtu: 1500 })
  const port = datapath.openPort({ address: address('192.0.2.1'), port: 4500, protocol: 'ike-esp' })
  const arrived: Uint8Array[] = []
  const peer = network.bind(address('192.0.2.9'), 4500, (_, bytes) => arrived.push(bytes))
  const path = { type: 'udp', port: port.id, remote: peer.local } as const
  const limits = { clampBytes: 0xffff, innerMtu: 9000, idleTimeoutSeconds: 0 }
  const flow = datapath.openFlow({ protocol: 'esp', peer: 'site', path, ...limits })
  datapath.installKey(flow, SA)
  datapath.selectKey(flow, SPI)
  datapath.translateFlow(flow, datapath.openNat(RULES))
  datapath.changeRoutes(EVERYTHING.map(routed => ({ type: 'add', prefix: routed, flow })))
  const send = (inner: Uint8Array): void => peer.send(port.local, seal(inner))
  return { datapath, flow, arrived, send }
}

/** Nobody who is translated is known outside by an internal address. */
function requireKnownOutside(packet: Uint8Array): void {
  const [from, length] = sourceOf(packet)
  const source = packet.subarray(from, from + length)
  const hidden = length === 4 ? [OWN_4.subarray(0, 2), MANY.subarray(0, 2)] : [OWN_6.subarray(0, 8)]
  if (hidden.some(network => sameBytes(network, source.subarray(0, network.length))))
    throw new Error('an internal address is seen outside')
}

/** Errors are translated by what they quote, and turned they are none about anything. */
function isComparable(packet: Uint8Array): boolean {
  const protocol = packet[packet[0] === undefined || packet[0] >> 4 === 4 ? 9 : 6]
  return protocol !== ICMP && protocol !== ICMPV6
}

/** Zero and all ones are one sum; beside that every byte is as it was. */
function requireSameButSums(actual: Uint8Array, expected: Uint8Array): void {
  const differing = [...actual].flatMap((byte, i) => (byte === expected[i] ? [] : [i]))
  const isSum = (i: number): boolean => {
    const [a, b] = [actual.subarray(i & ~1, (i & ~1) + 2), expected.subarray(i & ~1, (i & ~1) + 2)]
    return a.every((byte, n) => (byte ^ (b[n] as number)) === 0xff) && new Set(a).size === 1
  }
  if (!differing.every(isSum)) throw new Error('it came back as another')
}

/** The packet with its addresses the other way. */
function turned(packet: Uint8Array): Uint8Array {
  const [from, length] = sourceOf(packet)
  const part = (at: number, size: number) => packet.subarray(at, at + size)
  const rest = packet.subarray(from + 2 * length)
  return concatBytes([part(0, from), part(from + length, length), part(from, length), rest])
}

function sourceOf(packet: Uint8Array): readonly [number, number] {
  return (packet[0] ?? 0) >> 4 === 6 ? [8, 16] : [12, 4]
}

/** A first packet of the SA, by RFC 4106. */
function seal(inner: Uint8Array): Uint8Array {
  const padding = (4 - ((inner.length + 2) % 4)) % 4
  const next = (inner[0] ?? 0) >> 4 === 6 ? 41 : 4
  const trailer = [...Array.from({ length: padding }, (_, i) => i + 1), padding, next]
  const header = new Writer(8).u32(SPI).u32(1).finish()
  const iv = new Uint8Array(8)
  const cipher = createCipheriv('aes-128-gcm', KEY, concatBytes([SALT, iv]))
  cipher.setAAD(header)
  return concatBytes([
    header,
    iv,
    cipher.update(inner),
    cipher.update(Uint8Array.from(trailer)),
    cipher.final(),
    cipher.getAuthTag(),
  ])
}

function open(packet: Uint8Array): Uint8Array {
  const iv = packet.subarray(8, ESP_HEADER)
  const decipher = createDecipheriv('aes-128-gcm', KEY, concatBytes([SALT, iv]))
  decipher.setAAD(packet.subarray(0, 8))
  decipher.setAuthTag(packet.subarray(packet.length - ESP_TAG))
  const plaintext = decipher.update(packet.subarray(ESP_HEADER, packet.length - ESP_TAG))
  decipher.final()
  return plaintext.subarray(0, plaintext.length - 2 - (plaintext[plaintext.length - 2] as number))
}

function datagram(source: string, destination: string): Uint8Array {
  const udp = new Writer(12).u16(1_000).u16(53).u16(12).u16(0x1234).bytes(asciiBytes('data')).finish()
  return ipPacket(source, destination, UDP, udp)
}

/** "Port unreachable". */
function report(source: string, destination: string, about: Uint8Array): Uint8Array {
  const icmp = new Writer(8 + about.length).u8(3).u8(3).u16(0).u32(0).bytes(about).finish()
  new DataView(icmp.buffer).setUint16(2, internetChecksum(icmp))
  return ipPacket(source, destination, ICMP, icmp)
}

function ipPacket(source: string, destination: string, protocol: number, body: Uint8Array): Uint8Array {
  const addresses = concatBytes([address(source).bytes, address(destination).bytes])
  if (source.includes(':'))
    return new Writer(40)
      .u32(0x60000000)
      .u16(body.length)
      .u8(protocol)
      .u8(64)
      .bytes(addresses)
      .bytes(body)
      .finish()
  const header = new Writer(20)
    .u16(0x4500)
    .u16(20 + body.length)
    .u32(0)
    .u8(64)
    .u8(protocol)
    .u16(0)
  const bytes = header.bytes(addresses).finish()
  new DataView(bytes.buffer).setUint16(10, internetChecksum(bytes))
  return concatBytes([bytes, body])
}

function rule(type: 'static' | 'dynamic', internal: string, external: string): NatRules['egress'][number] {
  return { type, internal: { prefix: prefix(internal) }, external: { prefix: prefix(external) } }
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new TypeError(`not an address: ${text}`)
  return parsed
}

function prefix(text: string): IpPrefix {
  const parsed = parseIpPrefix(text)
  if (!parsed) throw new TypeError(`not a prefix: ${text}`)
  return parsed
}

const [OWN_4, MANY, OWN_6] = ['10.1.0.0', '10.2.0.0', 'fd01::'].map(text => address(text).bytes) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const EVERYTHING = ['0.0.0.0/0', '::/0'].map(prefix)

const SA: EspSa = {
  keyId: SPI,
  sendSpi: 0x2000,
  cipher: 'AES-GCM-128',
  extendedSequence: false,
  replayWindow: 64,
  send: { cipherKey: KEY, integrityKey: SALT },
  receive: { cipherKey: KEY, integrityKey: SALT },
  selectors: { local: EVERYTHING.map(prefixSelector), remote: EVERYTHING.map(prefixSelector) },
  packetLimit: 0,
  byteLimit: 0,
  hardPacketLimit: 0,
  hardByteLimit: 0,
}
