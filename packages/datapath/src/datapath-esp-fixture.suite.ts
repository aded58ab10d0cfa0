import { type Endpoint, formatHex } from '@causeway/wire'
import { expect } from 'vitest'
import {
  type DatapathFixture,
  endpoint,
  eventually,
  Gateway,
  HOST_4,
  prefix,
  type UdpPeer,
} from './datapath-fixture.suite.ts'
import {
  type EspChannel,
  type EspChannelKeys,
  espPlaintext,
  makeEspKeys,
  makeSa,
  type OpenedEsp,
  openEsp,
  sealEsp,
} from './esp-peer.suite.ts'
import type { EspFlowOptions, EspSa } from './flow.ts'
import type { FlowId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'

/** A channel for tests that are not about ciphers. */
export const GCM_CHANNEL: EspChannel = {
  cipher: 'AES-GCM-256',
  extendedSequence: false,
  spi: 0xc0010001,
  sendSpi: 0xb0010001,
}

/** Another channel beside it, for another client or the next key. */
export const NEXT_CHANNEL: EspChannel = { ...GCM_CHANNEL, spi: 0xc0020002, sendSpi: 0xb0020002 }

export interface EspClientOptions {
  readonly channel: EspChannel
  /** Inner addresses, each routed to the client's flow. */
  readonly addresses: readonly string[]
  readonly flow: Partial<EspFlowOptions>
  readonly sa: Partial<EspSa>
  readonly seed: number
}

/** A datapath with a TUN device and a port for UDP encapsulation, bound to loopback or to `bind`. */
export async function openEspGateway(
  fixture: DatapathFixture,
  family: 4 | 6 = 4,
  bind: string = family === 4 ? '127.0.0.1' : '::1',
): Promise<EspGateway> {
  fixture.datapath.openTun({ name: 'cwtest%d', mtu: 1500 })
  const { address } = endpoint(bind, 1)
  const { id, local } = fixture.datapath.openPort({ address, port: 0, protocol: 'ike-esp' })
  return new EspGateway(fixture, family, id, local)
}

export class EspGateway extends Gateway {
  /** A client with a flow, a selected SA and routes. */
  async connectEsp(options: Partial<EspClientOptions> = {}): Promise<EspClient> {
    return new EspClient(this, await this.fixture.openPeer(this.family), options)
  }
}

export class EspClient {
  readonly gateway: EspGateway
  readonly peer: UdpPeer
  readonly flow: FlowId
  readonly channel: EspChannel
  readonly keys: EspChannelKeys
  readonly addresses: readonly string[]
  #sequence = 0
  #received: Uint8Array[] = []

  constructor(gateway: EspGateway, peer: UdpPeer, options: Partial<EspClientOptions>) {
    const { datapath } = gateway.fixture
    this.gateway = gateway
    this.peer = peer
    this.channel = options.channel ?? GCM_CHANNEL
    this.addresses = options.addresses ?? ['10.8.0.2', 'fd00::2']
    this.keys = makeEspKeys(this.channel, options.seed)
    const path = { type: 'udp', port: gateway.port, remote: peer.endpoint } as const
    const base = { protocol: 'esp', path, clampBytes: 1400, innerMtu: 1400, idleTimeoutSeconds: 0 } as const
    const flow = datapath.openFlow({ ...base, ...options.flow })
    this.flow = flow
    datapath.installKey(flow, makeSa(this.channel, this.keys, options.sa))
    datapath.selectKey(flow, this.channel.spi)
    datapath.changeRoutes(
      this.addresses.map(address => ({ type: 'add', prefix: prefix(address), flow }) as const),
    )
  }

  get fixture(): DatapathFixture {
    return this.gateway.fixture
  }

  /** A sealed packet with the next sequence number, or the one given. */
  seal(payload: Uint8Array, sequence: number = ++this.#sequence): Uint8Array {
    return sealEsp(this.channel, this.keys.receive, sequence, espPlaintext(this.channel, payload))
  }

  /** Sends bytes to the gateway's port. */
  sendRaw(bytes: Uint8Array, from: UdpPeer = this.peer, to: Endpoint = this.gateway.local): void {
    from.send(to, bytes)
  }

  /** Seals and sends a payload with the next sequence number, or the one given. */
  send(payload: Uint8Array, sequence?: number): void {
    this.sendRaw(this.seal(payload, sequence))
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

  /** Packets from the gateway, opened, at least so many. */
  async receive(count: number, on: UdpPeer = this.peer): Promise<OpenedEsp[]> {
    const packets = await this.receiveRaw(count, on)
    return packets.map(packet => openEsp(this.channel, this.keys.send, packet))
  }

  /** Waits until exactly these payloads have come from the gateway, in this order. */
  async expectPayloads(payloads: readonly Uint8Array[], on: UdpPeer = this.peer): Promise<void> {
    const opened = await this.receive(payloads.length, on)
    expect(opened.map(({ payload }) => formatHex(payload))).toEqual(payloads.map(formatHex))
  }

  /**
   * Sends a packet that must arrive after all that was sent before, and expects that it alone
   * comes to the host: what was before has been refused.
   */
  async expectNothingBefore(sequence?: number): Promise<void> {
    const marker = this.toHost(`marker ${sequence ?? 'next'}`)
    this.send(marker, sequence)
    await this.gateway.expectHost([marker])
  }
}

/** The packet with one bit turned. */
export function tampered(packet: Uint8Array, at: number): Uint8Array {
  const copy = packet.slice()
  const index = at < 0 ? copy.length + at : at
  copy[index] = (copy[index] as number) ^ 0x10
  return copy
}
