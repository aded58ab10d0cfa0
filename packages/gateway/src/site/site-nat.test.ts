import { MemoryNetwork } from '@causeway/datapath'
import { formatHex } from '@causeway/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  applyConnections,
  bothUp,
  connectionOf,
  onlyConnection,
  siteGateway,
} from '../testing/site-pair.suite.ts'
import { innerPacket, prefix, type TestGateway } from '../testing/test-gateway.suite.ts'
import type { SiteConnection, SiteNat, SiteNatRule } from './site-configuration.ts'

/** Both networks have the same addresses. */
const WEST = {
  outer: '192.0.2.1',
  inside: '10.1.0.0/16',
  host: '10.1.0.1',
  connection: '/connections/west-to-east',
} as const
const EAST = {
  ...WEST,
  outer: '198.51.100.1',
  host: '10.1.0.9',
  connection: '/connections/east-to-west',
} as const

let network: MemoryNetwork
let running: TestGateway[]

beforeEach(() => {
  network = new MemoryNetwork()
  running = []
})

afterEach(async () => {
  for (const gateway of running) await gateway.stop()
})

function rule(internal: string, external: string): SiteNatRule {
  const [inner, outer] = [internal, external].map(text => ({ prefix: prefix(text) }))
  return { name: external, type: 'static', internal: inner, external: outer } as SiteNatRule
}

/** East is known in the west as 100.2.0.0/16, and the west in the east as `egress`. */
function natOfWest(egress: string): SiteNat {
  return { egress: [rule(WEST.inside, egress)], ingress: [rule(EAST.inside, '100.2.0.0/16')] }
}

function westConnection(egress: string): SiteConnection {
  return connectionOf(WEST, EAST, { nat: natOfWest(egress) })
}

async function pair(): Promise<readonly [TestGateway, TestGateway]> {
  const remotePrefixes = ['100.1.0.0/16', '100.3.0.0/16'].map(prefix)
  const waiting = connectionOf(EAST, WEST, { mode: 'ResponderOnly', remotePrefixes })
  const east = await siteGateway(EAST, [waiting], { network })
  running.push(east)
  const west = await siteGateway(WEST, [westConnection('100.1.0.0/16')], { network })
  running.push(west)
  await bothUp(west, east)
  return [west, east]
}

/** What comes out of one, of what is put into the other. */
function carried(from: TestGateway, to: TestGateway, packet: Uint8Array): string[] {
  from.datapath.tunWrite(packet)
  return to.datapath.tunRead().map(formatHex)
}

test('networks with the same addresses reach each other by others', async () => {
  const [west, east] = await pair()
  expect(carried(west, east, innerPacket(WEST.host, '100.2.0.9'))).toEqual([
    formatHex(innerPacket('100.1.0.1', EAST.host)),
  ])
  expect(carried(east, west, innerPacket(EAST.host, '100.1.0.1'))).toEqual([
    formatHex(innerPacket('100.2.0.9', WEST.host)),
  ])
  // Under its internal address nobody is there.
  expect(carried(west, east, innerPacket(WEST.host, EAST.host))).toEqual([])
})

test('other rules hold at once, by the same session', async () => {
  const [west, east] = await pair()
  const session = () => onlyConnection(west).tunnels[0]?.sessions.map(({ initiatorSpi }) => initiatorSpi)
  const before = session()
  await applyConnections(west, [westConnection('100.3.0.0/16')])
  expect(carried(west, east, innerPacket(WEST.host, '100.2.0.9'))).toEqual([
    formatHex(innerPacket('100.3.0.1', EAST.host)),
  ])
  await applyConnections(west, [
    connectionOf(WEST, EAST, { remotePrefixes: [prefix('100.2.0.0/16')], nat: { egress: [], ingress: [] } }),
  ])
  expect(carried(west, east, innerPacket('100.1.0.1', '100.2.0.9'))).toEqual([])
  await applyConnections(west, [westConnection('100.1.0.0/16')])
  expect(carried(east, west, innerPacket(EAST.host, '100.1.0.1'))).toEqual([
    formatHex(innerPacket('100.2.0.9', WEST.host)),
  ])
  expect(session()).toEqual(before)
})
