import { parseIpAddress, type TrafficSelector } from '@causeway/wire'
import { expect, test } from 'vitest'
import { type EspClient, NEXT_CHANNEL, openEspGateway } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventually, HOST_4, HOST_6, PLAIN_CHANNEL, prefix } from './datapath-fixture.suite.ts'
import { EVERYTHING, selector } from './esp-peer.suite.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'

const TCP = 6
const UDP = 17
const ICMP = 1
const ICMPV6 = 58

/** The first bytes of a TCP or UDP header. */
function ports(source: number, destination: number): Uint8Array {
  return Uint8Array.of(source >> 8, source & 255, destination >> 8, destination & 255, 0, 0, 0, 0)
}

/** Sets IPv4's fragment offset, in units of eight bytes. */
function laterFragment(packet: Uint8Array, offset: number): Uint8Array {
  const copy = packet.slice()
  copy[7] = offset
  // The checksum sinks by what was added.
  const view = new DataView(copy.buffer)
  view.setUint16(10, view.getUint16(10) - offset)
  return copy
}

export function describeEspSelectors(harness: Harness): void {
  const connect = async (local: readonly TrafficSelector[], remote: readonly TrafficSelector[]) => {
    const gateway = await openEspGateway(harness.fixture)
    const addresses = ['10.8.0.2', '10.8.0.3', 'fd00::2']
    const client = await gateway.connectEsp({ addresses, sa: { selectors: { local, remote } } })
    return { gateway, client }
  }
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)

  /** Sends all inbound and expects that just the good ones come out. */
  const expectReceived = async (
    { gateway, client }: Awaited<ReturnType<typeof connect>>,
    good: readonly Uint8Array[],
    bad: readonly Uint8Array[],
  ) => {
    for (const packet of [...bad, ...good]) client.send(packet)
    await gateway.expectHost(good)
    expect(counters(client)).toMatchObject({
      packetsReceived: good.length,
      sourceViolations: bad.length,
      refused: 0,
      authenticationFailures: 0,
    })
  }

  test('a source that the remote selectors do not hold is refused and counted', async () => {
    const connected = await connect(EVERYTHING, [selector('10.8.0.2')])
    // Both are routed to the flow, so that the selectors alone decide.
    await expectReceived(
      connected,
      [textPacket('10.8.0.2', HOST_4, 'held')],
      [textPacket('10.8.0.3', HOST_4, 'not held'), textPacket('fd00::2', HOST_6, 'of the other family')],
    )
  })

  test('a source that the selectors hold but no route leads to is refused as well', async () => {
    const connected = await connect(EVERYTHING, EVERYTHING)
    await expectReceived(
      connected,
      [textPacket('fd00::2', HOST_6, 'routed')],
      [textPacket('10.8.0.4', HOST_4, 'not routed'), textPacket('fd00::3', HOST_6, 'not routed')],
    )
  })

  test('a destination that the local selectors do not hold is refused and counted', async () => {
    const connected = await connect([selector('192.0.2.0/24')], EVERYTHING)
    await expectReceived(
      connected,
      [textPacket('10.8.0.2', HOST_4, 'held')],
      [textPacket('10.8.0.2', '198.51.100.1', 'not held')],
    )
  })

  test('the ends of a range that is no network belong to it', async () => {
    const start = parseIpAddress('192.0.2.78')
    const end = parseIpAddress('192.0.2.80')
    if (!start || !end) throw new TypeError('these are addresses')
    const connected = await connect([{ ...selector('192.0.2.0/24'), start, end }], EVERYTHING)
    const to = (last: number) => textPacket('10.8.0.2', `192.0.2.${last}`, 'x')
    await expectReceived(connected, [to(78), to(79), to(80)], [to(77), to(81)])
  })

  test('one of several selectors is enough, on each side', async () => {
    const local = [selector('192.0.2.1'), selector('192.0.2.80'), selector('2001:db8:ff::/64')]
    const connected = await connect(local, [selector('10.8.0.2'), selector('fd00::2')])
    await expectReceived(
      connected,
      [textPacket('10.8.0.2', HOST_4, 'a'), textPacket('fd00::2', HOST_6, 'b')],
      [textPacket('10.8.0.2', '192.0.2.2', 'c')],
    )
  })

  test('protocol and ports are judged by the end that they belong to', async () => {
    const web = selector('192.0.2.0/24', { protocol: TCP, startPort: 443, endPort: 444 })
    const connected = await connect([web], [selector('10.8.0.0/24', { startPort: 1024 })])
    const packet = (protocol: number, source: number, destination: number) =>
      ipPacket('10.8.0.2', HOST_4, ports(source, destination), protocol)
    await expectReceived(
      connected,
      [packet(TCP, 1024, 443), packet(TCP, 65535, 444)],
      [
        packet(TCP, 1023, 443),
        packet(TCP, 1024, 445),
        packet(TCP, 443, 1024),
        packet(UDP, 1024, 443),
        ipPacket('10.8.0.2', HOST_4, ports(1024, 443).subarray(0, 3), TCP),
        laterFragment(packet(TCP, 1024, 443), 2),
      ],
    )
  })

  test('without ports in the selector later fragments pass', async () => {
    const connected = await connect([selector('192.0.2.0/24', { protocol: UDP })], EVERYTHING)
    const fragment = laterFragment(ipPacket('10.8.0.2', HOST_4, ports(9, 9), UDP), 185)
    await expectReceived(connected, [fragment], [ipPacket('10.8.0.2', HOST_4, ports(9, 9), TCP)])
  })

  test('type and code of ICMP are the port of both ends', async () => {
    const echo = { startPort: 0x0800, endPort: 0x08ff }
    const connected = await connect(
      [selector('0.0.0.0/0', { protocol: ICMP, ...echo })],
      [selector('10.8.0.2', { protocol: ICMP, ...echo })],
    )
    const icmp = (type: number, code: number) =>
      ipPacket('10.8.0.2', HOST_4, Uint8Array.of(type, code, 0, 0, 0, 1, 0, 1), ICMP)
    await expectReceived(connected, [icmp(8, 0), icmp(8, 255)], [icmp(0, 0), icmp(13, 0)])
  })

  test('IPv6 extension headers are stepped over', async () => {
    const dns = selector('2001:db8:ff::/64', { protocol: UDP, startPort: 53, endPort: 53 })
    const connected = await connect([dns], EVERYTHING)
    const chain = (port: number, ...headers: number[]) => {
      // Hop-by-hop of 8 bytes, destination options of 16, then UDP.
      const hop = [60, 0, 1, 4, 0, 0, 0, 0]
      const options = [UDP, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      return ipPacket(
        'fd00::2',
        HOST_6,
        Uint8Array.of(...headers, ...hop, ...options, ...ports(999, port)),
        0,
      )
    }
    const fragment = (offset: number) =>
      ipPacket('fd00::2', HOST_6, Uint8Array.of(UDP, 0, 0, offset << 3, 0, 0, 0, 7, ...ports(9, 53)), 44)
    const icmp = ipPacket('fd00::2', HOST_6, Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 0), ICMPV6)
    await expectReceived(connected, [chain(53), fragment(0)], [chain(54), fragment(1), icmp])
  })

  test('what the host sends must be held as well, or is dropped and counted', async () => {
    const { client } = await connect(
      [selector('192.0.2.80')],
      [selector('10.8.0.2', { protocol: UDP, endPort: 99 }), selector('fd00::2')],
    )
    const bad = [
      textPacket(HOST_4, '10.8.0.3', 'destination not held'),
      ipPacket(HOST_4, '10.8.0.2', ports(1, 100), UDP),
      ipPacket('192.0.2.81', '10.8.0.2', ports(1, 99), UDP),
      textPacket(HOST_6, 'fd00::2', 'source not held'),
    ]
    const good = ipPacket(HOST_4, '10.8.0.2', ports(100, 99), UDP)
    for (const packet of [...bad, good]) harness.fixture.tunWrite(packet)
    await client.expectPayloads([good])
    expect(counters(client)).toMatchObject({ packetsSent: 1, sendDrops: bad.length })
  })

  test('the SA by which a packet comes decides, not the one that sends', async () => {
    const { gateway, client } = await connect(EVERYTHING, [selector('10.8.0.2')])
    const next = await gateway.connectEsp({
      channel: NEXT_CHANNEL,
      addresses: ['10.8.0.9'],
      sa: { selectors: { local: EVERYTHING, remote: [selector('10.8.0.9')] } },
    })
    client.send(textPacket('10.8.0.9', HOST_4, "another flow's address"))
    next.send(textPacket('10.8.0.2', HOST_4, "another flow's address"))
    next.send(next.toHost('its own'))
    await gateway.expectHost([next.toHost('its own')])
    expect([counters(client).sourceViolations, counters(next).sourceViolations]).toEqual([1, 1])
  })

  test('from client to client only when the switch is on, and both selectors hold it', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const a = await gateway.connectEsp({ addresses: ['10.8.0.2'] })
    const b = await gateway.connectEsp({
      channel: NEXT_CHANNEL,
      seed: 5,
      addresses: ['10.8.0.3'],
      sa: { selectors: { local: [selector('10.8.0.2')], remote: [selector('10.8.0.3')] } },
    })
    const packet = textPacket('10.8.0.2', '10.8.0.3', 'from a to b')
    a.send(packet)
    await eventually(harness.fixture, 'one refused', () => counters(a).refused === 1)
    datapath.configure({ clientToClient: true })
    a.send(packet)
    await b.expectPayloads([packet])
    datapath.changeRoutes([{ type: 'add', prefix: prefix('10.8.0.4'), flow: a.flow }])
    a.send(textPacket('10.8.0.4', '10.8.0.3', 'b does not take it'))
    await eventually(harness.fixture, 'one dropped', () => counters(b).sendDrops === 1)
    expect(counters(b).packetsSent).toBe(1)
  })

  test('a client of ESP and one of OpenVPN reach each other', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    datapath.configure({ clientToClient: true })
    const { address } = gateway.local
    const esp = await gateway.connectEsp({ addresses: ['10.8.0.2'] })
    const port = datapath.openPort({ address, port: 0, protocol: 'openvpn' })
    const peer = await harness.fixture.openPeer(4)
    const path = { type: 'udp', port: port.id, remote: peer.endpoint } as const
    const openVpn = await gateway.connect({
      channel: { ...PLAIN_CHANNEL, peerId: 6 },
      addresses: ['10.8.0.3'],
      flow: { path },
    })
    const there = textPacket('10.8.0.2', '10.8.0.3', 'there')
    esp.send(there)
    await openVpn.expectPayloads([there], peer)
    const back = textPacket('10.8.0.3', '10.8.0.2', 'back')
    peer.send(port.local, openVpn.seal(back))
    await esp.expectPayloads([back])
  })
}
