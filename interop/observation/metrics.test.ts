import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { iperf } from '../harness/iperf.ts'
import { dial, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { type Api, openApi, scrape } from './api.ts'

let scenario: Scenario
let profiles: Profiles
let api: Api

beforeAll(async () => {
  scenario = await openScenario({ api: true })
  profiles = await scenario.gateway.addClient('alice')
  api = await openApi(scenario.gateway)
})

afterAll(() => scenario?.close())

const SESSIONS = 'causeway_p2s_connection_count{protocol="OpenVPN"}'
const INGRESS = 'causeway_tunnel_ingress_bytes_total{connection="p2s",protocol="OpenVPN"}'
const EGRESS = 'causeway_tunnel_egress_bytes_total{connection="p2s",protocol="OpenVPN"}'

/** No counter of `after` is less than it was, or gone. */
function expectMonotone(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  const counters = [...before].filter(([name]) => /^causeway_\w+_total\b/.test(name))
  expect(counters.length).toBeGreaterThan(5)
  for (const [name, value] of counters) expect(after.get(name), name).toBeGreaterThanOrEqual(value)
}

test('metrics are for who may read them', async () => {
  expect((await api.ask('GET', '/metrics', undefined, '')).status).toBe(401)
  expect((await api.ask('GET', '/metrics', undefined, 'forged')).status).toBe(401)
})

test('a real client counts while it is there, and what it carried stays when it has gone', async () => {
  const idle = await scrape(api)
  expect(idle.get(SESSIONS)).toBe(0)
  expect(idle.get('causeway_vnet_address_prefix_count{gateway="causeway"}')).toBe(2)
  const client = dial(scenario, profiles.azure, { protocol: 'udp', sharing: false })
  await client.connected()
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  const { bytes } = await iperf(client.namespace, inside, { seconds: 1, direction: 'up' })
  const during = await scrape(api)
  expect(during.get(SESSIONS)).toBe(1)
  expect(during.get(INGRESS)).toBeGreaterThan(bytes)
  expect(during.get(INGRESS)).toBeLessThan(bytes * 1.2)
  expect(during.get('causeway_sessions_begun_total{protocol="OpenVPN"}')).toBe(1)
  await iperf(client.namespace, inside, { seconds: 1, direction: 'down' })
  const busy = await scrape(api)
  expectMonotone(during, busy)
  expect(busy.get(EGRESS)).toBeGreaterThan(10 * (during.get(EGRESS) ?? 0))
  await client.stop()
  await expect.poll(async () => (await scrape(api)).get(SESSIONS), { timeout: 70_000 }).toBe(0)
  expectMonotone(busy, await scrape(api))
})

test('a client that is not let in is counted, by method and why', async () => {
  await scenario.gateway.addClient('mallory')
  const { azure } = await scenario.gateway.addClient('eve')
  await scenario.gateway.revokeClient('eve')
  const client = dial(scenario, azure, { protocol: 'udp' })
  await scenario.gateway.logged(/client refused: .*revoked/, 20_000)
  await client.stop()
  const denied = 'protocol="OpenVPN",method="certificate",result="denied",reason="credentials"'
  expect((await scrape(api)).get(`causeway_sign_ins_total{${denied}}`)).toBeGreaterThanOrEqual(1)
})
