import { createCipheriv } from 'node:crypto'
import {
  createMemoryDatapath,
  type DatapathEvent,
  type EspSa,
  type FlowId,
  type MemoryDatapath,
  MemoryNetwork,
  type MemorySocket,
  type PortInfo,
} from '@causeway/datapath'
import {
  asciiBytes,
  concatBytes,
  type IpAddress,
  type IpPrefix,
  internetChecksum,
  parseIpAddress,
  parseIpPrefix,
  prefixContains,
  prefixSelector,
  sameBytes,
  Writer,
} from '@causeway/wire'
import type { FuzzTarget } from '../target.ts'

const SPI = 0x1000
const PEER_SPI = 0x2000
const KEY = new Uint8Array(16).fill(7)
const SALT = new Uint8Array(4).fill(9)
const TCP = 6
const MTU = 576
/** What ESP adds to an inner packet with AES-GCM: header, IV, padding and trailer, ICV. */
const MOST_OVERHEAD = 8 + 8 + 3 + 2 + 16
/** IPv6 packets of this size go by every path. */
const IPV6_MIN_MTU = 1280

const INSIDE = ['192.0.2.0/24', '2001:db8:ff::/64'].map(prefix)
const CLIENT = ['10.8.0.0/24', 'fd00::/64'].map(prefix)

/** A gateway with one client, and the client's socket. */
interface Scene {
  readonly datapath: MemoryDatapath
  readonly port: PortInfo
  readonly flow: FlowId
  readonly peer: MemorySocket
  readonly events: readonly DatapathEvent[]
  /** What has come to the client. */
  readonly arrived: readonly Uint8Array[]
}

/** Bytes from the network: only what the peer sealed comes through, and everything is counted once. */
const datagrams: FuzzTarget = {
  name: 'esp-datagrams',
  seeds: () => [...SEALED, Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), Uint8Array.of(0xff), stray()],
  run: input => {
    const { datapath, port, flow, peer, events } = openScene()
    peer.send(port.local, input)
    const delivered = datapath.tunRead()
    if (delivered.length > 0 && !SEALED.some(packet => sameBytes(packet, input)))
      throw new Error('a packet that the peer never sealed came through')
    datapath.flushEvents()
    const { malformed, unknownFlow } = datapath.totals()
    const control = events.filter(event => event.type === 'datagram').length
    const isKeepalive = input.length === 1 && input[0] === 0xff
    const fates = malformed + unknownFlow + control + fatesOf(datapath, flow) + Number(isKeepalive)
    if (fates !== 1) throw new Error(`one datagram met ${fates} fates`)
  },
}

/** Plaintexts under the right key: what comes through is whole, is routed and is held by the selectors. */
const payloads: FuzzTarget = {
  name: 'esp-payloads',
  seeds: () => [
    ...INNER.map(packet => concatBytes([packet, Uint8Array.of(1, 2, 2, packet[0] === 0x60 ? 41 : 4)])),
    Uint8Array.of(0, 59),
    Uint8Array.of(255, 4),
  ],
  run: input => {
    const { datapath, port, flow, peer } = openScene()
    peer.send(port.local, seal(input))
    const [packet] = datapath.tunRead()
    if (packet) requireAllowed(packet, input)
    const { authenticationFailures, replays } = datapath.counters(flow)
    if (authenticationFailures + replays > 0) throw new Error('an authentic packet was not taken for one')
  },
}

/** Packets from the host: what goes out fits the path, and what is told of the rest is an IP packet. */
const fragments: FuzzTarget = {
  name: 'esp-fragments',
  seeds: () => INNER.map(packet => swapped(packet)),
  run: input => {
    const { datapath, flow, arrived } = openScene()
    datapath.tunWrite(input)
    const limit = (input[0] ?? 0) >> 4 === 4 ? MTU : IPV6_MIN_MTU
    for (const { length } of arrived)
      if (length > limit + MOST_OVERHEAD) throw new Error(`${length} bytes on a path of ${limit}`)
    const { packetsSent, sendDrops } = datapath.counters(flow)
    if (packetsSent !== arrived.length) throw new Error(`${packetsSent} counted, ${arrived.length} sent`)
    const answers = datapath.tunRead()
    if (answers.length > sendDrops) throw new Error('an answer about nothing')
    for (const answer of answers) requireAnswer(answer, input)
  },
}

/** Opening of ESP packets, and what becomes of the packets inside. */
export const espPackets: readonly FuzzTarget[] = [datagrams, payloads, fragments]

function openScene(): Scene {
  const network = new MemoryNetwork()
  const events: DatapathEvent[] = []
  const datapath = createMemoryDatapath({ workers: 1, onEvents: batch => events.push(...batch) }, network)
  datapath.openTun({ name: 'fuzz%d', mtu: 1500 })
  const port = datapath.openPort({ address: address('192.0.2.1'), port: 4500, protocol: 'ike-esp' })
  const arrived: Uint8Array[] = []
  const peer = network.bind(address('192.0.2.9'), 4500, (_, bytes) => arrived.push(bytes))
  const path = { type: 'udp', port: port.id, remote: peer.local } as const
  const limits = { clampBytes: 0xffff, innerMtu: MTU, idleTimeoutSeconds: 0 }
  const flow = datapath.openFlow({ protocol: 'esp', path, ...limits })
  datapath.installKey(flow, SA)
  datapath.selectKey(flow, SPI)
  datapath.changeRoutes(CLIENT.map(routed => ({ type: 'add', prefix: routed, flow })))
  return { datapath, port, flow, peer, events, arrived }
}

