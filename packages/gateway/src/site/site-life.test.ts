import { type Carry, MemoryNetwork } from '@causeway/datapath'
import { asciiBytes, formatIpAddress, prefixSelector } from '@causeway/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  applyConnections,
  bothWays,
  connectionOf,
  EAST,
  ESP_SUITE,
  IKE_SUITE,
  onlyConnection,
  passes,
  type SiteEnd,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import { address, prefix, type TestGateway } from '../testing/test-gateway.suite.ts'
import { pass, passUntil, realTime, testClock, virtualTime } from '../testing/virtual-time.suite.ts'
import type { SiteConnection } from './site-configuration.ts'

let running: TestGateway[]
/** Addresses from and to which nothing goes. */
let cut: Set<string>

const carry: Carry = (packet, deliver) => {
  const ends = [packet.from, packet.to].map(({ address: at }) => formatIpAddress(at))
  if (!ends.some(end => cut.has(end))) deliver(packet)
}
let network: MemoryNetwork

beforeEach(() => {
  virtualTime()
  running = []
  cut = new Set()
  network = new MemoryNetwork(carry)
})

afterEach(async () => {
  realTime()
  cut.clear()
  for (const gateway of running) await gateway.stop()
})

async function start(end: SiteEnd, ...connections: readonly SiteConnection[]): Promise<TestGateway> {
  const gateway = await siteGateway(end, connections, { network, clock: testClock })
  running.push(gateway)
  return gateway
}

const isUp = (gateway: TestGateway): boolean => onlyConnection(gateway).status === 'Connected'
const sessionsOf = (gateway: TestGateway) => onlyConnection(gateway).tunnels[0]?.sessions ?? []

async function pair(
  west: Partial<SiteConnection> = {},
  east: Partial<SiteConnection> = { mode: 'ResponderOnly' },
): Promise<readonly [TestGateway, TestGateway]> {
  const second = await start(EAST, connectionOf(EAST, WEST, east))
  const first = await start(WEST, connectionOf(WEST, EAST, west))
  await passUntil(() => isUp(first) && isUp(second), 5_000)
  return [first, second]
}

test('both begin at once: one session stays, the same at both ends', async () => {
  const [west, east] = await pair({}, {})
  await pass(180_000)
  expect([sessionsOf(west).length, sessionsOf(east).length]).toEqual([1, 1])
  expect(sessionsOf(west)[0]?.initiatorSpi).toBe(sessionsOf(east)[0]?.initiatorSpi)
  expect(bothWays(west, east)).toBe(true)
})

test('a cut of thirty seconds is outlived, and a longer one found out and healed', async () => {
  const [west, east] = await pair({ dpdSeconds: 45 }, { mode: 'ResponderOnly', dpdSeconds: 45 })
  const [before] = sessionsOf(west)
  cut.add(EAST.outer)
  await pass(30_000)
  cut.clear()
  await pass(60_000)
  expect(sessionsOf(west)[0]?.initiatorSpi).toBe(before?.initiatorSpi)
  expect(bothWays(west, east)).toBe(true)
  cut.add(EAST.outer)
  await pass(40_000)
  expect([isUp(west), isUp(east)]).toEqual([true, true])
  await passUntil(() => !isUp(west) && !isUp(east), 60_000)
  expect(west.messages().join()).toMatch(/t0 is down: the peer no longer answers/)
  cut.clear()
  await passUntil(() => isUp(west) && isUp(east), 90_000)
  expect(bothWays(west, east)).toBe(true)
})

test('a peer that was killed and begins anew takes the place of its former session', async () => {
  const [west, east] = await pair({ mode: 'ResponderOnly' }, {})
  east.datapath.close()
  running = [west]
  const again = await start(EAST, connectionOf(EAST, WEST))
  await passUntil(() => isUp(again), 5_000)
  await pass(1_000)
  expect(sessionsOf(west)).toHaveLength(1)
  expect(sessionsOf(west)[0]?.initiatorSpi).toBe(sessionsOf(again)[0]?.initiatorSpi)
  expect(bothWays(west, again)).toBe(true)
  expect(west.messages().some(text => text.includes('is down'))).toBe(false)
})

test.each([1, 2, 3, 4])(
  'a peer that was killed soon after we had begun takes our session away, round %d',
  async () => {
    const [west, east] = await pair({}, { mode: 'ResponderOnly' })
    await pass(1_500)
    east.datapath.close()
    running = [west]
    const again = await start(EAST, connectionOf(EAST, WEST))
    await passUntil(() => isUp(again), 5_000)
    await pass(1_000)
    const [staying, ...others] = sessionsOf(west).filter(({ isCarrier }) => isCarrier)
    expect([others, staying?.initiatorSpi]).toEqual([[], sessionsOf(again)[0]?.initiatorSpi])
    expect(bothWays(west, again)).toBe(true)
    expect(west.messages().some(text => text.includes('is down'))).toBe(false)
  },
)

