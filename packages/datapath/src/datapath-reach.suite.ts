import type { TrafficSelector } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { openEspGateway } from './datapath-esp-fixture.suite.ts'
import {
  type Client,
  eventually,
  type Harness,
  HOST_4,
  HOST_6,
  openGateway,
} from './datapath-fixture.suite.ts'
import { makeSlot } from './datapath-peer.suite.ts'
import { describeReachBetweenClients } from './datapath-reach-clients.suite.ts'
import {
  type ConnectLimited,
  countersOf,
  expectInbound,
  expectOutbound,
  FLOW_KINDS,
  fragmentOf,
  TCP,
  UDP,
  withOptions,
  withPorts,
} from './datapath-reach-fixture.suite.ts'
import { describeReachMisuse } from './datapath-reach-misuse.suite.ts'
import { describeReachOfReports } from './datapath-reach-reports.suite.ts'
import { makeSa, selector } from './esp-peer.suite.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'

const HTTPS = { protocol: TCP, startPort: 443, endPort: 443 }

/** What `limitFlow` does to flows of every kind. */
export function describeReach(harness: Harness): void {
  describe.each(FLOW_KINDS)('of %s', (_, connect) => {
    describe('addresses and ports', () => describeDestinations(harness, connect))
    describe('reports', () => describeReachOfReports(harness, connect))
    describe('other clients', () => describeReachBetweenClients(harness, connect))
  })
  describe('and keys', () => describeLimitsAndKeys(harness))
  describe('misuse', () => describeReachMisuse(harness))
}

