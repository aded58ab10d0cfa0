import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, openGateway, PLAIN_CHANNEL } from './datapath-fixture.suite.ts'
import { sealPacket } from './datapath-peer.suite.ts'

const V1_CHANNEL = { cipher: 'AES-256-GCM', format: 'standard', keyId: 0 } as const
/** Opcode P_CONTROL_HARD_RESET_CLIENT_V2, key id 0. */
const HARD_RESET = 7 << 3

export function describeReception(harness: Harness): void {
  test('a control packet comes up with its port and source', async () => {
    const gateway = await openGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    const bytes = Uint8Array.of(HARD_RESET, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0)
    peer.send(gateway.local, bytes)
    const event = await eventOf(harness.fixture, 'datagram')
    const { port, local } = gateway
    expect(event).toEqual({ type: 'datagram', port, remote: peer.endpoint, local: local.address, bytes })
  })

  test('a control packet over IPv6 comes up with its IPv6 source', async () => {
    const gateway = await openGateway(harness.fixture, 6)
    const peer = await harness.fixture.openPeer(6)
    peer.send(gateway.local, Uint8Array.of(HARD_RESET, 9))
    expect((await eventOf(harness.fixture, 'datagram')).remote).toEqual(peer.endpoint)
  })

  test('control packets of one source come up in their order', async () => {
    const gateway = await openGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    for (let i = 0; i < 20; i++) peer.send(gateway.local, Uint8Array.of(HARD_RESET, i, 0xff))
    await eventually(harness.fixture, '20 packets', () => eventsOf(harness.fixture, 'datagram').length === 20)
    expect(eventsOf(harness.fixture, 'datagram').map(event => event.bytes[1])).toEqual([...Array(20).keys()])
  })

  test('datagrams are sent as they are, each to its remote', async () => {
    const gateway = await openGateway(harness.fixture)
    const peers = [await harness.fixture.openPeer(4), await harness.fixture.openPeer(4)]
    const datagrams = peers.map(({ endpoint }, i) => ({ remote: endpoint, bytes: Uint8Array.of(i, 2, 3) }))
    harness.fixture.datapath.sendDatagrams(gateway.port, datagrams)
    for (const [i, peer] of peers.entries()) {
      const got = await eventually(harness.fixture, 'a datagram', () => {
        const packets = peer.received()
        return packets.length > 0 && packets
      })
      expect(got).toEqual([Uint8Array.of(i, 2, 3)])
    }
  })

  test('datagrams of no OpenVPN opcode are counted as malformed', async () => {
    const gateway = await openGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    for (const first of [0x00, 0x07, 12 << 3, 0xff]) peer.send(gateway.local, Uint8Array.of(first, 1, 2, 3))
    await eventually(harness.fixture, 'four counted', () => harness.fixture.datapath.totals().malformed === 4)
    expect(harness.fixture.events).toEqual([])
  })

  test('data too short for its format is counted as malformed', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.sendRaw(client.seal(client.toHost('x')).subarray(0, 20))
    client.sendRaw(Uint8Array.of(9 << 3, 0))
    await eventually(harness.fixture, 'two counted', () => harness.fixture.datapath.totals().malformed === 2)
  })

  test('an unknown peer-id is counted', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const packet = client.seal(client.toHost('lost'))
    packet[1] = 0x77
    client.sendRaw(packet)
    await eventually(
      harness.fixture,
      'one counted',
      () => harness.fixture.datapath.totals().unknownFlow === 1,
    )
    await client.expectNothingBefore()
  })

  test('P_DATA_V1 from an address without a flow is counted as unknown', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel: V1_CHANNEL })
    const stranger = await harness.fixture.openPeer(4)
    client.sendRaw(client.seal(client.toHost('lost'), 1), stranger)
    await eventually(
      harness.fixture,
      'one counted',
      () => harness.fixture.datapath.totals().unknownFlow === 1,
    )
    await client.expectNothingBefore(2)
  })

  test('P_DATA_V1 does not reach a flow that has a peer-id', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.sendRaw(sealPacket(V1_CHANNEL, client.keys.receive, 1, client.toHost('without a peer-id')))
    await client.expectNothingBefore(2)
    expect(harness.fixture.datapath.totals().unknownFlow).toBe(1)
  })

  test('two P_DATA_V1 clients are told apart by their addresses', async () => {
    const gateway = await openGateway(harness.fixture)
    const a = await gateway.connect({ channel: V1_CHANNEL, addresses: ['10.8.0.2'], seed: 1 })
    const b = await gateway.connect({ channel: V1_CHANNEL, addresses: ['10.8.0.3'], seed: 2 })
    a.send(a.toHost('a'))
    await gateway.expectHost([a.toHost('a')])
    b.send(b.toHost('b'))
    await gateway.expectHost([b.toHost('b')])
  })

  test('a replayed packet is refused, counted and told', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const packet = client.seal(client.toHost('once'))
    client.sendRaw(packet)
    client.sendRaw(packet)
    client.sendRaw(packet)
    await gateway.expectHost([client.toHost('once')])
    await client.expectNothingBefore()
    expect(harness.fixture.datapath.counters(client.flow).replays).toBe(2)
    await eventOf(harness.fixture, 'rejected')
  })

  test('packet id 0 is refused', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.send(client.toHost('zero'), 0)
    await client.expectNothingBefore()
    expect(harness.fixture.datapath.counters(client.flow).replays).toBe(1)
  })

  test('packets out of order within the window are all accepted, once', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const order = [3, 1, 2, 500, 499, 4, 62, 63, 64, 65, 498]
    for (const id of [...order, ...order]) client.send(client.toHost(`packet ${id}`), id)
    await gateway.expectHost(order.map(id => client.toHost(`packet ${id}`)))
    await client.expectNothingBefore(501)
    expect(harness.fixture.datapath.counters(client.flow).replays).toBe(order.length)
  })

  test('a packet older than the window is refused though it was never seen', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.send(client.toHost('young'), 1_000_000)
    client.send(client.toHost('old'), 1)
    await gateway.expectHost([client.toHost('young')])
    await client.expectNothingBefore(1_000_001)
    expect(harness.fixture.datapath.counters(client.flow).replays).toBe(1)
  })

  test('an unauthentic packet does not move the replay window', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const forged = client.seal(client.toHost('forged'), 0xfffffff0)
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    client.sendRaw(forged)
    await client.expectNothingBefore(1)
  })

  test('the highest packet id is accepted', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    client.send(client.toHost('last'), 0xffffffff)
    await gateway.expectHost([client.toHost('last')])
  })

  test('a newer authentic packet from another address is delivered and raises float', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const elsewhere = await harness.fixture.openPeer(4)
    client.send(client.toHost('from home'))
    await gateway.expectHost([client.toHost('from home')])
    client.sendRaw(client.seal(client.toHost('from afar')), elsewhere)
    await gateway.expectHost([client.toHost('from afar')])
    const event = await eventOf(harness.fixture, 'float')
    expect(event).toEqual({
      type: 'float',
      flow: client.flow,
      port: gateway.port,
      remote: elsewhere.endpoint,
      local: gateway.local.address,
    })
  })

  test('neither a forged, a replayed nor a late packet from another address raises float', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const elsewhere = await harness.fixture.openPeer(4)
    const newest = client.seal(client.toHost('newest'), 10)
    client.sendRaw(newest)
    await gateway.expectHost([client.toHost('newest')])
    const forged = client.seal(client.toHost('forged'), 11)
    forged[8] = (forged[8] as number) ^ 1
    client.sendRaw(forged, elsewhere)
    client.sendRaw(newest, elsewhere)
    client.sendRaw(client.seal(client.toHost('late'), 9), elsewhere)
    await gateway.expectHost([client.toHost('late')])
    await client.expectNothingBefore(12)
    expect(eventsOf(harness.fixture, 'float')).toEqual([])
  })

  test('answers go to the old address until the flow is moved, then to the new one', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const elsewhere = await harness.fixture.openPeer(4)
    client.sendRaw(client.seal(client.toHost('hello')), elsewhere)
    await eventOf(harness.fixture, 'float')
    harness.fixture.tunWrite(client.fromHost('to the old address'))
    await client.expectPayloads([client.fromHost('to the old address')])
    const path = { type: 'udp', port: gateway.port, remote: elsewhere.endpoint } as const
    harness.fixture.datapath.moveFlow(client.flow, path)
    harness.fixture.tunWrite(client.fromHost('to the new address'))
    await client.expectPayloads([client.fromHost('to the new address')], elsewhere)
  })

  test('a moved P_DATA_V1 flow is found by its new address only', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel: V1_CHANNEL })
    const elsewhere = await harness.fixture.openPeer(4)
    const path = { type: 'udp', port: gateway.port, remote: elsewhere.endpoint } as const
    harness.fixture.datapath.moveFlow(client.flow, path)
    client.sendRaw(client.seal(client.toHost('old address')))
    await eventually(
      harness.fixture,
      'one unknown',
      () => harness.fixture.datapath.totals().unknownFlow === 1,
    )
    client.sendRaw(client.seal(client.toHost('new address')), elsewhere)
    await gateway.expectHost([client.toHost('new address')])
  })

  test('a flow works over IPv6 outside', async () => {
    const gateway = await openGateway(harness.fixture, 6)
    const client = await gateway.connect()
    client.send(client.toHost('up'))
    await gateway.expectHost([client.toHost('up')])
    harness.fixture.tunWrite(client.fromHost('down'))
    await client.expectPayloads([client.fromHost('down')])
  })

  test('counters are exact', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const up = [client.toHost('one'), client.toHost('twotwo')]
    for (const packet of up) client.send(packet)
    await gateway.expectHost(up)
    harness.fixture.tunWrite(client.fromHost('three'))
    await client.expectPayloads([client.fromHost('three')])
    const bytes = (packets: Uint8Array[]) => packets.reduce((sum, packet) => sum + packet.length, 0)
    expect(harness.fixture.datapath.counters(client.flow)).toEqual({
      packetsReceived: 2,
      bytesReceived: bytes(up),
      packetsSent: 1,
      bytesSent: client.fromHost('three').length,
      authenticationFailures: 0,
      replays: 0,
      sourceViolations: 0,
      refused: 0,
      sendDrops: 0,
      selectorMismatchesReceived: 0,
      selectorMismatchesSent: 0,
      natDrops: 0,
    })
    expect(harness.fixture.datapath.totals()).toMatchObject({
      unknownFlow: 0,
      malformed: 0,
      controlOverflow: 0,
    })
  })

  test('rejected packets are summed up in events that leave none out', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const packet = client.seal(client.toHost('once'))
    for (let i = 0; i < 4; i++) client.sendRaw(packet)
    const forged = client.seal(client.toHost('forged'))
    forged[8] = (forged[8] as number) ^ 1
    for (let i = 0; i < 5; i++) client.sendRaw(forged)
    const sums = () => {
      const events = eventsOf(harness.fixture, 'rejected')
      const sum = (name: 'replays' | 'authenticationFailures') =>
        events.reduce((total, event) => total + event[name], 0)
      return { replays: sum('replays'), authenticationFailures: sum('authenticationFailures') }
    }
    const counted = () => harness.fixture.datapath.counters(client.flow)
    await eventually(harness.fixture, 'all counted', () => counted().authenticationFailures === 5)
    await harness.fixture.advance(2500)
    await eventually(harness.fixture, 'all told', () => sums().replays + sums().authenticationFailures === 8)
    expect(sums()).toEqual({ replays: 3, authenticationFailures: 5 })
    expect(eventsOf(harness.fixture, 'rejected').length).toBeLessThanOrEqual(3)
  })

  test('a closed port receives nothing more', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel: PLAIN_CHANNEL })
    const address = gateway.local.address
    const second = harness.fixture.datapath.openPort({ address, port: 0, protocol: 'openvpn' })
    harness.fixture.datapath.closePort(second.id)
    client.peer.send(second.local, Uint8Array.of(HARD_RESET, 1))
    await client.expectNothingBefore()
    expect(eventsOf(harness.fixture, 'datagram')).toEqual([])
  })
}
