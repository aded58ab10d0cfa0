import { expect, test } from 'vitest'
import { eventually, type Harness, HOST_4, prefix } from './datapath-fixture.suite.ts'
import {
  type ConnectLimited,
  connectOther,
  countersOf,
  expectInbound,
  icmpError,
  TCP,
  withPorts,
} from './datapath-reach-fixture.suite.ts'
import { SstpClient } from './datapath-sstp-fixture.suite.ts'
import { selector } from './esp-peer.suite.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'

const UNREACHABLE = 3

/** From client to client each has its own limit. The other one is at 10.8.0.3. */
export function describeReachBetweenClients(harness: Harness, connect: ConnectLimited): void {
  const connectBoth = async () => {
    const client = await connect(harness.fixture)
    const { datapath } = harness.fixture
    datapath.configure({ clientToClient: true })
    return { client, other: connectOther(client.gateway), datapath }
  }
  const there = textPacket('10.8.0.2', '10.8.0.3', 'there')
  const there6 = textPacket('fd00::2', 'fd00::3', 'there')
  const back = textPacket('10.8.0.3', '10.8.0.2', 'back')

  test('another client that is no destination is neither reached nor heard', async () => {
    const { client, other, datapath } = await connectBoth()
    datapath.limitFlow(client.flow, [selector('192.0.2.0/24')])
    await expectInbound(client, [textPacket('10.8.0.2', HOST_4, 'marker')], [there, there6])
    expect(countersOf(other)).toMatchObject({ packetsSent: 0, sendDrops: 0 })
    other.send(back)
    await eventually(harness.fixture, 'one dropped', () => countersOf(client).sendDrops === 1)
    expect(countersOf(client).packetsSent).toBe(0)
    datapath.limitFlow(client.flow, [selector('10.8.0.0/24')])
    client.send(there)
    await other.expectPackets([there])
    other.send(back)
    await client.expectPackets([back])
  })

  test('the limit of the one that receives counts too', async () => {
    const { client, other, datapath } = await connectBoth()
    datapath.limitFlow(other.flow, [selector('fd00::2')])
    client.send(there)
    client.send(there6)
    await other.expectPackets([there6])
    expect(countersOf(other)).toMatchObject({ sendDrops: 1, packetsSent: 1 })
    // An answer would be refused as well.
    other.send(back)
    await eventually(harness.fixture, 'one refused', () => countersOf(other).refused === 1)
  })

  test('a client cannot make itself heard by reports', async () => {
    const { client, other, datapath } = await connectBoth()
    datapath.limitFlow(other.flow, [selector('192.0.2.0/24')])
    const about = withPorts('10.8.0.3', HOST_4, [1024, 443])
    client.send(icmpError('10.8.0.2', '10.8.0.3', UNREACHABLE, about))
    await eventually(harness.fixture, 'one dropped', () => countersOf(other).sendDrops === 1)
    // The same from where packets to the host go through.
    const report = icmpError('203.0.113.1', '10.8.0.3', UNREACHABLE, about)
    harness.fixture.tunWrite(report)
    await other.expectPackets([report])
  })

  test('that a packet is too big for another client is told to the one that sent it', async () => {
    const { client, datapath } = await connectBoth()
    const narrow = new SstpClient(harness.fixture, { addresses: ['10.8.0.4'], flow: { innerMtu: 600 } })
    narrow.openFlow()
    datapath.limitFlow(client.flow, [selector('10.8.0.4', { protocol: TCP, startPort: 443, endPort: 443 })])
    const body = Uint8Array.of(4, 0, 443 >> 8, 443 & 255, ...new Uint8Array(996))
    const packet = ipPacket('10.8.0.2', '10.8.0.4', body, TCP)
    packet[6] = 0x40
    client.send(packet)
    await eventually(harness.fixture, 'a message', () => countersOf(client).packetsSent === 1)
    expect(countersOf(client)).toMatchObject({ sendDrops: 0, refused: 0 })
    expect(narrow.counters).toMatchObject({ sendDrops: 1, packetsSent: 0 })
  })

  test('a limit goes with its flow, not with the address', async () => {
    const { client, other, datapath } = await connectBoth()
    datapath.limitFlow(client.flow, [])
    datapath.closeFlow(client.flow)
    datapath.changeRoutes([{ type: 'add', prefix: prefix('10.8.0.2'), flow: other.flow }])
    const fromHost = textPacket(HOST_4, '10.8.0.2', 'for the new owner')
    harness.fixture.tunWrite(fromHost)
    await other.expectPackets([fromHost])
  })
}