function describeDestinations(harness: Harness, connect: ConnectLimited): void {
  const limited = async (destinations: readonly TrafficSelector[] | undefined) => {
    const client = await connect(harness.fixture)
    harness.fixture.datapath.limitFlow(client.flow, destinations)
    return client
  }
  const from = (source: string, destination: string) => textPacket(source, destination, 'x')

  test('a packet from the client passes only to a destination', async () => {
    const client = await limited([selector('192.0.2.0/25'), selector('2001:db8:ff::/64')])
    await expectInbound(
      client,
      [from('10.8.0.2', '192.0.2.0'), from('10.8.0.2', '192.0.2.127'), from('fd00::2', HOST_6)],
      [
        from('10.8.0.2', '192.0.1.255'),
        from('10.8.0.2', '192.0.2.128'),
        from('fd00::2', '2001:db8:fe:ffff::'),
        from('fd00::2', '2001:db8:ff:1::'),
        from('fd00::2', '::ffff:192.0.2.1'),
      ],
    )
  })

  test('a packet to the client passes only from a destination', async () => {
    const client = await limited([selector('192.0.2.0/25'), selector('2001:db8:ff::/64')])
    await expectOutbound(
      client,
      [from('192.0.2.0', '10.8.0.2'), from('192.0.2.127', '10.8.0.2'), from(HOST_6, 'fd00::2')],
      [
        from('192.0.1.255', '10.8.0.2'),
        from('192.0.2.128', '10.8.0.2'),
        from('2001:db8:ff:1::', 'fd00::2'),
        from('::ffff:192.0.2.1', 'fd00::2'),
      ],
    )
  })

  test('destinations of one family leave the other unreached', async () => {
    const client = await limited([selector('0.0.0.0/0')])
    await expectInbound(client, [from('10.8.0.2', HOST_4)], [from('fd00::2', HOST_6)])
    await expectOutbound(client, [from(HOST_4, '10.8.0.2')], [from(HOST_6, 'fd00::2')])
  })

  test('the limit may change at any time, to nothing and to no limit as well', async () => {
    const { datapath } = harness.fixture
    const client = await limited(undefined)
    const [there4, there6] = [from('10.8.0.2', HOST_4), from('fd00::2', HOST_6)]
    const [back4, back6] = [from(HOST_4, '10.8.0.2'), from(HOST_6, 'fd00::2')]
    const expectNow = async (in4: boolean, in6: boolean) => {
      const split = (a: Uint8Array, b: Uint8Array, holds: boolean) =>
        [...(in4 === holds ? [a] : []), ...(in6 === holds ? [b] : [])] as const
      await expectInbound(client, split(there4, there6, true), split(there4, there6, false))
      await expectOutbound(client, split(back4, back6, true), split(back4, back6, false))
    }
    await expectNow(true, true)
    datapath.limitFlow(client.flow, [])
    await expectNow(false, false)
    datapath.limitFlow(client.flow, [selector('192.0.2.0/24')])
    await expectNow(true, false)
    datapath.limitFlow(client.flow, [selector('198.51.100.0/24'), selector('::/0')])
    await expectNow(false, true)
    datapath.limitFlow(client.flow, undefined)
    await expectNow(true, true)
  })

  test('what the caller does with the list afterwards changes nothing', async () => {
    const destinations = [selector('192.0.2.0/24')]
    const client = await limited(destinations)
    destinations[0] = selector('::/0')
    await expectInbound(client, [from('10.8.0.2', HOST_4)], [from('fd00::2', HOST_6)])
  })

  test('as many destinations as there may be are all looked at', async () => {
    const many = Array.from({ length: 254 }, (_, i) => selector(`172.16.${i}.0/24`))
    const client = await limited([...many, selector(HOST_4)])
    await expectInbound(
      client,
      [from('10.8.0.2', HOST_4), from('10.8.0.2', '172.16.253.9')],
      [from('10.8.0.2', '172.16.254.0')],
    )
  })

  test('a forged source is counted as such, whatever the limit', async () => {
    const client = await limited([selector('192.0.2.0/24')])
    client.send(from('10.8.0.99', HOST_4))
    client.send(from('10.8.0.99', '198.51.100.1'))
    await eventually(harness.fixture, 'both counted', () => countersOf(client).sourceViolations === 2)
    await expectInbound(client, [from('10.8.0.2', HOST_4)], [])
    expect(countersOf(client)).toMatchObject({ sourceViolations: 2, refused: 0 })
  })

  test('protocol and port count at the far end', async () => {
    const client = await limited([selector('192.0.2.0/24', HTTPS), selector('2001:db8:ff::/64', HTTPS)])
    await expectInbound(
      client,
      [withPorts('10.8.0.2', HOST_4, [9, 443]), withPorts('fd00::2', HOST_6, [9, 443])],
      [
        withPorts('10.8.0.2', HOST_4, [443, 444]),
        withPorts('10.8.0.2', HOST_4, [9, 443], UDP),
        withPorts('fd00::2', HOST_6, [443, 9]),
        ipPacket('10.8.0.2', HOST_4, Uint8Array.of(0, 9, 1), TCP),
        ipPacket('fd00::2', HOST_6, new Uint8Array(0), TCP),
      ],
    )
    await expectOutbound(
      client,
      [withPorts(HOST_4, '10.8.0.2', [443, 9]), withPorts(HOST_6, 'fd00::2', [443, 9])],
      [withPorts(HOST_4, '10.8.0.2', [9, 443]), withPorts(HOST_6, 'fd00::2', [443, 9], UDP)],
    )
  })

  test('later fragments show no ports: they pass where addresses alone are asked for', async () => {
    const client = await limited([selector('192.0.2.0/25', HTTPS), selector('192.0.2.128/25')])
    const packet = (to: string) => withPorts('10.8.0.2', to, [9, 443])
    await expectInbound(
      client,
      [
        fragmentOf(packet('192.0.2.1'), 0, 0x20),
        fragmentOf(packet('192.0.2.200'), 0, 0x20),
        fragmentOf(packet('192.0.2.200'), 3),
      ],
      [fragmentOf(packet('192.0.2.1'), 3)],
    )
  })

  test('ports are looked for behind IPv4 options', async () => {
    const client = await limited([selector('192.0.2.0/24', HTTPS)])
    const alert = [148, 4, 0, 0]
    const disguise = [1, 1, 443 >> 8, 443 & 255]
    await expectInbound(
      client,
      [withOptions(withPorts('10.8.0.2', HOST_4, [9, 443]), alert)],
      [withOptions(withPorts('10.8.0.2', HOST_4, [9, 444]), disguise)],
    )
  })

  test('what asks to be sent on from a destination is refused, but only under a limit', async () => {
    const client = await limited([selector('192.0.2.0/24'), selector('2001:db8:ff::/64')])
    const plain = from('10.8.0.2', HOST_4)
    const route = (type: number) => [type, 7, 4, 198, 51, 100, 1, 0]
    const segments = (left: number) =>
      ipPacket('fd00::2', HOST_6, Uint8Array.of(253, 2, 4, left, ...new Uint8Array(20)), 43)
    const bad = [
      withOptions(plain, route(131)),
      withOptions(plain, [1, ...route(137).slice(0, 7)]),
      withOptions(plain, [148, 1, 0, 0]),
      segments(1),
    ]
    const good = [withOptions(plain, [148, 4, 0, 0]), withOptions(plain, [0, 131, 7, 4]), segments(0)]
    await expectInbound(client, good, bad)
    harness.fixture.datapath.limitFlow(client.flow, undefined)
    await expectInbound(client, bad, [])
  })
}

