import { expect, test } from 'vitest'
import type { DatapathSettings, Route } from './datapath.ts'
import {
  type EspClient,
  type EspGateway,
  NEXT_CHANNEL,
  openEspGateway,
} from './datapath-esp-fixture.suite.ts'
import { eventually, type Harness, HOST_4, HOST_6, prefix } from './datapath-fixture.suite.ts'
import { icmpError } from './datapath-reach-fixture.suite.ts'
import { type EspChannel, EVERYTHING, selector } from './esp-peer.suite.ts'
import type { FlowId } from './ids.ts'
import { textPacket } from './inner-packet.suite.ts'

/** Inner networks: ours, of which the host's is the first, and those of the site. */
const OURS = ['192.0.2.0/24', '198.51.100.0/24'] as const
const THEIRS = ['10.20.0.0/16', '10.30.0.0/16'] as const
const OUR_HOSTS = [HOST_4, '198.51.100.7'] as const
const THEIR_HOSTS = ['10.20.0.5', '10.30.0.5'] as const

/** The channel of the site's nth tunnel or Child SA. */
function channel(n: number): EspChannel {
  return { ...NEXT_CHANNEL, spi: 0xc0030000 + n, sendSpi: 0xb0030000 + n }
}

function add(flow: FlowId, to: string, from?: string, metric?: number) {
  const route: Route = {
    prefix: prefix(to),
    ...(from === undefined ? {} : { source: prefix(from) }),
    ...(metric === undefined ? {} : { metric }),
  }
  return { type: 'add', ...route, flow } as const
}

/** ICMP: destination unreachable. */
const UNREACHABLE = 3

