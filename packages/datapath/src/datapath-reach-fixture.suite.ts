import { internetChecksum } from '@causeway/wire'
import { expect } from 'vitest'
import { openEspGateway } from './datapath-esp-fixture.suite.ts'
import {
  type DatapathFixture,
  eventually,
  type Gateway,
  openGateway,
  openStreamClient,
  PLAIN_CHANNEL,
} from './datapath-fixture.suite.ts'
import { SstpClient } from './datapath-sstp-fixture.suite.ts'
import type { FlowCounters } from './flow.ts'
import type { FlowId } from './ids.ts'
import { ipPacket } from './inner-packet.suite.ts'

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMPV6 = 58

/** A client of whatever flow, at 10.8.0.2 and fd00::2, and the gateway that it is at. */
export interface LimitedClient {
  readonly gateway: Gateway
  readonly flow: FlowId
  send(packet: Uint8Array): void
  /** Waits until exactly these packets have come to the client. */
  expectPackets(packets: readonly Uint8Array[]): Promise<void>
}

export type ConnectLimited = (fixture: DatapathFixture) => Promise<LimitedClient>

/** Every kind of flow. */
export const FLOW_KINDS: readonly (readonly [string, ConnectLimited])[] = [
  [
    'OpenVPN over UDP',
    async fixture => {
      const gateway = await openGateway(fixture)
      const client = await gateway.connect()
      const expectPackets = (packets: readonly Uint8Array[]) => client.expectPayloads(packets)
      return { gateway, flow: client.flow, send: packet => client.send(packet), expectPackets }
    },
  ],
  [
    'OpenVPN over a stream',
    async fixture => {
      const gateway = await openGateway(fixture)
      const client = openStreamClient(gateway)
      const expectPackets = (packets: readonly Uint8Array[]) => client.expectPayloads(packets)
      return { gateway, flow: client.flow, send: packet => client.send(packet), expectPackets }
    },
  ],
  [
    'SSTP',
    async fixture => {
      const gateway = await openGateway(fixture)
      const client = new SstpClient(fixture)
      client.openFlow()
      const expectPackets = (packets: readonly Uint8Array[]) => client.expectPackets(packets)
      return { gateway, flow: client.flow, send: packet => client.send(packet), expectPackets }
    },
  ],
  [
    'ESP',
    async fixture => {
      const gateway = await openEspGateway(fixture)
      const client = await gateway.connectEsp()
      const expectPackets = (packets: readonly Uint8Array[]) => client.expectPayloads(packets)
      return { gateway, flow: client.flow, send: packet => client.send(packet), expectPackets }
    },
  ],
]

/** Another client beside it, at 10.8.0.3 and fd00::3. */
export function connectOther(gateway: Gateway): LimitedClient {
  const channel = { ...PLAIN_CHANNEL, peerId: 6 }
  const client = openStreamClient(gateway, { channel, addresses: ['10.8.0.3', 'fd00::3'], seed: 9 })
  const expectPackets = (packets: readonly Uint8Array[]) => client.expectPayloads(packets)
  return { gateway, flow: client.flow, send: packet => client.send(packet), expectPackets }
}

export function countersOf({ gateway, flow }: LimitedClient): FlowCounters {
  return gateway.fixture.datapath.counters(flow)
}

/** Sends all from the client and expects that just the good ones come to the host, and the bad ones are counted. */
export async function expectInbound(
  client: LimitedClient,
  good: readonly Uint8Array[],
  bad: readonly Uint8Array[],
): Promise<void> {
  const { packetsReceived, refused, sourceViolations } = countersOf(client)
  for (const packet of [...bad, ...good]) client.send(packet)
  await client.gateway.expectHost(good)
  await eventually(
    client.gateway.fixture,
    'all refused',
    () => countersOf(client).refused >= refused + bad.length,
  )
  expect(countersOf(client)).toMatchObject({
    packetsReceived: packetsReceived + good.length,
    refused: refused + bad.length,
    sourceViolations,
  })
}

/** Sends all from the host and expects that just the good ones come to the client, and the bad ones are counted. */
export async function expectOutbound(
  client: LimitedClient,
  good: readonly Uint8Array[],
  bad: readonly Uint8Array[],
): Promise<void> {
  const { packetsSent, sendDrops } = countersOf(client)
  for (const packet of [...bad, ...good]) client.gateway.fixture.tunWrite(packet)
  if (good.length > 0) await client.expectPackets(good)
  await eventually(
    client.gateway.fixture,
    'all dropped',
    () => countersOf(client).sendDrops >= sendDrops + bad.length,
  )
  expect(countersOf(client)).toMatchObject({
    packetsSent: packetsSent + good.length,
    sendDrops: sendDrops + bad.length,
  })
}

/** A packet that begins with these ports. */
export function withPorts(
  source: string,
  destination: string,
  [from, to]: readonly [number, number],
  protocol = TCP,
): Uint8Array {
  return ipPacket(
    source,
    destination,
    Uint8Array.of(from >> 8, from & 255, to >> 8, to & 255, 0, 0, 0, 0),
    protocol,
  )
}

/** An IPv4 packet with its fragment offset, in units of eight bytes, and flags. */
export function fragmentOf(packet: Uint8Array, offset: number, flags = 0): Uint8Array {
  const copy = packet.slice()
  copy[6] = flags
  copy[7] = offset
  return rightened(copy)
}

/** An IPv4 packet with options, whose length is a multiple of four, behind its header. */
export function withOptions(packet: Uint8Array, options: readonly number[]): Uint8Array {
  const copy = Uint8Array.of(...packet.subarray(0, 20), ...options, ...packet.subarray(20))
  copy[0] = 0x45 + options.length / 4
  new DataView(copy.buffer).setUint16(2, copy.length)
  return rightened(copy)
}

function rightened(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer)
  view.setUint16(10, 0)
  view.setUint16(10, internetChecksum(packet.subarray(0, 4 * ((packet[0] as number) & 15))))
  return packet
}

/** An ICMP error about a packet (its first bytes are given), in the family of the addresses. */
export function icmpError(source: string, destination: string, type: number, about: Uint8Array): Uint8Array {
  const body = Uint8Array.of(type, 4, 0, 0, 0, 0, 5, 0, ...about)
  return ipPacket(source, destination, body, source.includes(':') ? ICMPV6 : ICMP)
}
