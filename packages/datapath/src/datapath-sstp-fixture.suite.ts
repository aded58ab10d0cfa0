import { formatHex } from '@causeway/wire'
import { expect } from 'vitest'
import {
  type DatapathFixture,
  eventsOf,
  eventually,
  type Gateway,
  HOST_4,
  openGateway,
  prefix,
} from './datapath-fixture.suite.ts'
import type { FlowCounters, SstpFlowOptions } from './flow.ts'
import type { FlowId, StreamId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'

/** Longest SSTP packet: its length has twelve bits. */
export const LONGEST_PACKET = 4095
/** LCP's echo request in a PPP frame: what a control plane gets beside control messages. */
export const LCP_ECHO: Uint8Array = sstpData(Uint8Array.of(0xff, 3, 0xc0, 0x21, 9, 1, 0, 8, 1, 2, 3, 4))
/** An SSTP control message: echo request ([MS-SSTP] §2.2.13). */
export const ECHO_REQUEST: Uint8Array = Uint8Array.of(0x10, 0x01, 0, 8, 0, 8, 0, 0)

/** A PPP frame in an SSTP data packet. */
export function sstpData(frame: Uint8Array): Uint8Array {
  const length = 4 + frame.length
  return Uint8Array.of(0x10, 0, length >> 8, length & 0xff, ...frame)
}

/** How an IP packet's PPP header is written. */
export interface PppForm {
  readonly addressControl: boolean
  readonly longProtocol: boolean
}

export const FULL_FORM: PppForm = { addressControl: true, longProtocol: true }

/** Every form of the PPP header. */
export const PPP_FORMS: readonly PppForm[] = [
  FULL_FORM,
  { addressControl: true, longProtocol: false },
  { addressControl: false, longProtocol: true },
  { addressControl: false, longProtocol: false },
]

/** An IP packet in PPP, of the protocol that it has or another. */
export function pppIp(packet: Uint8Array, form: PppForm = FULL_FORM, protocol?: 0x21 | 0x57): Uint8Array {
  const number = protocol ?? ((packet[0] as number) >> 4 === 6 ? 0x57 : 0x21)
  return Uint8Array.of(
    ...(form.addressControl ? [0xff, 0x03] : []),
    ...(form.longProtocol ? [0] : []),
    number,
    ...packet,
  )
}

/** Takes SSTP packets apart; throws when one is not as it should be sent, or runs past the end. */
export function cutSstp(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const [version, flags, high, low] = bytes.subarray(at, at + 4) as unknown as number[]
    const length = ((high ?? 0) << 8) | (low ?? 0)
    if (version !== 0x10 || (flags ?? 2) > 1 || length < 4 || length > LONGEST_PACKET)
      throw new Error(`no SSTP packet at ${at}: ${formatHex(bytes.subarray(at, at + 4))}`)
    if (at + length > bytes.length) throw new Error('a packet runs past the end')
    packets.push(bytes.slice(at, at + length))
    at += length
  }
  return packets
}

/** Lets time pass in every so many rounds, so that control packets do not come faster than they may. */
export async function restNow(fixture: DatapathFixture, round: number): Promise<void> {
  if (round % 50 === 49) await fixture.advance(5_000)
}

export interface SstpClientOptions {
  /** Inner addresses, each routed to the client's flow. */
  readonly addresses: readonly string[]
  readonly flow: Partial<SstpFlowOptions>
  readonly recordPerPacket: boolean
}

/** A client's stream, on which no flow is open yet. */
export class SstpClient {
  readonly fixture: DatapathFixture
  readonly stream: StreamId
  readonly addresses: readonly string[]
  readonly #options: Partial<SstpClientOptions>
  #flow: FlowId | undefined

  constructor(fixture: DatapathFixture, options: Partial<SstpClientOptions> = {}) {
    const { recordPerPacket } = options
    this.fixture = fixture
    this.addresses = options.addresses ?? ['10.8.0.2', 'fd00::2']
    this.stream = fixture.datapath.openStream({
      framing: 'sstp',
      ...(recordPerPacket === undefined ? {} : { recordPerPacket }),
    })
    this.#options = options
  }

  get flow(): FlowId {
    if (this.#flow === undefined) throw new Error('no flow is open')
    return this.#flow
  }

  get counters(): FlowCounters {
    return this.fixture.datapath.counters(this.flow)
  }

  openFlow(): void {
    const { datapath } = this.fixture
    const flow = datapath.openFlow({
      protocol: 'sstp',
      path: { type: 'stream', stream: this.stream },
      clampBytes: 1400,
      innerMtu: 1400,
      compressAddressControl: false,
      compressProtocol: false,
      idleTimeoutSeconds: 0,
      ...this.#options.flow,
    })
    datapath.changeRoutes(
      this.addresses.map(address => ({ type: 'add', prefix: prefix(address), flow }) as const),
    )
    this.#flow = flow
  }

  /** What comes by the connection: SSTP packets, or pieces of them. */
  input(...pieces: readonly Uint8Array[]): void {
    this.fixture.datapath.streamInput(this.stream, new Uint8Array(Buffer.concat(pieces)))
  }

  /** An IP packet as the client sends it. */
  send(packet: Uint8Array, form?: PppForm): void {
    this.input(sstpData(pppIp(packet, form)))
  }

  /** An inner packet of this client to the host behind the gateway. */
  toHost(text: string): Uint8Array {
    return textPacket(this.addresses[0] as string, HOST_4, text)
  }

  /** An inner packet of the host to this client. */
  fromHost(text: string): Uint8Array {
    return textPacket(HOST_4, this.addresses[0] as string, text)
  }

  /** The control packets that came up so far. */
  control(): Uint8Array[] {
    return eventsOf(this.fixture, 'control')
      .filter(({ stream }) => stream === this.stream)
      .map(({ bytes }) => bytes)
  }

  /** All that the stream has to write. */
  takeBytes(): Uint8Array {
    const taken: Uint8Array[] = []
    for (;;) {
      const bytes = this.fixture.datapath.takeStreamOutput(this.stream)
      if (!bytes) return new Uint8Array(Buffer.concat(taken))
      taken.push(bytes)
    }
  }

  /** All that the stream has to write, as SSTP packets. */
  takePackets(): Uint8Array[] {
    return cutSstp(this.takeBytes())
  }

  /** SSTP packets of the stream, at least so many. */
  async receive(count: number): Promise<Uint8Array[]> {
    const packets: Uint8Array[] = []
    await eventually(this.fixture, `${count} packets in the stream`, () => {
      packets.push(...this.takePackets())
      return packets.length >= count
    })
    return packets
  }

  /** Waits until exactly these IP packets have come from the gateway, in this order and form. */
  async expectPackets(packets: readonly Uint8Array[], form?: PppForm): Promise<void> {
    const received = await this.receive(packets.length)
    expect(received.map(formatHex)).toEqual(packets.map(packet => formatHex(sstpData(pppIp(packet, form)))))
  }

  /** Sends a packet and expects that it alone comes to the host: what was before has been refused. */
  async expectNothingBefore(gateway: Gateway): Promise<void> {
    this.send(this.toHost('marker'))
    await gateway.expectHost([this.toHost('marker')])
  }
}

/** A datapath with a TUN device, and a client whose flow is open. */
export async function connectSstp(
  fixture: DatapathFixture,
  options: Partial<SstpClientOptions> = {},
): Promise<{ gateway: Gateway; client: SstpClient }> {
  const gateway = await openGateway(fixture)
  const client = new SstpClient(fixture, options)
  client.openFlow()
  return { gateway, client }
}
