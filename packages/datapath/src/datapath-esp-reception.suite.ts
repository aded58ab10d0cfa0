import { expect, test } from 'vitest'
import {
  type EspClient,
  GCM_CHANNEL,
  NEXT_CHANNEL,
  openEspGateway,
  tampered,
} from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { endpoint, eventOf, eventsOf, eventually } from './datapath-fixture.suite.ts'
import { espPlaintext, sealEsp } from './esp-peer.suite.ts'

/** Before IKE messages on a port with ESP (RFC 3948 §2.2). */
const MARKER = [0, 0, 0, 0]
const IKE_MESSAGE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x20, 0x22, 8)
const ESN_CHANNEL = { ...GCM_CHANNEL, extendedSequence: true }

export function describeEspReception(harness: Harness): void {
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)
  const totals = () => harness.fixture.datapath.totals()

  test('an IKE message comes up without its marker, with source and own address', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    peer.send(gateway.local, Uint8Array.of(...MARKER, ...IKE_MESSAGE))
    expect(await eventOf(harness.fixture, 'datagram')).toEqual({
      type: 'datagram',
      port: gateway.port,
      remote: peer.endpoint,
      local: gateway.local.address,
      bytes: IKE_MESSAGE,
    })
  })

  test('an IKE message over IPv6 comes up the same', async () => {
    const gateway = await openEspGateway(harness.fixture, 6)
    const peer = await harness.fixture.openPeer(6)
    peer.send(gateway.local, Uint8Array.of(...MARKER, ...IKE_MESSAGE))
    const event = await eventOf(harness.fixture, 'datagram')
    expect(event).toMatchObject({ remote: peer.endpoint, local: gateway.local.address, bytes: IKE_MESSAGE })
  })

  test('what is sent gets the marker, except a keepalive', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const peer = await harness.fixture.openPeer(4)
    const datagrams = [IKE_MESSAGE, Uint8Array.of(0xff), Uint8Array.of(0xff, 0xff)].map(bytes => ({
      remote: peer.endpoint,
      bytes,
    }))
    harness.fixture.datapath.sendDatagrams(gateway.port, datagrams)
    const got: Uint8Array[] = []
    await eventually(harness.fixture, 'three datagrams', () => got.push(...peer.received()) === 3)
    expect(got).toEqual([
      Uint8Array.of(...MARKER, ...IKE_MESSAGE),
      Uint8Array.of(0xff),
      Uint8Array.of(...MARKER, 0xff, 0xff),
    ])
  })

  test('a keepalive that arrives goes nowhere', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    client.sendRaw(Uint8Array.of(0xff))
    await client.expectNothingBefore()
    expect(harness.fixture.events).toEqual([])
    expect(totals()).toMatchObject({ malformed: 0, unknownFlow: 0 })
  })

  test('what is too short for ESP, and a marker with nothing behind it, are malformed', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const sealed = client.seal(client.toHost('cut off'))
    const short = [[0], [1], [0xff, 0xff], MARKER, [0, 0, 1], [0xc0, 0, 0, 1, 0, 0, 0]].map(bytes =>
      Uint8Array.from(bytes),
    )
    for (const bytes of [...short, sealed.subarray(0, 8), sealed.subarray(0, 31)]) client.sendRaw(bytes)
    await eventually(harness.fixture, 'eight counted', () => totals().malformed === 8)
    await client.expectNothingBefore()
    expect(counters(client).authenticationFailures).toBe(0)
    expect(harness.fixture.events).toEqual([])
  })

  test('a port for IKE alone gives everything as it came, and sends as it is', async () => {
    const { datapath } = harness.fixture
    const { address } = endpoint('127.0.0.1', 1)
    const { id, local } = datapath.openPort({ address, port: 0, protocol: 'ike' })
    const peer = await harness.fixture.openPeer(4)
    peer.send(local, IKE_MESSAGE)
    expect(await eventOf(harness.fixture, 'datagram')).toEqual({
      type: 'datagram',
      port: id,
      remote: peer.endpoint,
      local: local.address,
      bytes: IKE_MESSAGE,
    })
    datapath.sendDatagrams(id, [{ remote: peer.endpoint, bytes: IKE_MESSAGE }])
    const got = await eventually(harness.fixture, 'a datagram', () => peer.received()[0])
    expect(got).toEqual(IKE_MESSAGE)
  })

  test('an unknown SPI is counted, and told at most once a second', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const stray = sealEsp(
      NEXT_CHANNEL,
      client.keys.receive,
      1,
      espPlaintext(NEXT_CHANNEL, client.toHost('?')),
    )
    for (let i = 0; i < 5; i++) client.sendRaw(stray)
    await eventually(harness.fixture, 'five counted', () => totals().unknownFlow === 5)
    expect(await eventOf(harness.fixture, 'unknown-spi')).toEqual({
      type: 'unknown-spi',
      port: gateway.port,
      remote: client.peer.endpoint,
      local: gateway.local.address,
      spi: NEXT_CHANNEL.spi,
    })
    await client.expectNothingBefore()
    expect(eventsOf(harness.fixture, 'unknown-spi')).toHaveLength(1)
    await harness.fixture.advance(1300)
    client.sendRaw(stray)
    await eventually(
      harness.fixture,
      'told again',
      () => eventsOf(harness.fixture, 'unknown-spi').length === 2,
    )
  })

  test('a replayed packet is refused, counted and told', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const packet = client.seal(client.toHost('once'))
    for (let i = 0; i < 3; i++) client.sendRaw(packet)
    await gateway.expectHost([client.toHost('once')])
    await client.expectNothingBefore()
    expect(counters(client).replays).toBe(2)
    expect(await eventOf(harness.fixture, 'rejected')).toMatchObject({ flow: client.flow })
  })

  test('sequence number 0 is refused', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    client.send(client.toHost('zero'), 0)
    await client.expectNothingBefore()
    expect(counters(client).replays).toBe(1)
  })

  test('packets out of order within the window are all accepted, once', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ sa: { replayWindow: 1024 } })
    const order = [3, 1, 2, 1000, 999, 4, 62, 63, 64, 65, 998, 1026]
    for (const sequence of [...order, ...order]) client.send(client.toHost(`packet ${sequence}`), sequence)
    await gateway.expectHost(order.map(sequence => client.toHost(`packet ${sequence}`)))
    await client.expectNothingBefore(1027)
    expect(counters(client).replays).toBe(order.length)
  })

  test.each([32, 64, 100, 1024])('a window of %i holds exactly so many', async replayWindow => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ sa: { replayWindow } })
    const highest = 5000
    client.send(client.toHost('highest'), highest)
    client.send(client.toHost('too old'), highest - replayWindow)
    client.send(client.toHost('just not'), highest - replayWindow + 1)
    await gateway.expectHost([client.toHost('highest'), client.toHost('just not')])
    expect(counters(client).replays).toBe(1)
  })

  test('an unauthentic packet does not move the replay window', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    client.sendRaw(tampered(client.seal(client.toHost('forged'), 0xfffffff0), -1))
    await client.expectNothingBefore(1)
    expect(counters(client).authenticationFailures).toBe(1)
  })

  test('the highest 32-bit sequence number is accepted', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    client.send(client.toHost('last'), 0xffffffff)
    await gateway.expectHost([client.toHost('last')])
  })

  test('extended numbers go on past 32 bits, and late ones of the half before still come', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ channel: ESN_CHANNEL })
    const start = 2 ** 32
    const order = [start - 2 ** 30, start - 4, start + 3, start - 1, start, start + 2, start - 2]
    for (const sequence of order) client.send(client.toHost(`${sequence}`), sequence)
    await gateway.expectHost(order.map(sequence => client.toHost(`${sequence}`)))
    client.send(client.toHost('again'), start - 1)
    client.send(client.toHost('again'), start + 3)
    await client.expectNothingBefore(start + 4)
    expect(counters(client)).toMatchObject({ replays: 2, authenticationFailures: 0 })
  })

  test('extended numbers count whole: the same low half in the next round is no replay', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ channel: ESN_CHANNEL })
    const rounds = [1, 0.75 * 2 ** 32, 2 ** 32 + 1, 1.75 * 2 ** 32, 2 * 2 ** 32 + 1]
    for (const sequence of rounds) client.send(client.toHost(`${sequence}`), sequence)
    await gateway.expectHost(rounds.map(sequence => client.toHost(`${sequence}`)))
    client.send(client.toHost('of an earlier round'), 1)
    await client.expectNothingBefore(2 * 2 ** 32 + 2)
  })

  test('a newer packet from another address is delivered and raises float with our own address', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const elsewhere = await harness.fixture.openPeer(4)
    client.send(client.toHost('from home'))
    await gateway.expectHost([client.toHost('from home')])
    client.sendRaw(client.seal(client.toHost('from afar')), elsewhere)
    await gateway.expectHost([client.toHost('from afar')])
    expect(await eventOf(harness.fixture, 'float')).toEqual({
      type: 'float',
      flow: client.flow,
      port: gateway.port,
      remote: elsewhere.endpoint,
      local: gateway.local.address,
    })
    const path = { type: 'udp', port: gateway.port, remote: elsewhere.endpoint } as const
    harness.fixture.datapath.moveFlow(client.flow, path)
    harness.fixture.tunWrite(client.fromHost('to the new address'))
    await client.expectPayloads([client.fromHost('to the new address')], elsewhere)
  })

  test('neither a forged, a replayed nor a late packet from another address raises float', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const elsewhere = await harness.fixture.openPeer(4)
    const newest = client.seal(client.toHost('newest'), 10)
    client.sendRaw(newest)
    await gateway.expectHost([client.toHost('newest')])
    client.sendRaw(tampered(client.seal(client.toHost('forged'), 11), 20), elsewhere)
    client.sendRaw(newest, elsewhere)
    client.sendRaw(client.seal(client.toHost('late'), 9), elsewhere)
    await gateway.expectHost([client.toHost('late')])
    await client.expectNothingBefore(12)
    expect(eventsOf(harness.fixture, 'float')).toEqual([])
  })

  test('a port bound to no address tells which of ours was written to, and answers from there', async () => {
    const gateway = await openEspGateway(harness.fixture, 4, '0.0.0.0')
    const second = endpoint('127.0.0.2', gateway.local.port)
    const peer = await harness.fixture.openPeer(4)
    peer.send(second, Uint8Array.of(...MARKER, ...IKE_MESSAGE))
    const { local, remote } = await eventOf(harness.fixture, 'datagram')
    expect({ local, remote }).toEqual({ local: second.address, remote: peer.endpoint })
    const answers = [endpoint('127.0.0.2', 1), endpoint('127.0.0.3', 1)].map(({ address }) => address)
    harness.fixture.datapath.sendDatagrams(
      gateway.port,
      answers.map(address => ({ remote, local: address, bytes: IKE_MESSAGE })),
    )
    await eventually(harness.fixture, 'two answers', () => peer.sources().length === 2)
    expect(peer.sources()).toEqual(answers.map(address => ({ address, port: gateway.local.port })))
  })

  test('a flow sends from the address that its path names; a packet to another raises float', async () => {
    const gateway = await openEspGateway(harness.fixture, 4, '0.0.0.0')
    const client = await gateway.connectEsp()
    const [second, third] = [endpoint('127.0.0.2', 0), endpoint('127.0.0.3', gateway.local.port)]
    const path = { type: 'udp', port: gateway.port, remote: client.peer.endpoint } as const
    harness.fixture.datapath.moveFlow(client.flow, { ...path, local: second.address })
    harness.fixture.tunWrite(client.fromHost('from the second'))
    await client.expectPayloads([client.fromHost('from the second')])
    expect(client.peer.sources()).toEqual([{ address: second.address, port: gateway.local.port }])
    client.sendRaw(client.seal(client.toHost('to the third')), client.peer, third)
    await gateway.expectHost([client.toHost('to the third')])
    expect(await eventOf(harness.fixture, 'float')).toMatchObject({
      remote: client.peer.endpoint,
      local: third.address,
    })
  })

  test('a flow works over IPv6 outside', async () => {
    const gateway = await openEspGateway(harness.fixture, 6)
    const client = await gateway.connectEsp()
    client.send(client.toHost('up'))
    await gateway.expectHost([client.toHost('up')])
    harness.fixture.tunWrite(client.fromHost('down'))
    await client.expectPayloads([client.fromHost('down')])
  })

  test('an SA receives by every port that carries ESP', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const { address } = gateway.local
    const second = harness.fixture.datapath.openPort({ address, port: 0, protocol: 'ike-esp' })
    client.sendRaw(client.seal(client.toHost('by the other port')), client.peer, second.local)
    await gateway.expectHost([client.toHost('by the other port')])
    expect(await eventOf(harness.fixture, 'float')).toMatchObject({ flow: client.flow, port: second.id })
  })

  test('idle is raised when nothing authentic comes, and a forged packet does not put it off', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ flow: { idleTimeoutSeconds: 1 } })
    await harness.fixture.advance(700)
    client.sendRaw(tampered(client.seal(client.toHost('forged')), -1))
    await harness.fixture.advance(700)
    expect(await eventOf(harness.fixture, 'idle')).toEqual({ type: 'idle', flow: client.flow })
  })

  test('counters are exact', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const up = [client.toHost('one'), client.toHost('twotwo')]
    for (const packet of up) client.send(packet)
    await gateway.expectHost(up)
    harness.fixture.tunWrite(client.fromHost('three'))
    await client.expectPayloads([client.fromHost('three')])
    expect(counters(client)).toEqual({
      packetsReceived: 2,
      bytesReceived: up.reduce((sum, { length }) => sum + length, 0),
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
    expect(totals()).toMatchObject({ unknownFlow: 0, malformed: 0, controlOverflow: 0 })
  })
}
