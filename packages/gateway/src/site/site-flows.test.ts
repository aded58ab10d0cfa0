import type { Datapath } from '@causeway/datapath'
import { type IpPrefix, parseIpPrefix, prefixSelector, type TrafficSelector } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ChildFlow } from '../ikev2/child-flows.ts'
import { connectionOf, EAST, WEST } from '../testing/site-pair.suite.ts'
import { SiteFlows } from './site-flows.ts'
import type { SiteSession } from './site-session.ts'

/** 16 networks of 10.x.0.0/16, none beside another: as many as it may be cut into. */
function ragged(second: number): TrafficSelector[] {
  return Array.from({ length: 16 }, (_, i) => prefixSelector(prefix(`10.${second}.${2 * i}.0/24`)))
}

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix

test('what a peer cuts into pieces is so many routes at most, and the log says so once', () => {
  const told: string[] = []
  let routes = 0
  const datapath = {
    translateFlow: () => undefined,
    changeRoutes: (changes: readonly unknown[]) => {
      routes += changes.length
    },
  }
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
  expect(told.length).toBe(192)
  expect(told[0]).toMatch(/tunnel t0: .* more than 16384 routes/)
  route()
  expect(told.length).toBe(192)
})
