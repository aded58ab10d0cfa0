import { type Endpoint, formatHex, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { expect } from 'vitest'
import type { Datapath } from './datapath.ts'
import type { DatapathEvent } from './datapath-event.ts'
import {
  type Channel,
  type ChannelKeys,
  makeKeys,
  makeSlot,
  openPacket,
  sealPacket,
} from './datapath-peer.suite.ts'
import type { OpenVpnFlowOptions, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, PortId, StreamId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'

/** A UDP socket beside the datapath, on loopback of one family. */
export interface UdpPeer {
  readonly endpoint: Endpoint
  send(remote: Endpoint, bytes: Uint8Array): void
  /** What has arrived since the last call. */
  received(): Uint8Array[]
  /** Where all that has arrived so far came from. */
  sources(): readonly Endpoint[]
}

/**
 * One datapath under test, with one worker, and the ends around it. The suite never waits for a
 * time: it asks `settle` again and again until what it expects is there.
 */
export interface DatapathFixture {
  readonly datapath: Datapath
  /** Every event so far, in order. */
  readonly events: readonly DatapathEvent[]
  /** Puts an inner packet where the host's kernel would. */
  tunWrite(packet: Uint8Array): void
  /** Inner packets that came out since the last call, each by itself (not coalesced). */
  tunRead(): Uint8Array[]
  openPeer(family: 4 | 6): Promise<UdpPeer>
  /** Lets what is under way come a step further; real implementations wait a millisecond or so. */
  settle(): Promise<void>
  /** Lets this time pass for pings, idle times and event pacing. */
  advance(milliseconds: number): Promise<void>
  /** Closes the datapath and everything beside it. */
  close(): Promise<void>
}

export type DatapathFactory = () => Promise<DatapathFixture>

/** Steps that a real implementation gets before an expectation has failed. */
const MOST_STEPS = 2000

/** Settles until `found` gives something. */
export async function eventually<T>(
  fixture: DatapathFixture,
  what: string,
  found: () => T | undefined | false,
): Promise<T> {
  for (let step = 0; step < MOST_STEPS; step++) {
    const value = found()
    if (value !== undefined && value !== false) return value
    await fixture.settle()
  }
  throw new Error(`did not happen: ${what}`)
}

/** The first event of a type, once it has come. */
export function eventOf<Type extends DatapathEvent['type']>(
  fixture: DatapathFixture,
  type: Type,
): Promise<Extract<DatapathEvent, { type: Type }>> {
  return eventually(fixture, `event ${type}`, () => eventsOf(fixture, type)[0])
}

/** The events of a type so far. */
export function eventsOf<Type extends DatapathEvent['type']>(
  fixture: DatapathFixture,
  type: Type,
): Extract<DatapathEvent, { type: Type }>[] {
  return fixture.events.filter(event => event.type === type) as Extract<DatapathEvent, { type: Type }>[]
}

export function prefix(text: string): IpPrefix {
  const parsed = parseIpPrefix(text)
  if (!parsed) throw new TypeError(`not a prefix: ${text}`)
  return parsed
}

export function endpoint(address: string, port: number): Endpoint {
  const parsed = parseIpAddress(address)
  if (!parsed) throw new TypeError(`not an address: ${address}`)
  return { address: parsed, port }
}

/** The host behind the gateway that the clients talk to. */
export const HOST_4 = '192.0.2.80'
export const HOST_6 = '2001:db8:ff::80'

/** A channel for tests that are not about ciphers. */
export const PLAIN_CHANNEL: Channel = { cipher: 'AES-256-GCM', format: 'standard', keyId: 0, peerId: 5 }

export interface ClientOptions {
  readonly channel: Channel
  /** Inner addresses, each routed to the client's flow. */
  readonly addresses: readonly string[]
  readonly flow: Partial<OpenVpnFlowOptions>
  readonly slot: Partial<OpenVpnKeySlot>
  readonly seed: number
}

/** A datapath with a TUN device and a UDP port of one outer family. */
export async function openGateway(fixture: DatapathFixture, family: 4 | 6 = 4): Promise<Gateway> {
  fixture.datapath.openTun({ name: 'cwtest%d', mtu: 1500 })
  const address = endpoint(family === 4 ? '127.0.0.1' : '::1', 1).address
  const { id, local } = fixture.datapath.openPort({ address, port: 0, protocol: 'openvpn' })
  return new Gateway(fixture, family, id, local)
}

export class Gateway {
  readonly fixture: DatapathFixture
  readonly family: 4 | 6
  readonly port: PortId
  readonly local: Endpoint
  #toHost: Uint8Array[] = []

  constructor(fixture: DatapathFixture, family: 4 | 6, port: PortId, local: Endpoint) {
    this.fixture = fixture
    this.family = family
    this.port = port
    this.local = local
  }

  /** A client with a flow, a selected key and routes. */
  async connect(options: Partial<ClientOptions> = {}): Promise<Client> {
    const peer = await this.fixture.openPeer(this.family)
    const path = { type: 'udp', port: this.port, remote: peer.endpoint } as const
    const client = new Client(this, peer, { path, ...options.flow }, options)
    return client
  }

  /** Waits until exactly these packets have come to the host, in this order. */
  async expectHost(packets: readonly Uint8Array[]): Promise<void> {
    await eventually(this.fixture, `${packets.length} packets for the host`, () => {
      this.#toHost.push(...this.fixture.tunRead())
      return this.#toHost.length >= packets.length
    })
    const got = this.#toHost.map(formatHex)
    this.#toHost = []
    expect(got).toEqual(packets.map(formatHex))
  }
}

export class Client {
  readonly gateway: Gateway
  readonly peer: UdpPeer
  readonly flow: FlowId
  readonly channel: Channel
  readonly addresses: readonly string[]
  readonly keys: ChannelKeys
  #packetId = 0
  #received: Uint8Array[] = []

  constructor(
    gateway: Gateway,
    peer: UdpPeer,
    flow: Pick<OpenVpnFlowOptions, 'path'> & Partial<OpenVpnFlowOptions>,
    options: Partial<ClientOptions>,
  ) {
    const { datapath } = gateway.fixture
    this.gateway = gateway
    this.peer = peer
    this.channel = options.channel ?? PLAIN_CHANNEL
    this.addresses = options.addresses ?? ['10.8.0.2', 'fd00::2']
    this.keys = makeKeys(this.channel, options.seed)
    const { peerId } = this.channel
    const defaults = { clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 }
    this.flow = datapath.openFlow({ ...defaults, ...(peerId === undefined ? {} : { peerId }), ...flow })
    datapath.installKey(this.flow, makeSlot(this.channel, this.keys, options.slot))
    datapath.selectKey(this.flow, this.channel.keyId)
    const to = this.flow
    datapath.changeRoutes(
      this.addresses.map(address => ({ type: 'add', prefix: prefix(address), flow: to }) as const),
    )
  }

  get fixture(): DatapathFixture {
    return this.gateway.fixture
  }

  /** A sealed packet with the next packet id, or the one given. */
  seal(payload: Uint8Array, packetId: number = ++this.#packetId, epoch = 1): Uint8Array {
    return sealPacket(this.channel, this.keys.receive, packetId, payload, epoch)
  }

  /** Sends bytes to the gateway's port. */
  sendRaw(bytes: Uint8Array, from: UdpPeer = this.peer): void {
    from.send(this.gateway.local, bytes)
  }

  /** Seals and sends a payload with the next packet id, or the one given. */
  send(payload: Uint8Array, packetId?: number): void {
    this.sendRaw(this.seal(payload, packetId))
  }

  /** An inner packet of this client to the host behind the gateway. */
  toHost(text: string): Uint8Array {
    return textPacket(this.addresses[0] as string, HOST_4, text)
  }

  /** An inner packet of the host to this client. */
  fromHost(text: string): Uint8Array {
    return textPacket(HOST_4, this.addresses[0] as string, text)
  }

  /** Packets as they came from the gateway, at least so many. */
  async receiveRaw(count: number, on: UdpPeer = this.peer): Promise<Uint8Array[]> {
    await eventually(this.fixture, `${count} packets for the client`, () => {
      this.#received.push(...on.received())
      return this.#received.length >= count
    })
    const packets = this.#received
    this.#received = []
    return packets
  }

  /** Waits until exactly these payloads have come from the gateway, in this order. */
  async expectPayloads(payloads: readonly Uint8Array[], on: UdpPeer = this.peer): Promise<void> {
    const packets = await this.receiveRaw(payloads.length, on)
    const opened = packets.map(packet => openPacket(this.channel, this.keys.send, packet).payload)
    expect(opened.map(formatHex)).toEqual(payloads.map(formatHex))
  }

  /**
   * Sends a packet that must arrive after all that was sent before, and expects that it alone
   * comes to the host: what was before has been refused.
   */
  async expectNothingBefore(packetId?: number): Promise<void> {
    const marker = this.toHost(`marker ${packetId ?? 'next'}`)
    this.send(marker, packetId)
    await this.gateway.expectHost([marker])
  }
}

/** A client whose flow goes over a stream. */
export function openStreamClient(gateway: Gateway, options: Partial<ClientOptions> = {}): StreamClient {
  const stream = gateway.fixture.datapath.openStream({ framing: 'openvpn' })
  return new StreamClient(gateway, stream, options)
}

/** Bytes behind their 16-bit length. */
export function frame(packet: Uint8Array): Uint8Array {
  const framed = new Uint8Array(2 + packet.length)
  framed[0] = packet.length >> 8
  framed[1] = packet.length & 0xff
  framed.set(packet, 2)
  return framed
}

/** Takes frames apart; throws when they do not end with the bytes. */
export function unframe(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    if (at + 2 + length > bytes.length) throw new Error('a frame runs past the end')
    packets.push(bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return packets
}

export class StreamClient extends Client {
  readonly stream: StreamId

  constructor(gateway: Gateway, stream: StreamId, options: Partial<ClientOptions>) {
    const noPeer: UdpPeer = {
      endpoint: endpoint('127.0.0.1', 1),
      send: () => {},
      received: () => [],
      sources: () => [],
    }
    super(gateway, noPeer, { path: { type: 'stream', stream }, ...options.flow }, options)
    this.stream = stream
  }

  override sendRaw(bytes: Uint8Array): void {
    this.fixture.datapath.streamInput(this.stream, frame(bytes))
  }

  /** All that the stream has to write, as packets. */
  takePackets(): Uint8Array[] {
    const packets: Uint8Array[] = []
    for (;;) {
      const bytes = this.fixture.datapath.takeStreamOutput(this.stream)
      if (!bytes) return packets
      packets.push(...unframe(bytes))
    }
  }

  override async receiveRaw(count: number): Promise<Uint8Array[]> {
    const packets: Uint8Array[] = []
    await eventually(this.fixture, `${count} packets in the stream`, () => {
      packets.push(...this.takePackets())
      return packets.length >= count
    })
    return packets
  }
}

/** The datapath of the running test. */
export interface Harness {
  readonly fixture: DatapathFixture
}