test.each(Array.from({ length: 10 }, (_, i) => i))(
  'sessions that cross end nothing but one of the two, round %d',
  async () => {
    network = new MemoryNetwork((packet, deliver) => setTimeout(deliver, 20 * Math.random(), packet))
    const [west, east] = await pair({}, {})
    await pass(30_000)
    expect(sessionsOf(west)[0]?.initiatorSpi).toBe(sessionsOf(east)[0]?.initiatorSpi)
    expect([west, east].flatMap(gateway => gateway.messages()).join()).not.toMatch(/is down/)
  },
)

test('a reset makes a new session at once', async () => {
  const [west, east] = await pair()
  const [before] = sessionsOf(west)
  expect(west.gateway.resetConnection(WEST.connection.toUpperCase())).toBe(true)
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  expect(sessionsOf(west)[0]?.initiatorSpi).not.toBe(before?.initiatorSpi)
  expect(west.gateway.resetConnection('/connections/none')).toBe(false)
})

test('the counters of a connection never go back', async () => {
  const [west, east] = await pair()
  const carried = () => onlyConnection(west).tunnels[0]?.packetsSent
  expect(bothWays(west, east)).toBe(true)
  expect(carried()).toBe(1)
  west.gateway.resetConnection(WEST.connection)
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  expect(carried()).toBe(1)
  expect(bothWays(west, east)).toBe(true)
  expect(carried()).toBe(2)
})

test('the reset of a whole gateway makes all connections anew', async () => {
  const [west, east] = await pair()
  const [before] = sessionsOf(west)
  const done = west.gateway.reset()
  await pass(1_000)
  realTime()
  await done
  virtualTime()
  await passUntil(() => isUp(west) && isUp(east), 10_000)
  expect(sessionsOf(west).at(-1)?.initiatorSpi).not.toBe(before?.initiatorSpi)
})

