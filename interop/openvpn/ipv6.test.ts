import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { iperf } from '../harness/iperf.ts'
import { dial, expectInside, openScenario, POOL, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

let scenario: Scenario
let profiles: Profiles

beforeAll(async () => {
  scenario = await openScenario({ args: ['--pool', POOL.join(',')] })
  profiles = await scenario.gateway.addClient('alice')
})

afterAll(() => scenario?.close())

test.each(['udp', 'tcp'])('IPv6 and IPv4 inside, IPv6 outside, over %s', async protocol => {
  const client = dial(scenario, profiles.azure, { protocol: `${protocol}6`, sharing: false })
  const lease = await client.connected()
  expect(lease.address6).toMatch(/^fd99::/)
  expect(client.process.log()).toMatch(/link remote: \[AF_INET6\]fd77:2::2:443/)
  await expectInside(client, ADDRESSES.inside)
  await expectInside(client, ADDRESSES.inside6)

  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside6 }
  for (const direction of ['up', 'down'] as const) {
    const result = await iperf(client.namespace, inside, { seconds: 2, direction })
    expect(result.bitsPerSecond, direction).toBeGreaterThan(20e6)
  }
  await client.stop()
})

test('IPv6 inside, IPv4 outside', async () => {
  const client = dial(scenario, profiles.hardened, { sharing: false })
  await client.connected()
  await expectInside(client, ADDRESSES.inside6)
  await client.stop()
})
