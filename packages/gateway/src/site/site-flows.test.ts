import type { Datapath } from '@causeway/datapath'
import { type IpPrefix, ipAddressFromInteger, parseIpPrefix, type TrafficSelector } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ChildFlow } from '../ikev2/child-flows.ts'
import { connectionOf, EAST, WEST } from '../testing/site-pair.suite.ts'
import { SiteFlows } from './site-flows.ts'
import type { SiteSession } from './site-session.ts'

/** 64 ranges of 10.x.0.0/16 and of what stands beyond it, none of which is a network. */
function ragged(second: number): TrafficSelector[] {
  const base = BigInt((10 << 24) + (second << 16))
  const at = (offset: number) => ipAddressFromInteger(4, base + BigInt(offset))
  return Array.from({ length: 64 }, (_, i) => ({
    protocol: 0,
    startPort: 0,
    endPort: 65_535,
    start: at(i * 1_024 + 1),
    end: at(i * 1_024 + 1_022),
  }))
}

test('what a peer cuts into pieces is so many routes at most, and the log says so once', () => {
  const told: string[] = []
  let routes = 0
  const datapath = {
    translateFlow: () => undefined,
    changeRoutes: (changes: readonly unknown[]) => {
      routes += changes.length
    },
  }
  const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
  const configuration = connectionOf(WEST, EAST, { localPrefixes: [prefix('10.1.0.0/16')] })
  const whole = { sites: { connections: [configuration], clientTransit: false, siteTransit: false } }
  const flows = new SiteFlows(datapath as unknown as Datapath, () => whole as unknown as GatewayConfiguration)
  const connection = {
    configuration,
    isCarrier: () => true,
    tell: (_level: string, _code: string, message: string) => told.push(message),
  }
  const session = { connection, tunnel: 't0', id: 1, establishedSeconds: 0, isOver: false }
  const children = Array.from({ length: 256 }, (_, i) => {
    const second = ragged(1).map(selector => ({ ...selector, startPort: i }))
    return { flow: i + 1, child: i + 1, local: second, remote: ragged(2) }
  })
  const route = () =>
    flows.route(session as unknown as SiteSession, children as unknown as readonly ChildFlow[])
  route()
  expect(routes).toBe(16_384)
  expect(told.length).toBe(252)
  expect(told[0]).toMatch(/tunnel t0: .* more than 16384 routes/)
  route()
  expect(told.length).toBe(252)
})
