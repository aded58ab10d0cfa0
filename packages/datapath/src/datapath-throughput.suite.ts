import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventually, openGateway, PLAIN_CHANNEL } from './datapath-fixture.suite.ts'
import { textPacket } from './inner-packet.suite.ts'

/** So slow that the moments that a test takes carry nothing. */
const SLOW = 10
const TEN_SECONDS = 10_000

export function describeThroughput(harness: Harness): void {
  const setUp = async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ addresses: ['10.8.0.2', 'fd00::2'], seed: 1 })
    return { gateway, client, datapath: harness.fixture.datapath }
  }

  test('past the limit packets to clients are dropped and counted, until time has passed', async () => {
    const { client, datapath } = await setUp()
    datapath.configure({ throughputBytesPerSecond: SLOW })
    const [first, second, third] = ['first', 'second', 'third'].map(text => client.fromHost(text))
    if (!first || !second || !third) throw new Error('no packets')
    harness.fixture.tunWrite(first)
    await client.expectPayloads([first])
    harness.fixture.tunWrite(second)
    await eventually(harness.fixture, 'a drop', () => datapath.totals().overThroughput === 1)
    await harness.fixture.advance(TEN_SECONDS)
    harness.fixture.tunWrite(third)
    await client.expectPayloads([third])
    expect(datapath.counters(client.flow)).toMatchObject({ packetsSent: 2, sendDrops: 0 })
  })

  test('both directions share it', async () => {
    const { client, datapath } = await setUp()
    datapath.configure({ throughputBytesPerSecond: SLOW })
    harness.fixture.tunWrite(client.fromHost('down'))
    await client.expectPayloads([client.fromHost('down')])
    client.send(client.toHost('up'))
    await eventually(harness.fixture, 'a drop', () => datapath.totals().overThroughput === 1)
    expect(datapath.counters(client.flow)).toMatchObject({ packetsReceived: 0, packetsSent: 1, refused: 0 })
  })

  test('from client to client a packet counts once', async () => {
    const { gateway, client, datapath } = await setUp()
    const other = await gateway.connect({
      addresses: ['10.8.0.3', 'fd00::3'],
      seed: 2,
      channel: { ...PLAIN_CHANNEL, peerId: 6 },
    })
    datapath.configure({ clientToClient: true, throughputBytesPerSecond: SLOW })
    const packet = textPacket('10.8.0.2', '10.8.0.3', 'across')
    client.send(packet)
    await other.expectPayloads([packet])
    expect(datapath.totals().overThroughput).toBe(0)
  })

  test('without a limit again, everything passes at once', async () => {
    const { client, datapath } = await setUp()
    datapath.configure({ throughputBytesPerSecond: SLOW })
    harness.fixture.tunWrite(client.fromHost('first'))
    await client.expectPayloads([client.fromHost('first')])
    datapath.configure({ throughputBytesPerSecond: 0 })
    const packets = ['a', 'b', 'c'].map(text => client.fromHost(text))
    for (const packet of packets) harness.fixture.tunWrite(packet)
    await client.expectPayloads(packets)
    expect(datapath.totals().overThroughput).toBe(0)
  })
}
