import { MemoryNetwork } from '@causeway/datapath'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  bothUp,
  bothWays,
  connectionOf,
  EAST,
  onlyConnection,
  passes,
  type SiteEnd,
  siteGateway,
  siteListeners,
  WEST,
} from '../testing/site-pair.suite.ts'
import { address, type TestGateway } from '../testing/test-gateway.suite.ts'

let network: MemoryNetwork
let running: TestGateway[]

beforeEach(() => {
  network = new MemoryNetwork()
  running = []
})

afterEach(async () => {
  for (const gateway of running) await gateway.stop()
})

const SECOND: SiteEnd = { ...WEST, outer: '192.0.2.2', connection: '/connections/second' }

/** West is active-active: it has two addresses, and a tunnel from each. */
async function activeActive(): Promise<readonly [TestGateway, TestGateway]> {
  const waiting = { mode: 'ResponderOnly' } as const
  const east = await siteGateway(
    EAST,
    [connectionOf(EAST, WEST, waiting), connectionOf(EAST, SECOND, { ...waiting, id: SECOND.connection })],
    { network },
  )
  running.push(east)
  const tunnels = [WEST, SECOND].map(({ outer }) => ({ name: outer, publicAddress: address(outer) }))
  const listeners = [WEST, SECOND].flatMap(({ outer }) => siteListeners(outer))
  const west = await siteGateway(WEST, [connectionOf(WEST, EAST, { tunnels })], { network }, { listeners })
  running.push(west)
  await bothUp(west, east)
  await west.eventually(() => onlyConnection(west).tunnels.every(({ status }) => status === 'Connected'))
  return [west, east]
}

test('two tunnels of a connection are up beside each other, each from its own address', async () => {
  const [west, east] = await activeActive()
  const locals = onlyConnection(west).tunnels.map(({ sessions }) => sessions.map(({ local }) => local))
  expect(locals).toEqual([['192.0.2.1:4500'], ['192.0.2.2:4500']])
  expect(bothWays(west, east)).toBe(true)
})

test('when one goes the other carries, and the connection is up all the time', async () => {
  const [west, east] = await activeActive()
  const { configuration } = east
  const connections = configuration.sites.connections.filter(({ id }) => id === SECOND.connection)
  await east.gateway.apply({ ...configuration, sites: { ...configuration.sites, connections } })
  await west.eventually(() => onlyConnection(west).tunnels[0]?.status === 'NotConnected')
  expect(onlyConnection(west)).toMatchObject({ status: 'Connected', tunnels: [{}, { status: 'Connected' }] })
  expect(passes(west, WEST.host, east, EAST.host)).toBe(true)
  expect(passes(east, EAST.host, west, WEST.host)).toBe(true)
})

test('the peers may reach each other by IPv6', async () => {
  const [left, right] = [
    { ...WEST, outer: '2001:db8::1' },
    { ...EAST, outer: '2001:db8::2' },
  ]
  const east = await siteGateway(right, [connectionOf(right, left, { mode: 'ResponderOnly' })], { network })
  running.push(east)
  const west = await siteGateway(left, [connectionOf(left, right)], { network })
  running.push(west)
  await bothUp(west, east)
  expect(bothWays(west, east)).toBe(true)
  expect(onlyConnection(west).tunnels[0]?.sessions[0]).toMatchObject({
    remote: '[2001:db8::2]:4500',
    remoteIdentity: '2001:db8::2',
  })
})