export function describeSites(harness: Harness): void {
  const counters = (client: EspClient) => harness.fixture.datapath.counters(client.flow)
  const fromHost = (packet: Uint8Array) => harness.fixture.tunWrite(packet)

  /** A tunnel or Child SA of a site, as yet without routes. */
  const connectSite = (gateway: EspGateway, n: number, local = EVERYTHING, remote = EVERYTHING) =>
    gateway.connectEsp({
      channel: channel(n),
      seed: 10 + n,
      addresses: [],
      flow: { peer: 'site' },
      sa: { selectors: { local, remote } },
    })

  /** A Child SA for each pair of a network of ours and one of theirs, as policy-based sites have. */
  const connectPairs = async () => {
    const gateway = await openEspGateway(harness.fixture)
    const pairs: { readonly ours: number; readonly theirs: number; readonly client: EspClient }[] = []
    for (const [ours, local] of OURS.entries())
      for (const [theirs, remote] of THEIRS.entries()) {
        const n = 2 * ours + theirs
        const client = await connectSite(gateway, n, [selector(local)], [selector(remote)])
        harness.fixture.datapath.changeRoutes([add(client.flow, remote, local)])
        pairs.push({ ours, theirs, client })
      }
    return { gateway, pairs }
  }

  /** Two tunnels of a site that carry the same, the first preferred. */
  const connectTwins = async (network: string = THEIRS[0]) => {
    const gateway = await openEspGateway(harness.fixture)
    const first = await connectSite(gateway, 1)
    const second = await connectSite(gateway, 2)
    // The order in which they come says nothing.
    harness.fixture.datapath.changeRoutes([
      add(second.flow, network, undefined, 10),
      add(first.flow, network, undefined, 5),
    ])
    return { gateway, first, second }
  }

  test('source and destination together say by which SA a packet goes', async () => {
    const { pairs } = await connectPairs()
    const packetOf = (ours: number, theirs: number) =>
      textPacket(OUR_HOSTS[ours] as string, THEIR_HOSTS[theirs] as string, `${ours} to ${theirs}`)
    for (const { ours, theirs } of pairs) fromHost(packetOf(ours, theirs))
    for (const { ours, theirs, client } of pairs) {
      await client.expectPayloads([packetOf(ours, theirs)])
      expect(counters(client)).toMatchObject({ packetsSent: 1, sendDrops: 0 })
    }
  })

  test('what comes by an SA must be of its pair', async () => {
    const { gateway, pairs } = await connectPairs()
    const good: Uint8Array[] = []
    for (const own of pairs)
      for (const { ours, theirs } of pairs) {
        const packet = textPacket(THEIR_HOSTS[theirs] as string, OUR_HOSTS[ours] as string, 'x')
        own.client.send(packet)
        if (own.ours === ours && own.theirs === theirs) good.push(packet)
      }
    await gateway.expectHost(good)
    for (const { client } of pairs)
      expect(counters(client)).toMatchObject({
        packetsReceived: 1,
        sourceViolations: 3,
        selectorMismatchesReceived: 3,
        refused: 0,
      })
  })

  test('a source that no route takes has no route', async () => {
    const { pairs } = await connectPairs()
    const [{ client }] = pairs as [(typeof pairs)[0]]
    const { noRoute } = harness.fixture.datapath.totals()
    fromHost(textPacket('203.0.113.9', THEIR_HOSTS[0], 'from elsewhere'))
    const packet = textPacket(HOST_4, THEIR_HOSTS[0], 'from here')
    fromHost(packet)
    await client.expectPayloads([packet])
    expect(harness.fixture.datapath.totals().noRoute - noRoute).toBe(1)
  })

  test('the longest destination that has a route for the source decides, then the longest source', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const [a, b, c] = [
      await connectSite(gateway, 1),
      await connectSite(gateway, 2),
      await connectSite(gateway, 3),
    ]
    harness.fixture.datapath.changeRoutes([
      add(a.flow, '10.20.0.0/16'),
      add(b.flow, '10.20.0.0/16', '192.0.2.0/24'),
      add(a.flow, '10.20.0.0/16', '192.0.2.80/32'),
      add(c.flow, '10.20.7.0/24', '192.0.0.0/8'),
      add(a.flow, '2001:db8::/32', '2001:db8:ff::/65'),
      add(b.flow, '2001:db8::/32', '::/0'),
    ])
    const packet = (from: string, to: string) => textPacket(from, to, `${from} ${to}`)
    const toA = [
      packet('198.51.100.1', '10.20.0.1'),
      packet('192.0.2.80', '10.20.0.1'),
      // The longer destination has none for it.
      packet('198.51.100.1', '10.20.7.1'),
      packet(HOST_6, '2001:db8:1::1'),
    ]
    const toB = [packet('192.0.2.81', '10.20.0.1'), packet('2001:db8:ff:0:8000::1', '2001:db8:1::1')]
    const toC = [packet('192.0.2.80', '10.20.7.1'), packet('192.200.0.1', '10.20.7.1')]
    for (const sent of [...toA, ...toB, ...toC]) fromHost(sent)
    await a.expectPayloads(toA)
    await b.expectPayloads(toB)
    await c.expectPayloads(toC)
  })

  test('a route is moved and removed by its source and metric, and the others stay', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const [a, b] = [await connectSite(gateway, 1), await connectSite(gateway, 2)]
    const network = prefix('10.20.0.0/16')
    const source = prefix('192.0.2.0/24')
    const packet = textPacket(HOST_4, THEIR_HOSTS[0], 'x')
    const expectBy = async (client: EspClient) => {
      fromHost(packet)
      await client.expectPayloads([packet])
    }
    datapath.changeRoutes([add(a.flow, '10.20.0.0/16'), add(a.flow, '10.20.0.0/16', '192.0.2.0/24')])
    await expectBy(a)
    datapath.changeRoutes([add(b.flow, '10.20.0.0/16', '192.0.2.0/24')])
    await expectBy(b)
    datapath.changeRoutes([
      { type: 'remove', prefix: network, metric: 7 },
      { type: 'remove', prefix: network, source: prefix('192.0.0.0/8') },
      { type: 'remove', prefix: network },
    ])
    await expectBy(b)
    datapath.changeRoutes([add(a.flow, '10.20.0.0/16'), { type: 'remove', prefix: network, source }])
    await expectBy(a)
  })

  test('closing a flow removes its routes of every kind and uncovers those of others', async () => {
    const { first, second } = await connectTwins()
    const { datapath } = harness.fixture
    datapath.changeRoutes([add(first.flow, '10.20.0.0/24', '192.0.2.0/24'), add(first.flow, '10.20.0.5')])
    const packet = textPacket(HOST_4, THEIR_HOSTS[0], 'x')
    fromHost(packet)
    await first.expectPayloads([packet])
    datapath.closeFlow(first.flow)
    fromHost(packet)
    await second.expectPayloads([packet])
    datapath.closeFlow(second.flow)
    const { noRoute } = datapath.totals()
    fromHost(packet)
    await eventually(harness.fixture, 'no route', () => datapath.totals().noRoute === noRoute + 1)
  })

  test('of two tunnels the second sends while the first has no SA to send by', async () => {
    const { first, second } = await connectTwins()
    const { datapath } = harness.fixture
    const packet = (text: string) => textPacket(HOST_4, THEIR_HOSTS[0], text)
    fromHost(packet('both'))
    await first.expectPayloads([packet('both')])
    datapath.removeKey(first.flow, first.channel.spi)
    fromHost(packet('one is left'))
    await second.expectPayloads([packet('one is left')])
    datapath.removeKey(second.flow, second.channel.spi)
    fromHost(packet('none is left'))
    await eventually(harness.fixture, 'a drop', () => counters(first).sendDrops === 1)
    expect(counters(second)).toMatchObject({ packetsSent: 1, sendDrops: 0 })
  })

  test('either tunnel may bring what the site sends, whatever its default route', async () => {
    const { gateway, first, second } = await connectTwins('0.0.0.0/0')
    const packet = (text: string) => textPacket(THEIR_HOSTS[0], HOST_4, text)
    first.send(packet('by the first'))
    await gateway.expectHost([packet('by the first')])
    second.send(packet('by the second'))
    await gateway.expectHost([packet('by the second')])
    expect(counters(second)).toMatchObject({ packetsReceived: 1, sourceViolations: 0, refused: 0 })
  })

  test("a site cannot send as another one's host or as a client", async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    datapath.configure({ clientToClient: true, clientToSite: true, siteToClient: true, siteToSite: true })
    const [a, b] = [await connectSite(gateway, 1), await connectSite(gateway, 2)]
    await gateway.connectEsp({ addresses: ['10.8.0.2'] })
    datapath.changeRoutes([add(a.flow, THEIRS[0]), add(b.flow, THEIRS[1], '192.0.2.0/24')])
    for (const source of [THEIR_HOSTS[1], '10.8.0.2', HOST_4, '10.40.0.1'])
      a.send(textPacket(source, OUR_HOSTS[1], 'forged'))
    const honest = textPacket(THEIR_HOSTS[0], OUR_HOSTS[1], 'honest')
    a.send(honest)
    await gateway.expectHost([honest])
    expect(counters(a)).toMatchObject({
      packetsReceived: 1,
      sourceViolations: 4,
      selectorMismatchesReceived: 0,
    })
  })

  test('what the selectors do not hold is counted apart from what has no route', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const site = await connectSite(gateway, 1, [selector(OURS[0])], [selector(THEIRS[0], { protocol: 253 })])
    const wide = await connectSite(gateway, 2)
    harness.fixture.datapath.changeRoutes([add(site.flow, '10.0.0.0/8')])
    const bad = [textPacket(THEIR_HOSTS[1], HOST_4, 'x'), textPacket('172.16.0.1', HOST_4, 'no route either')]
    for (const packet of bad) site.send(packet)
    wide.send(textPacket('172.16.0.1', HOST_4, 'no route'))
    for (const destination of [THEIR_HOSTS[1], '10.99.0.1']) fromHost(textPacket(HOST_4, destination, 'y'))
    const settled = () => counters(wide).sourceViolations === 1 && counters(site).sendDrops === 2
    await eventually(harness.fixture, 'all dropped', settled)
    expect(counters(wide)).toMatchObject({ sourceViolations: 1, selectorMismatchesReceived: 0 })
    expect(counters(site)).toMatchObject({
      sourceViolations: 2,
      selectorMismatchesReceived: 2,
      sendDrops: 2,
      selectorMismatchesSent: 2,
    })
  })

  const ways = [
    ['clientToClient', '10.8.0.2', '10.8.0.3'],
    ['clientToSite', '10.8.0.2', THEIR_HOSTS[0]],
    ['siteToClient', THEIR_HOSTS[0], '10.8.0.2'],
    ['siteToSite', THEIR_HOSTS[0], THEIR_HOSTS[1]],
  ] as const satisfies readonly (readonly [keyof DatapathSettings, string, string])[]
  test.each(ways)('%s is a switch of its own', async (setting, from, to) => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    const ends = new Map([
      ['10.8.0.2', await gateway.connectEsp({ addresses: ['10.8.0.2'] })],
      ['10.8.0.3', await gateway.connectEsp({ channel: NEXT_CHANNEL, seed: 5, addresses: ['10.8.0.3'] })],
      [THEIR_HOSTS[0], await connectSite(gateway, 1)],
      [THEIR_HOSTS[1], await connectSite(gateway, 2)],
    ])
    const [sender, receiver] = [ends.get(from), ends.get(to)]
    if (!sender || !receiver) throw new TypeError('these are ends')
    for (const [n, network] of THEIRS.entries()) {
      const site = ends.get(THEIR_HOSTS[n] as string)
      if (site) datapath.changeRoutes([add(site.flow, network)])
    }
    const others = Object.fromEntries(ways.map(([name]) => [name, name !== setting]))
    const refusals = async (settings: DatapathSettings) => {
      const { refused } = counters(sender)
      datapath.configure(settings)
      sender.send(textPacket(from, to, 'refused'))
      await eventually(harness.fixture, 'a refusal', () => counters(sender).refused === refused + 1)
    }
    await refusals({})
    await refusals(others)
    datapath.configure({ [setting]: true })
    sender.send(textPacket(from, to, 'passed on'))
    await receiver.expectPayloads([textPacket(from, to, 'passed on')])
    await refusals({ [setting]: false })
    expect(counters(receiver).packetsSent).toBe(1)
  })

  test("reports of a site's routers pass the limit of a client, as those of the host's do", async () => {
    const gateway = await openEspGateway(harness.fixture)
    const { datapath } = harness.fixture
    datapath.configure({ siteToClient: true })
    const client = await gateway.connectEsp({ addresses: ['10.8.0.2'] })
    const site = await connectSite(gateway, 1)
    datapath.changeRoutes([add(site.flow, THEIRS[0]), add(site.flow, '172.16.0.0/24')])
    datapath.limitFlow(client.flow, [selector(THEIRS[0])])
    const about = textPacket('10.8.0.2', THEIR_HOSTS[0], 'too far')
    const report = icmpError('172.16.0.1', '10.8.0.2', UNREACHABLE, about)
    site.send(textPacket('172.16.0.1', '10.8.0.2', 'not of its own'))
    site.send(report)
    await client.expectPayloads([report])
    expect(counters(client)).toMatchObject({ packetsSent: 1, sendDrops: 1 })
  })
}
