import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { type Client, eventOf, eventsOf, eventually, openGateway } from './datapath-fixture.suite.ts'
import {
  type Channel,
  type ChannelKeys,
  makeKeys,
  makeSlot,
  openPacket,
  sealPacket,
} from './datapath-peer.suite.ts'
import type { OpenVpnKeySlot } from './flow.ts'

export function describeKeys(harness: Harness): void {
  /** A second key, installed beside the client's first. */
  const installSecond = (client: Client, more: Partial<OpenVpnKeySlot> = {}) => {
    const channel: Channel = { ...client.channel, keyId: 1 }
    const keys: ChannelKeys = makeKeys(channel, 77)
    harness.fixture.datapath.installKey(client.flow, makeSlot(channel, keys, more))
    return { channel, keys }
  }

  test('while two slots are installed both receive', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { channel, keys } = installSecond(client)
    client.send(client.toHost('old key'))
    client.sendRaw(sealPacket(channel, keys.receive, 1, client.toHost('new key')))
    client.send(client.toHost('old key again'))
    await gateway.expectHost(['old key', 'new key', 'old key again'].map(text => client.toHost(text)))
  })

  test('sending stays with the old slot until the new one is selected', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { channel, keys } = installSecond(client)
    harness.fixture.tunWrite(client.fromHost('old'))
    await client.expectPayloads([client.fromHost('old')])
    harness.fixture.datapath.selectKey(client.flow, 1)
    harness.fixture.tunWrite(client.fromHost('new'))
    const [packet] = await client.receiveRaw(1)
    expect(openPacket(channel, keys.send, packet as Uint8Array)).toMatchObject({
      packetId: 1,
      payload: client.fromHost('new'),
    })
  })

  test('each slot has its own packet ids and replay window', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { channel, keys } = installSecond(client)
    client.send(client.toHost('old'), 1)
    client.sendRaw(sealPacket(channel, keys.receive, 1, client.toHost('new')))
    await gateway.expectHost([client.toHost('old'), client.toHost('new')])
    expect(harness.fixture.datapath.counters(client.flow).replays).toBe(0)
  })

  test('a removed slot receives no more', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { channel, keys } = installSecond(client)
    const { datapath } = harness.fixture
    datapath.selectKey(client.flow, 1)
    datapath.removeKey(client.flow, 0)
    client.send(client.toHost('removed key'))
    client.sendRaw(sealPacket(channel, keys.receive, 1, client.toHost('kept key')))
    await gateway.expectHost([client.toHost('kept key')])
    expect(datapath.counters(client.flow).authenticationFailures).toBe(0)
    expect(datapath.totals().unknownFlow).toBe(1)
  })

  test('without a selected slot packets to send are dropped and counted', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.removeKey(client.flow, 0)
    harness.fixture.tunWrite(client.fromHost('no key'))
    datapath.sendInband(client.flow, Uint8Array.of(1, 2, 3))
    await eventually(harness.fixture, 'two drops', () => datapath.counters(client.flow).sendDrops === 2)
    expect(datapath.counters(client.flow).packetsSent).toBe(0)
  })

  test('installing a key id again replaces its keys, starts its ids anew and keeps it selected', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.send(client.toHost('before'), 1)
    await gateway.expectHost([client.toHost('before')])
    const keys = makeKeys(client.channel, 33)
    harness.fixture.datapath.installKey(client.flow, makeSlot(client.channel, keys))
    client.sendRaw(sealPacket(client.channel, keys.receive, 1, client.toHost('after')))
    await gateway.expectHost([client.toHost('after')])
    harness.fixture.tunWrite(client.fromHost('after'))
    const [packet] = await client.receiveRaw(1)
    expect(openPacket(client.channel, keys.send, packet as Uint8Array).packetId).toBe(1)
  })

  test('a key id that was removed and installed again is not selected by that', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.removeKey(client.flow, 0)
    datapath.installKey(client.flow, makeSlot(client.channel, client.keys))
    harness.fixture.tunWrite(client.fromHost('not yet'))
    await eventually(harness.fixture, 'a drop', () => datapath.counters(client.flow).sendDrops === 1)
    datapath.selectKey(client.flow, 0)
    harness.fixture.tunWrite(client.fromHost('now'))
    await client.expectPayloads([client.fromHost('now')])
  })

  test('a packet of the older slot is never the newest after the younger has received', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const elsewhere = await harness.fixture.openPeer(4)
    const { channel, keys } = installSecond(client)
    client.sendRaw(sealPacket(channel, keys.receive, 1, client.toHost('new key')))
    client.sendRaw(client.seal(client.toHost('held back')), elsewhere)
    await gateway.expectHost([client.toHost('new key'), client.toHost('held back')])
    await client.expectNothingBefore()
    expect(eventsOf(harness.fixture, 'float')).toEqual([])
  })

  test('the keys given are copied', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const keys = makeKeys(client.channel, 55)
    const wiped = makeKeys(client.channel, 55)
    harness.fixture.datapath.installKey(client.flow, makeSlot(client.channel, wiped))
    for (const direction of [wiped.send, wiped.receive]) {
      direction.cipherKey.fill(0)
      direction.authKey.fill(0)
    }
    client.sendRaw(sealPacket(client.channel, keys.receive, 1, client.toHost('copied')))
    await gateway.expectHost([client.toHost('copied')])
  })

  test('the packet limit is told once, received packets alone', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { packetLimit: 5 } })
    for (let i = 0; i < 4; i++) client.send(client.toHost(`${i}`))
    await gateway.expectHost([0, 1, 2, 3].map(i => client.toHost(`${i}`)))
    expect(eventsOf(harness.fixture, 'soft-limit')).toEqual([])
    for (let i = 4; i < 12; i++) client.send(client.toHost(`${i}`))
    expect(await eventOf(harness.fixture, 'soft-limit')).toEqual({
      type: 'soft-limit',
      flow: client.flow,
      keyId: 0,
    })
    await gateway.expectHost([4, 5, 6, 7, 8, 9, 10, 11].map(i => client.toHost(`${i}`)))
    expect(eventsOf(harness.fixture, 'soft-limit')).toHaveLength(1)
  })

  test('the packet limit counts both directions together', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { packetLimit: 4 } })
    for (let i = 0; i < 3; i++) client.send(client.toHost(`${i}`))
    await gateway.expectHost([0, 1, 2].map(i => client.toHost(`${i}`)))
    for (let i = 0; i < 2; i++) harness.fixture.tunWrite(client.fromHost(`${i}`))
    await client.expectPayloads([client.fromHost('0'), client.fromHost('1')])
    await eventOf(harness.fixture, 'soft-limit')
  })

  test('the byte limit is told once, sent bytes alone', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { byteLimit: 1000 } })
    const packet = client.fromHost('x'.repeat(380))
    harness.fixture.tunWrite(packet)
    harness.fixture.tunWrite(packet)
    await client.expectPayloads([packet, packet])
    expect(eventsOf(harness.fixture, 'soft-limit')).toEqual([])
    for (let i = 0; i < 3; i++) harness.fixture.tunWrite(packet)
    await client.expectPayloads([packet, packet, packet])
    await eventOf(harness.fixture, 'soft-limit')
    expect(eventsOf(harness.fixture, 'soft-limit')).toHaveLength(1)
  })

  test('packets that do not verify use up no limit', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { packetLimit: 3 } })
    const forged = client.seal(client.toHost('forged'), 1)
    forged[10] = (forged[10] as number) ^ 1
    for (let i = 0; i < 10; i++) client.sendRaw(forged)
    await client.expectNothingBefore(1)
    expect(eventsOf(harness.fixture, 'soft-limit')).toEqual([])
  })

  test('an authentic payload that is no IP packet comes up in-band', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    // OCC_EXIT behind OpenVPN's OCC magic.
    const magic = [
      0x28, 0x7f, 0x34, 0x6b, 0xd4, 0xef, 0x7a, 0x81, 0x2d, 0x56, 0xb8, 0xd3, 0xaf, 0xc5, 0x45, 0x9c,
    ]
    const exit = Uint8Array.of(...magic, 6)
    client.send(exit)
    expect(await eventOf(harness.fixture, 'inband')).toEqual({
      type: 'inband',
      flow: client.flow,
      bytes: exit,
    })
    expect(harness.fixture.tunRead()).toEqual([])
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({ packetsReceived: 0, refused: 0 })
  })

  test('an in-band payload is sent as it is and counts as no packet', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    harness.fixture.datapath.sendInband(client.flow, Uint8Array.of(0x28, 1, 2))
    await client.expectPayloads([Uint8Array.of(0x28, 1, 2)])
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({ packetsSent: 0, sendDrops: 0 })
  })
}