function describeLimitsAndKeys(harness: Harness): void {
  const OUTSIDE = '198.51.100.1'

  test('a limit that is set before there is a key holds for OpenVPN', async () => {
    const gateway = await openGateway(harness.fixture)
    const client: Client = await gateway.connect()
    const { datapath } = harness.fixture
    datapath.removeKey(client.flow, client.channel.keyId)
    datapath.limitFlow(client.flow, [selector('192.0.2.0/24')])
    datapath.installKey(client.flow, makeSlot(client.channel, client.keys))
    datapath.selectKey(client.flow, client.channel.keyId)
    client.send(textPacket('10.8.0.2', OUTSIDE, 'outside'))
    await client.expectNothingBefore()
    expect(datapath.counters(client.flow)).toMatchObject({ refused: 1, packetsReceived: 1 })
  })

  test('for ESP it holds for each SA, in addition to its selectors', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const local = [selector('192.0.2.0/25'), selector(OUTSIDE)]
    const sa = { selectors: { local, remote: [selector('10.8.0.2')] } }
    const client = await gateway.connectEsp({ sa })
    const { datapath } = harness.fixture
    datapath.limitFlow(client.flow, [selector('192.0.2.0/24')])
    datapath.installKey(client.flow, makeSa(client.channel, client.keys, sa))
    client.send(textPacket('10.8.0.2', '192.0.2.128', 'not of the selectors'))
    client.send(textPacket('10.8.0.2', OUTSIDE, 'not of the limit'))
    await client.expectNothingBefore()
    harness.fixture.tunWrite(textPacket('192.0.2.128', '10.8.0.2', 'not of the selectors'))
    harness.fixture.tunWrite(textPacket(OUTSIDE, '10.8.0.2', 'not of the limit'))
    harness.fixture.tunWrite(client.fromHost('of both'))
    await client.expectPayloads([client.fromHost('of both')])
    const counted = { sourceViolations: 1, refused: 1, packetsReceived: 1, sendDrops: 2, packetsSent: 1 }
    expect(datapath.counters(client.flow)).toMatchObject(counted)
  })

  test('amid traffic nothing passes any more by the limit before', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath } = harness.fixture
    const received = () => datapath.counters(client.flow).packetsReceived
    const packet = client.toHost('one of many')
    for (let round = 0; round < 10; round++) {
      const start = received()
      for (let i = 0; i < 50; i++) client.send(packet)
      await eventually(harness.fixture, 'some passed', () => received() > start)
      datapath.limitFlow(client.flow, [])
      const before = received()
      const { refused } = datapath.counters(client.flow)
      for (let i = 0; i < 50; i++) client.send(packet)
      await eventually(
        harness.fixture,
        'some refused',
        () => datapath.counters(client.flow).refused > refused,
      )
      expect(received()).toBe(before)
      datapath.limitFlow(client.flow, undefined)
    }
  })

  test('what is no inner packet has no limit', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect()
    const { datapath, events } = harness.fixture
    datapath.limitFlow(client.flow, [])
    const notice = Uint8Array.of(0x28, 1, 2, 3)
    client.send(notice)
    await eventually(harness.fixture, 'a notice', () => events.some(({ type }) => type === 'inband'))
    datapath.sendInband(client.flow, notice)
    await client.expectPayloads([notice])
  })
}
