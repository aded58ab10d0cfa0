import { formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import { type EspClient, GCM_CHANNEL, NEXT_CHANNEL, openEspGateway } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually } from './datapath-fixture.suite.ts'
import { espPlaintext, makeEspKeys, makeSa, openEsp, sealEsp } from './esp-peer.suite.ts'
import type { EspSa } from './flow.ts'

export function describeEspKeys(harness: Harness): void {
  /** The next pair of SAs, installed beside the client's first; `seal` is its peer's. */
  const installNext = (client: EspClient, more: Partial<EspSa> = {}) => {
    const keys = makeEspKeys(NEXT_CHANNEL, 77)
    harness.fixture.datapath.installKey(client.flow, makeSa(NEXT_CHANNEL, keys, more))
    let sequence = 0
    const seal = (payload: Uint8Array) =>
      sealEsp(NEXT_CHANNEL, keys.receive, ++sequence, espPlaintext(NEXT_CHANNEL, payload))
    const open = (packet: Uint8Array) => openEsp(NEXT_CHANNEL, keys.send, packet)
    return { keys, seal, open }
  }
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)

  /*
   *  peer                                    datapath
   *   old ->                                 install next     receives by both, sends by old
   *   new ->  old ->  new -> …               select next      receives by both, sends by next
   *   new ->                                 remove old       receives and sends by next
   */
  test('a rekey loses no packet in either direction', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const { datapath } = harness.fixture
    const up: Uint8Array[] = []
    const down: Uint8Array[] = []
    const traffic = (count: number, seal: (i: number) => (payload: Uint8Array) => Uint8Array) => {
      for (let i = 0; i < count; i++) {
        up.push(client.toHost(`up ${up.length}`))
        client.sendRaw(seal(i)(up.at(-1) as Uint8Array))
        down.push(client.fromHost(`down ${down.length}`))
        harness.fixture.tunWrite(down.at(-1) as Uint8Array)
      }
    }
    const old = (payload: Uint8Array) => client.seal(payload)
    traffic(20, () => old)
    await gateway.expectHost(up.splice(0))
    const oldOnes = await client.receiveRaw(20)
    const next = installNext(client)
    traffic(20, i => (i % 2 === 0 ? next.seal : old))
    await gateway.expectHost(up.splice(0))
    oldOnes.push(...(await client.receiveRaw(20)))
    datapath.selectKey(client.flow, NEXT_CHANNEL.spi)
    traffic(20, i => (i % 3 === 0 ? old : next.seal))
    await gateway.expectHost(up.splice(0))
    const newOnes = await client.receiveRaw(20)
    datapath.removeKey(client.flow, GCM_CHANNEL.spi)
    traffic(20, () => next.seal)
    await gateway.expectHost(up)
    newOnes.push(...(await client.receiveRaw(20)))
    const opened = [
      ...oldOnes.map(packet => openEsp(client.channel, client.keys.send, packet)),
      ...newOnes.map(next.open),
    ]
    expect(opened.map(({ payload }) => formatHex(payload))).toEqual(down.map(formatHex))
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1)
    expect(opened.map(({ sequence }) => sequence)).toEqual([...numbers, ...numbers])
    expect(counters(client)).toMatchObject({
      packetsReceived: 80,
      packetsSent: 80,
      authenticationFailures: 0,
      replays: 0,
      sendDrops: 0,
    })
    expect(datapath.totals().unknownFlow).toBe(0)
  })

  test('each SA has its own sequence numbers and replay window', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const { seal } = installNext(client)
    client.send(client.toHost('old'), 1)
    client.sendRaw(seal(client.toHost('new')))
    await gateway.expectHost([client.toHost('old'), client.toHost('new')])
    expect(counters(client).replays).toBe(0)
  })

  test('a removed SA receives no more: its SPI is unknown', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const { seal } = installNext(client)
    const { datapath } = harness.fixture
    datapath.removeKey(client.flow, GCM_CHANNEL.spi)
    client.send(client.toHost('removed'))
    client.sendRaw(seal(client.toHost('kept')))
    await gateway.expectHost([client.toHost('kept')])
    expect(datapath.totals().unknownFlow).toBe(1)
    expect(await eventOf(harness.fixture, 'unknown-spi')).toMatchObject({ spi: GCM_CHANNEL.spi })
  })

  test('a closed flow takes its SAs with it, and their SPIs are free', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const { datapath } = harness.fixture
    datapath.closeFlow(client.flow)
    client.send(client.toHost('too late'))
    await eventually(harness.fixture, 'unknown', () => datapath.totals().unknownFlow === 1)
    const again = await gateway.connectEsp({ seed: 9 })
    again.send(again.toHost('anew'))
    await gateway.expectHost([again.toHost('anew')])
  })

  test('an SA of the same SPI replaces the one before, and stays selected', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    client.send(client.toHost('before'))
    await gateway.expectHost([client.toHost('before')])
    const keys = makeEspKeys(GCM_CHANNEL, 50)
    harness.fixture.datapath.installKey(client.flow, makeSa(GCM_CHANNEL, keys))
    const plaintext = espPlaintext(GCM_CHANNEL, client.toHost('after'))
    client.sendRaw(sealEsp(GCM_CHANNEL, keys.receive, 1, plaintext))
    await gateway.expectHost([client.toHost('after')])
    harness.fixture.tunWrite(client.fromHost('after'))
    const [packet] = await client.receiveRaw(1)
    const opened = openEsp(GCM_CHANNEL, keys.send, packet as Uint8Array)
    expect(opened).toMatchObject({ sequence: 1, payload: client.fromHost('after') })
  })

  test('without a selected SA packets to send are dropped and counted', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    harness.fixture.datapath.removeKey(client.flow, GCM_CHANNEL.spi)
    harness.fixture.tunWrite(client.fromHost('no key'))
    await eventually(harness.fixture, 'a drop', () => counters(client).sendDrops === 1)
    expect(counters(client).packetsSent).toBe(0)
  })

  test('a late packet of the old SA is no float after the new one has received', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const elsewhere = await harness.fixture.openPeer(4)
    const { seal } = installNext(client)
    client.sendRaw(seal(client.toHost('new')))
    await gateway.expectHost([client.toHost('new')])
    client.sendRaw(client.seal(client.toHost('old')), elsewhere)
    await gateway.expectHost([client.toHost('old')])
    client.sendRaw(seal(client.toHost('new again')))
    await gateway.expectHost([client.toHost('new again')])
    expect(eventsOf(harness.fixture, 'float')).toEqual([])
  })

  test('the soft packet limit is told once, both directions together, and traffic goes on', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ sa: { packetLimit: 3 } })
    client.send(client.toHost('1'))
    await gateway.expectHost([client.toHost('1')])
    harness.fixture.tunWrite(client.fromHost('2'))
    await client.expectPayloads([client.fromHost('2')])
    expect(eventsOf(harness.fixture, 'soft-limit')).toEqual([])
    client.send(client.toHost('3'))
    expect(await eventOf(harness.fixture, 'soft-limit')).toEqual({
      type: 'soft-limit',
      flow: client.flow,
      keyId: GCM_CHANNEL.spi,
    })
    client.send(client.toHost('4'))
    await gateway.expectHost([client.toHost('3'), client.toHost('4')])
    expect(eventsOf(harness.fixture, 'soft-limit')).toHaveLength(1)
    expect(eventsOf(harness.fixture, 'hard-limit')).toEqual([])
  })

  test('the soft byte limit counts inner bytes', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { length } = new TextEncoder().encode('abc')
    const client = await gateway.connectEsp({ sa: { byteLimit: 2 * (20 + length) } })
    client.send(client.toHost('abc'))
    await gateway.expectHost([client.toHost('abc')])
    expect(eventsOf(harness.fixture, 'soft-limit')).toEqual([])
    client.send(client.toHost('abc'))
    expect(await eventOf(harness.fixture, 'soft-limit')).toMatchObject({ keyId: GCM_CHANNEL.spi })
  })

  test.each([
    ['packets', { hardPacketLimit: 2 }],
    ['bytes', { hardByteLimit: 42 }],
  ])('after the hard limit of %s the SA carries nothing either way', async (_, limits) => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ sa: limits })
    client.send(client.toHost('1'))
    harness.fixture.tunWrite(client.fromHost('2'))
    await gateway.expectHost([client.toHost('1')])
    await client.expectPayloads([client.fromHost('2')])
    const told = { type: 'hard-limit', flow: client.flow, keyId: GCM_CHANNEL.spi }
    expect(await eventOf(harness.fixture, 'hard-limit')).toEqual(told)
    const { seal, open } = installNext(client)
    client.send(client.toHost('not received'))
    client.sendRaw(seal(client.toHost('by the next')))
    await gateway.expectHost([client.toHost('by the next')])
    harness.fixture.tunWrite(client.fromHost('not sent'))
    await eventually(harness.fixture, 'a drop', () => counters(client).sendDrops === 1)
    harness.fixture.datapath.selectKey(client.flow, NEXT_CHANNEL.spi)
    harness.fixture.tunWrite(client.fromHost('by the next'))
    const packets = await client.receiveRaw(1)
    expect(packets.map(packet => open(packet).payload)).toEqual([client.fromHost('by the next')])
    expect(eventsOf(harness.fixture, 'hard-limit')).toEqual([told])
  })
}