test('another IPsec policy makes new Child SAs under the same IKE SA', async () => {
  const other = { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', group: 'ECP-256' } as const
  const suites = { initiator: [other], responder: [other] }
  const both = { initiator: [ESP_SUITE, other], responder: [ESP_SUITE, other] }
  const [west, east] = await pair({}, { mode: 'ResponderOnly', espSuites: both })
  const [before] = sessionsOf(west)
  expect(before?.children.map(({ encryption }) => encryption)).toEqual(['AES-GCM-16-256'])
  await applyConnections(west, [connectionOf(WEST, EAST, { espSuites: suites })])
  await passUntil(() => sessionsOf(west)[0]?.children[0]?.encryption === 'AES-CBC-256', 5_000)
  expect(sessionsOf(west)[0]?.initiatorSpi).toBe(before?.initiatorSpi)
  expect(sessionsOf(west)[0]?.children).toMatchObject([{ group: 'ECP-256', integrity: 'HMAC-SHA256-128' }])
  expect(bothWays(west, east)).toBe(true)
})

test('another IPsec policy at both ends at once leaves one Child SA, whoever made it', async () => {
  const other = { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', group: 'ECP-256' } as const
  const espSuites = { initiator: [other], responder: [other] }
  const mode = 'ResponderOnly'
  const [west, east] = await pair()
  await Promise.all([
    applyConnections(west, [connectionOf(WEST, EAST, { espSuites })]),
    applyConnections(east, [connectionOf(EAST, WEST, { mode, espSuites })]),
  ])
  for (let step = 0; step < 70; step++) {
    await pass(1_000)
    expect(bothWays(west, east)).toBe(true)
  }
  for (const end of [west, east])
    expect(sessionsOf(end)[0]?.children.map(({ encryption }) => encryption)).toEqual(['AES-CBC-256'])
})

test('another IKE policy makes a new session before the old one ends', async () => {
  const other = { ...IKE_SUITE, encryption: 'AES-CBC-128' } as const
  const both = { initiator: [IKE_SUITE, other], responder: [IKE_SUITE, other] }
  const [west, east] = await pair({}, { mode: 'ResponderOnly', ikeSuites: both })
  await applyConnections(west, [
    connectionOf(WEST, EAST, { ikeSuites: { initiator: [other], responder: [other] } }),
  ])
  for (let step = 0; step < 40; step++) {
    await pass(1_000)
    expect(bothWays(west, east)).toBe(true)
  }
  expect(sessionsOf(west)).toHaveLength(1)
  expect(sessionsOf(west)[0]?.suite.encryption).toBe('AES-CBC-128')
})

test('pairs of selectors have a Child SA each, and each carries its own', async () => {
  const pairOf = (local: string, remote: string) => ({
    local: [prefixSelector(prefix(local))],
    remote: [prefixSelector(prefix(remote))],
  })
  const selectors = [pairOf('10.1.0.0/17', '10.2.0.0/16'), pairOf('10.1.128.0/17', '10.2.0.0/16')]
  const [west, east] = await pair({ selectors })
  await passUntil(() => sessionsOf(west)[0]?.children.length === 2, 5_000)
  expect(passes(west, '10.1.0.1', east, '10.2.0.1')).toBe(true)
  expect(passes(west, '10.1.200.1', east, '10.2.0.1')).toBe(true)
  expect(passes(east, '10.2.0.1', west, '10.1.200.1')).toBe(true)
})

test('a key that has changed at one end alone takes the tunnel down within a minute', async () => {
  const [west, east] = await pair()
  const authentication = { type: 'psk', secret: asciiBytes('another key than before') } as const
  await applyConnections(east, [connectionOf(EAST, WEST, { authentication, mode: 'ResponderOnly' })])
  await passUntil(() => !isUp(east), 60_000)
  await applyConnections(west, [connectionOf(WEST, EAST, { authentication })])
  await passUntil(() => isUp(west) && isUp(east), 90_000)
  expect(bothWays(west, east)).toBe(true)
})

test('a change of one connection leaves another alone', async () => {
  const north: SiteEnd = {
    outer: '203.0.113.9',
    inside: '10.3.0.0/16',
    host: '10.3.0.1',
    connection: '/connections/north-to-west',
  }
  const toNorth = { ...connectionOf(WEST, north), id: '/connections/west-to-north' }
  const localPrefixes = [EAST.inside, '10.5.0.0/16'].map(prefix)
  const east = await start(EAST, connectionOf(EAST, WEST, { mode: 'ResponderOnly', localPrefixes }))
  const far = await start(north, connectionOf(north, WEST, { mode: 'ResponderOnly' }))
  const west = await start(WEST, connectionOf(WEST, EAST), toNorth)
  await passUntil(() => isUp(east) && isUp(far), 5_000)
  const before = sessionsOf(far)[0]?.initiatorSpi
  expect(passes(west, WEST.host, far, north.host)).toBe(true)
  await applyConnections(west, [
    connectionOf(WEST, EAST, { remotePrefixes: [prefix('10.5.0.0/16')] }),
    toNorth,
  ])
  expect(passes(west, WEST.host, east, EAST.host)).toBe(false)
  expect(passes(west, WEST.host, east, '10.5.0.1')).toBe(true)
  await applyConnections(west, [toNorth])
  await passUntil(() => !isUp(east), 5_000)
  expect(west.gateway.connections().map(({ id }) => id)).toEqual(['/connections/west-to-north'])
  expect(passes(west, WEST.host, far, north.host)).toBe(true)
  expect(sessionsOf(far)[0]?.initiatorSpi).toBe(before)
  expect(onlyConnection(far).tunnels[0]?.packetsReceived).toBe(2)
})

test('a connection that is removed while it dials leaves nothing', async () => {
  const west = await start(WEST, connectionOf(WEST, EAST))
  await pass(500)
  await applyConnections(west, [])
  await pass(1_000)
  expect(west.gateway.connections()).toEqual([])
  const east = await start(EAST, connectionOf(EAST, WEST, { mode: 'ResponderOnly' }))
  await pass(120_000)
  expect(sessionsOf(east)).toEqual([])
})

test('a hundred connections come up beside each other', async () => {
  const ends = Array.from({ length: 100 }, (_, i): SiteEnd => {
    const number = i + 1
    return {
      outer: `203.0.113.${number}`,
      inside: `10.100.${number}.0/24`,
      host: `10.100.${number}.1`,
      connection: `/connections/${number}`,
    }
  })
  const connections = ends.map(end =>
    connectionOf(WEST, end, { id: `/connections/to-${end.host}`, mode: 'ResponderOnly' }),
  )
  const hub = await start(WEST, ...connections)
  const farEnds = ends.slice(0, 10)
  const far: TestGateway[] = []
  for (const end of farEnds) far.push(await start(end, connectionOf(end, WEST)))
  await passUntil(() => far.every(isUp), 30_000)
  for (const [i, end] of farEnds.entries())
    expect(bothWays(hub, far[i] as TestGateway, [WEST, end])).toBe(true)
})

test('a peer that is known by its name is found, and found again where it has moved', async () => {
  let place = EAST.outer
  const east = await start(EAST, connectionOf(EAST, WEST, { mode: 'ResponderOnly' }))
  const resolve = () => Promise.resolve([address(place)])
  const connection = connectionOf(WEST, EAST, { remote: { type: 'name', name: 'east.test' } })
  const west = await siteGateway(WEST, [connection], { network, clock: testClock, sites: { resolve } })
  running.push(west)
  await passUntil(() => isUp(west) && isUp(east), 5_000)
  const moved: SiteEnd = { ...EAST, outer: '198.51.100.77' }
  await east.gateway.stop()
  running = [west]
  place = moved.outer
  const again = await start(moved, connectionOf(moved, WEST, { mode: 'ResponderOnly' }))
  await passUntil(() => isUp(west) && isUp(again), 600_000)
  expect(sessionsOf(west)[0]?.remote).toBe('198.51.100.77:4500')
})

const NORTH: SiteEnd = {
  outer: '203.0.113.9',
  inside: '10.3.0.0/16',
  host: '10.3.0.1',
  connection: '/connections/north-to-west',
}

test.each([true, false])('sites reach each other where that is configured: %s', async siteTransit => {
  const waiting = { mode: 'ResponderOnly' } as const
  const beyond = [WEST.inside, NORTH.inside, EAST.inside].map(prefix)
  const east = await start(EAST, connectionOf(EAST, WEST, { ...waiting, remotePrefixes: beyond.slice(0, 2) }))
  const north = await start(
    NORTH,
    connectionOf(NORTH, WEST, {
      ...waiting,
      remotePrefixes: [beyond[0], beyond[2]].flatMap(each => each ?? []),
    }),
  )
  const connections = [connectionOf(WEST, EAST), { ...connectionOf(WEST, NORTH), id: '/connections/second' }]
  const west = await siteGateway(
    WEST,
    [],
    { network, clock: testClock },
    {
      sites: { connections, clientTransit: false, siteTransit },
    },
  )
  running.push(west)
  await passUntil(() => isUp(east) && isUp(north), 5_000)
  expect(passes(west, WEST.host, north, NORTH.host)).toBe(true)
  expect(passes(east, EAST.host, north, NORTH.host)).toBe(siteTransit)
  expect(passes(north, NORTH.host, east, EAST.host)).toBe(siteTransit)
})

test('what has no longer route goes to the default site', async () => {
  const everywhere = { localPrefixes: [prefix('0.0.0.0/0')], mode: 'ResponderOnly' } as const
  const east = await start(EAST, connectionOf(EAST, WEST, everywhere))
  const north = await start(NORTH, connectionOf(NORTH, WEST, { mode: 'ResponderOnly' }))
  const toNorth = { ...connectionOf(WEST, NORTH), id: '/connections/second' }
  const west = await start(WEST, connectionOf(WEST, EAST, { isDefaultSite: true }), toNorth)
  await passUntil(() => isUp(east) && isUp(north), 5_000)
  expect(passes(west, WEST.host, east, '192.0.2.200')).toBe(true)
  expect(passes(east, '192.0.2.200', west, WEST.host)).toBe(true)
  expect(passes(west, WEST.host, north, NORTH.host)).toBe(true)
  await applyConnections(west, [connectionOf(WEST, EAST), toNorth])
  expect(passes(west, WEST.host, east, '192.0.2.200')).toBe(false)
})

test('of two connections to the same network the weightier carries, and the other stands in', async () => {
  const backup: SiteEnd = { ...EAST, outer: '198.51.100.2', connection: '/connections/backup-to-west' }
  const east = await start(EAST, connectionOf(EAST, WEST, { mode: 'ResponderOnly' }))
  const other = await start(backup, connectionOf(backup, WEST, { mode: 'ResponderOnly' }))
  const second = { ...connectionOf(WEST, backup, { routingWeight: 5 }), id: '/connections/second' }
  const west = await start(WEST, second, connectionOf(WEST, EAST))
  await passUntil(() => isUp(east) && isUp(other), 5_000)
  expect(passes(west, WEST.host, east, EAST.host)).toBe(true)
  // What comes by the other one is taken too.
  expect(passes(other, EAST.host, west, WEST.host)).toBe(true)
  await applyConnections(west, [second])
  expect(passes(west, WEST.host, other, EAST.host)).toBe(true)
})
