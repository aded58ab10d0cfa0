import { internetChecksum } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import {
  eventsOf,
  eventually,
  HOST_4,
  HOST_6,
  openGateway,
  PLAIN_CHANNEL,
  prefix,
} from './datapath-fixture.suite.ts'
import { openPacket } from './datapath-peer.suite.ts'
import { expectedTcpChecksum, ipPacket, MSS_OPTIONS, tcpPacket, textPacket } from './inner-packet.suite.ts'

const OTHER_CHANNEL = { ...PLAIN_CHANNEL, peerId: 6 }
const SYN = 0x02
const SYN_ACK = 0x12
const ACK = 0x10

export function describeRouting(harness: Harness): void {
  const twoClients = async () => {
    const gateway = await openGateway(harness.fixture)
    const a = await gateway.connect({ addresses: ['10.8.0.2', 'fd00::2'], seed: 1 })
    const b = await gateway.connect({ addresses: ['10.8.0.3', 'fd00::3'], seed: 2, channel: OTHER_CHANNEL })
    return { gateway, a, b, datapath: harness.fixture.datapath }
  }

  test('a packet goes to the flow of the longest matching prefix', async () => {
    const { a, b, datapath } = await twoClients()
    datapath.changeRoutes([
      { type: 'add', prefix: prefix('172.16.0.0/12'), flow: a.flow },
      { type: 'add', prefix: prefix('172.16.5.0/24'), flow: b.flow },
      { type: 'add', prefix: prefix('172.16.5.7/32'), flow: a.flow },
    ])
    const toA = ['172.16.4.255', '172.16.5.7', '172.31.255.255'].map(to => textPacket(HOST_4, to, 'a'))
    const toB = ['172.16.5.6', '172.16.5.8', '172.16.5.255'].map(to => textPacket(HOST_4, to, 'b'))
    for (const packet of [...toA, ...toB]) harness.fixture.tunWrite(packet)
    await a.expectPayloads(toA)
    await b.expectPayloads(toB)
  })

  test('the same holds for IPv6, at lengths that are no multiple of eight', async () => {
    const { a, b, datapath } = await twoClients()
    datapath.changeRoutes([
      { type: 'add', prefix: prefix('2001:db8::/33'), flow: a.flow },
      { type: 'add', prefix: prefix('2001:db8:1:2:4000::/67'), flow: b.flow },
      { type: 'add', prefix: prefix('::/0'), flow: b.flow },
    ])
    const toA = ['2001:db8::1', '2001:db8:1:2:3fff::'].map(to => textPacket(HOST_6, to, 'a'))
    const toB = ['2001:db8:1:2:4000::', '2001:db8:1:2:5fff:ffff::1', '2001:db8:8000::1'].map(to =>
      textPacket(HOST_6, to, 'b'),
    )
    for (const packet of [...toA, ...toB]) harness.fixture.tunWrite(packet)
    await a.expectPayloads(toA)
    await b.expectPayloads(toB)
  })

  test('adding a prefix again moves it, and removing it uncovers the shorter one', async () => {
    const { a, b, datapath } = await twoClients()
    const packet = textPacket(HOST_4, '172.16.5.6', 'whose')
    datapath.changeRoutes([
      { type: 'add', prefix: prefix('172.16.0.0/16'), flow: a.flow },
      { type: 'add', prefix: prefix('172.16.5.0/24'), flow: a.flow },
    ])
    datapath.changeRoutes([{ type: 'add', prefix: prefix('172.16.5.0/24'), flow: b.flow }])
    harness.fixture.tunWrite(packet)
    await b.expectPayloads([packet])
    datapath.changeRoutes([{ type: 'remove', prefix: prefix('172.16.5.0/24') }])
    harness.fixture.tunWrite(packet)
    await a.expectPayloads([packet])
  })

  test('removing a route that is not there does nothing', async () => {
    const { a, datapath } = await twoClients()
    datapath.changeRoutes([{ type: 'remove', prefix: prefix('203.0.113.0/24') }])
    harness.fixture.tunWrite(a.fromHost('still'))
    await a.expectPayloads([a.fromHost('still')])
  })

  test('a packet for nobody is counted', async () => {
    const { a, datapath } = await twoClients()
    const before = datapath.totals().noRoute
    harness.fixture.tunWrite(textPacket(HOST_4, '10.8.0.99', 'nobody'))
    harness.fixture.tunWrite(textPacket(HOST_6, 'fd00::99', 'nobody'))
    harness.fixture.tunWrite(a.fromHost('somebody'))
    await a.expectPayloads([a.fromHost('somebody')])
    expect(datapath.totals().noRoute - before).toBe(2)
  })

  test('a source that is not routed to the flow is dropped and counted', async () => {
    const { gateway, a, datapath } = await twoClients()
    const forged = ['10.8.0.3', '192.0.2.80', '0.0.0.0', '255.255.255.255']
    for (const source of forged) a.send(textPacket(source, HOST_4, 'forged'))
    for (const source of ['fd00::3', 'fe80::1', '::']) a.send(textPacket(source, HOST_6, 'forged'))
    const honest = textPacket('fd00::2', HOST_6, 'honest')
    a.send(honest)
    await gateway.expectHost([honest])
    expect(datapath.counters(a.flow)).toMatchObject({ sourceViolations: 7, packetsReceived: 1 })
  })

  test('a client may have a network behind it', async () => {
    const { gateway, a, datapath } = await twoClients()
    datapath.changeRoutes([{ type: 'add', prefix: prefix('192.168.7.0/24'), flow: a.flow }])
    const packet = textPacket('192.168.7.33', HOST_4, 'from behind')
    a.send(packet)
    await gateway.expectHost([packet])
  })

  test('with a default route to its flow (client role) everything passes both ways', async () => {
    const gateway = await openGateway(harness.fixture)
    const server = await gateway.connect({ addresses: ['0.0.0.0/0', '::/0'] })
    const up = textPacket('10.8.0.2', '203.0.113.5', 'up')
    harness.fixture.tunWrite(up)
    await server.expectPayloads([up])
    const down = [textPacket('203.0.113.5', '10.8.0.2', 'down'), textPacket(HOST_6, 'fd00::2', 'down')]
    for (const packet of down) server.send(packet)
    await gateway.expectHost(down)
  })

  test('a packet for another client is refused while the switch is off', async () => {
    const { a, b, datapath } = await twoClients()
    a.send(textPacket('10.8.0.2', '10.8.0.3', 'psst'))
    a.send(textPacket('fd00::2', 'fd00::3', 'psst'))
    await a.expectNothingBefore()
    expect(datapath.counters(a.flow)).toMatchObject({ refused: 2, packetsReceived: 1 })
    expect(datapath.counters(b.flow).packetsSent).toBe(0)
  })

  test('with the switch on it goes to the other client and not to the host', async () => {
    const { a, b, datapath } = await twoClients()
    datapath.configure({ clientToClient: true })
    const packets = [textPacket('10.8.0.2', '10.8.0.3', 'hello'), textPacket('fd00::2', 'fd00::3', 'hello')]
    for (const packet of packets) a.send(packet)
    await b.expectPayloads(packets)
    await a.expectNothingBefore()
    expect(datapath.counters(a.flow)).toMatchObject({ packetsReceived: 3, refused: 0 })
    expect(datapath.counters(b.flow)).toMatchObject({ packetsSent: 2 })
    datapath.configure({ clientToClient: false })
    a.send(textPacket('10.8.0.2', '10.8.0.3', 'late'))
    await a.expectNothingBefore()
    expect(datapath.counters(a.flow).refused).toBe(1)
  })

  test('settings that are absent stay as they are', async () => {
    const { a, b, datapath } = await twoClients()
    datapath.configure({ clientToClient: true })
    datapath.configure({})
    const packet = textPacket('10.8.0.2', '10.8.0.3', 'still')
    a.send(packet)
    await b.expectPayloads([packet])
  })

  test('broken inner headers are refused and reach nobody', async () => {
    const { a, datapath } = await twoClients()
    const good = a.toHost('good')
    const patched = (at: number, value: number) => good.map((byte, i) => (i === at ? value : byte))
    const good6 = textPacket('fd00::2', HOST_6, 'good')
    const broken = [
      good.subarray(0, 19),
      good6.subarray(0, 39),
      patched(0, 0x44),
      patched(0, 0x4f).subarray(0, 24),
      patched(3, 200),
      patched(3, 19),
      good6.map((byte, i) => (i === 5 ? 200 : byte)),
    ]
    for (const packet of broken) a.send(packet)
    await a.expectNothingBefore()
    expect(datapath.counters(a.flow).refused).toBe(broken.length)
  })

  test('closing a flow removes its routes and keys and gives its last counters', async () => {
    const { gateway, a, b, datapath } = await twoClients()
    a.send(a.toHost('last'))
    await gateway.expectHost([a.toHost('last')])
    const counters = datapath.closeFlow(a.flow)
    expect(counters).toMatchObject({ packetsReceived: 1, bytesReceived: a.toHost('last').length })
    const { noRoute, unknownFlow } = datapath.totals()
    harness.fixture.tunWrite(a.fromHost('too late'))
    a.send(a.toHost('too late'))
    await b.expectNothingBefore()
    await eventually(harness.fixture, 'no route', () => datapath.totals().noRoute === noRoute + 1)
    expect(datapath.totals().unknownFlow).toBe(unknownFlow + 1)
  })

  test('an address released and leased again belongs to the new flow only', async () => {
    const { gateway, a, b, datapath } = await twoClients()
    datapath.closeFlow(a.flow)
    datapath.changeRoutes([{ type: 'add', prefix: prefix('10.8.0.2'), flow: b.flow }])
    harness.fixture.tunWrite(a.fromHost('for the new owner'))
    await b.expectPayloads([a.fromHost('for the new owner')])
    b.send(a.toHost('from the new owner'))
    await gateway.expectHost([a.toHost('from the new owner')])
  })

  test('closing a flow uncovers the shorter prefix of another', async () => {
    const { a, b, datapath } = await twoClients()
    datapath.changeRoutes([{ type: 'add', prefix: prefix('10.8.0.0/24'), flow: b.flow }])
    datapath.closeFlow(a.flow)
    harness.fixture.tunWrite(a.fromHost('uncovered'))
    await b.expectPayloads([a.fromHost('uncovered')])
  })

  test('a peer-id is free again after its flow was closed', async () => {
    const { gateway, a, datapath } = await twoClients()
    datapath.closeFlow(a.flow)
    const again = await gateway.connect({ seed: 9 })
    expect(again.flow).not.toBe(a.flow)
    again.send(again.toHost('again'))
    await gateway.expectHost([again.toHost('again')])
  })

  describe.each([
    ['IPv4', '10.8.0.2', HOST_4, 20, 1200 - 40],
    ['IPv6', 'fd00::2', HOST_6, 40, 1200 - 60],
  ] as const)('MSS over %s', (_, inside, host, tcpAt, clamped) => {
    const connect = async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ flow: { clampBytes: 1200 } })
      return { gateway, client }
    }
    const mssOf = (packet: Uint8Array, at: number) =>
      ((packet[tcpAt + 20 + at] as number) << 8) | (packet[tcpAt + 21 + at] as number)
    const checksumOf = (packet: Uint8Array) =>
      ((packet[tcpAt + 16] as number) << 8) | (packet[tcpAt + 17] as number)
    const oneForHost = async () => {
      const [packet] = await eventually(harness.fixture, 'a packet for the host', () => {
        const packets = harness.fixture.tunRead()
        return packets.length > 0 && packets
      })
      return packet as Uint8Array
    }

    test.each([
      ['SYN', SYN, 'even', 2],
      ['SYN', SYN, 'odd', 3],
      ['SYN-ACK', SYN_ACK, 'even', 2],
    ] as const)('is clamped in a %s (%i) from the client, option %s', async (_, flags, option, at) => {
      const { client } = await connect()
      client.send(tcpPacket(inside, host, flags, MSS_OPTIONS[option]))
      const packet = await oneForHost()
      expect(mssOf(packet, at)).toBe(clamped)
      expect(checksumOf(packet)).toBe(expectedTcpChecksum(inside, host, packet))
    })

    test.each([
      ['SYN', SYN, 'even', 2],
      ['SYN', SYN, 'odd', 3],
      ['SYN-ACK', SYN_ACK, 'odd', 3],
    ] as const)('is clamped in a %s (%i) to the client, option %s', async (_, flags, option, at) => {
      const { client } = await connect()
      harness.fixture.tunWrite(tcpPacket(host, inside, flags, MSS_OPTIONS[option]))
      const [sealed] = await client.receiveRaw(1)
      const packet = openPacket(client.channel, client.keys.send, sealed as Uint8Array).payload
      expect(mssOf(packet, at)).toBe(clamped)
      expect(checksumOf(packet)).toBe(expectedTcpChecksum(host, inside, packet))
    })

    test.each([
      ['no SYN', ACK, MSS_OPTIONS.even],
      ['no such option', SYN, MSS_OPTIONS.absent],
      ['a broken option', SYN, MSS_OPTIONS.broken],
      ['a smaller value', SYN, Uint8Array.of(2, 4, 0x02, 0x00)],
    ])('stays as it is with %s', async (_, flags, options) => {
      const { gateway, client } = await connect()
      const packet = tcpPacket(inside, host, flags, options)
      client.send(packet)
      await gateway.expectHost([packet])
    })
  })

  test('a later IPv4 fragment is never taken for a SYN', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ flow: { clampBytes: 1200 } })
    const packet = tcpPacket('10.8.0.2', HOST_4, SYN, MSS_OPTIONS.even)
    packet[7] = 10
    packet.fill(0, 10, 12)
    const checksum = internetChecksum(packet.subarray(0, 20))
    packet[10] = checksum >> 8
    packet[11] = checksum & 0xff
    client.send(packet)
    await gateway.expectHost([packet])
  })

  test('large inner packets pass whole', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const up = ipPacket('10.8.0.2', HOST_4, new Uint8Array(1480).fill(7))
    const down = ipPacket(HOST_4, '10.8.0.2', new Uint8Array(1480).fill(9))
    client.send(up)
    await gateway.expectHost([up])
    harness.fixture.tunWrite(down)
    await client.expectPayloads([down])
  })

  test('traffic alone raises no event', async () => {
    const { gateway, a } = await twoClients()
    a.send(a.toHost('quiet'))
    await gateway.expectHost([a.toHost('quiet')])
    harness.fixture.tunWrite(a.fromHost('quiet'))
    await a.expectPayloads([a.fromHost('quiet')])
    expect(eventsOf(harness.fixture, 'inband')).toEqual([])
    expect(harness.fixture.events).toEqual([])
  })
}