/** How many ends a packet has come to within a flow. */
function fatesOf(datapath: MemoryDatapath, flow: FlowId): number {
  const counters = datapath.counters(flow)
  return (
    counters.authenticationFailures +
    counters.replays +
    counters.refused +
    counters.sourceViolations +
    counters.packetsReceived
  )
}

function requireAllowed(packet: Uint8Array, input: Uint8Array): void {
  const { source, destination, length, portsAt } = outline(packet)
  if (length !== packet.length) throw new Error('not as long as it says')
  if (!sameBytes(packet, input.subarray(0, packet.length))) throw new Error('not what was sealed')
  if (!CLIENT.some(routed => prefixContains(routed, source))) throw new Error('the source is not routed')
  if (!INSIDE.some(inside => prefixContains(inside, destination))) throw new Error('the selectors miss it')
  // The walk over extension headers is judged elsewhere.
  if (portsAt !== undefined && new DataView(packet.buffer).getUint16(portsAt + 2) !== 443)
    throw new Error('another port than the selectors hold')
}

function requireAnswer(answer: Uint8Array, input: Uint8Array): void {
  const [told, asked] = [outline(answer), outline(input)]
  if (told.length !== answer.length || answer.length > IPV6_MIN_MTU)
    throw new Error('an answer of wrong length')
  if (!sameBytes(told.destination.bytes, asked.source.bytes)) throw new Error('an answer to somebody else')
}

/** Addresses and length of a packet, and where TCP begins if it follows the fixed header at once. */
function outline(packet: Uint8Array) {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  const at = (from: number, length: number): IpAddress => ({
    family: length === 4 ? 4 : 6,
    bytes: packet.slice(from, from + length),
  })
  if ((packet[0] ?? 0) >> 4 === 6)
    return {
      source: at(8, 16),
      destination: at(24, 16),
      length: 40 + view.getUint16(4),
      portsAt: packet[6] === TCP && packet.length >= 44 ? 40 : undefined,
    }
  const header = 4 * ((packet[0] ?? 0) & 15)
  const isFirst = (view.getUint16(6) & 0x1fff) === 0
  return {
    source: at(12, 4),
    destination: at(16, 4),
    length: view.getUint16(2),
    portsAt: packet[9] === TCP && isFirst && packet.length >= header + 4 ? header : undefined,
  }
}

/** A first packet of the SA with this plaintext, by RFC 4106. */
function seal(plaintext: Uint8Array): Uint8Array {
  const header = new Writer(8).u32(SPI).u32(1).finish()
  const iv = new Uint8Array(8)
  const cipher = createCipheriv('aes-128-gcm', KEY, concatBytes([SALT, iv]))
  cipher.setAAD(header)
  return concatBytes([header, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** ESP for nobody. */
function stray(): Uint8Array {
  return new Writer(16).u32(0xdeadbeef).u32(1).u64(1n).finish()
}

/** A TCP segment to port 443, or back from it. */
function segment(source: string, destination: string, length: number): Uint8Array {
  const tcp = new Writer(20 + length)
    .u16(40_000)
    .u16(443)
    .bytes(new Uint8Array(8))
    .u16(0x5010)
    .bytes(new Uint8Array(6))
    .bytes(asciiBytes('x'.repeat(length)))
    .finish()
  const addresses = concatBytes([address(source).bytes, address(destination).bytes])
  if (source.includes(':'))
    return new Writer(40).u32(0x60000000).u16(tcp.length).u8(TCP).u8(64).bytes(addresses).bytes(tcp).finish()
  const header = new Writer(20)
    .u16(0x4500)
    .u16(20 + tcp.length)
    .u32(0)
    .u8(64)
    .u8(TCP)
    .u16(0)
    .bytes(addresses)
  const bytes = header.finish()
  new DataView(bytes.buffer).setUint16(10, internetChecksum(bytes))
  return concatBytes([bytes, tcp])
}

/** The packet the other way, so that the host may send it. */
function swapped(packet: Uint8Array): Uint8Array {
  const [from, size, ports] = packet[0] === 0x60 ? [8, 16, 40] : [12, 4, 20]
  const part = (at: number, length: number) => packet.subarray(at, at + length)
  return concatBytes([
    part(0, from),
    part(from + size, size),
    part(from, size),
    part(ports + 2, 2),
    part(ports, 2),
    packet.subarray(ports + 4),
  ])
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

const SA: EspSa = {
  keyId: SPI,
  sendSpi: PEER_SPI,
  cipher: 'AES-GCM-128',
  extendedSequence: false,
  replayWindow: 64,
  send: { cipherKey: KEY, integrityKey: SALT },
  receive: { cipherKey: KEY, integrityKey: SALT },
  selectors: {
    local: INSIDE.map(inside => ({ ...prefixSelector(inside), protocol: TCP, startPort: 443, endPort: 443 })),
    remote: CLIENT.map(prefixSelector),
  },
  packetLimit: 0,
  byteLimit: 0,
  hardPacketLimit: 0,
  hardByteLimit: 0,
}

/** Sizes about which the path decides, the third with a last fragment that is a little too long. */
const INNER = [
  segment('10.8.0.2', '192.0.2.80', 5),
  ...[576, 577, 20 + 552 + 560, 1440].map(length => segment('10.8.0.2', '192.0.2.80', length - 40)),
  segment('fd00::2', '2001:db8:ff::80', 5),
  segment('fd00::2', '2001:db8:ff::80', 1400),
]

const SEALED = INNER.map(packet =>
  seal(concatBytes([packet, Uint8Array.of(1, 1, packet[0] === 0x60 ? 41 : 4)])),
)
