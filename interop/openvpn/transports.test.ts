import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { iperf } from '../harness/iperf.ts'
import { nft } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

let scenario: Scenario
let profiles: Profiles

beforeAll(async () => {
  scenario = await openScenario()
  profiles = await scenario.gateway.addClient('alice')
})

afterAll(() => scenario?.close())

const ways = [
  ['UDP', 'udp'],
  ['TCP', 'tcp'],
] as const

test.each(ways)('%s 443 carries TCP both ways and every size of packet', async (_, protocol) => {
  const client = dial(scenario, profiles.azure, { protocol, sharing: false })
  const lease = await client.connected()
  expect(lease.cipher).toBe('AES-256-GCM')
  await expectInside(client)

  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  for (const direction of ['up', 'down'] as const) {
    const result = await iperf(client.namespace, inside, { seconds: 2, direction })
    expect(result.bitsPerSecond, direction).toBeGreaterThan(20e6)
  }
  for (const bytes of [0, 1, 15, 16, 17, 1_000, 1_300, 1_372, 1_400, 4_000]) {
    const echo = await ping(client.namespace, ADDRESSES.inside, { count: 2, intervalSeconds: 0.05, bytes })
    expect(echo.received, `${bytes} bytes`).toBe(2)
  }
  await client.stop()
})

test("the Azure form of the profile works as it is, over TCP, with the gateway's name checked", async () => {
  expect(profiles.azure).toMatch(/^proto tcp$/m)
  expect(profiles.azure).toMatch(/^verify-x509-name /m)
  const client = dial(scenario, profiles.azure)
  await client.connected()
  expect(client.process.log()).toMatch(/TCPv4_CLIENT link remote: \[AF_INET\]10\.77\.2\.2:443/)
  await client.stop()
})

test('the hardened profile works as it is: tls-crypt-v2, UDP first', async () => {
  const client = dial(scenario, profiles.hardened)
  await client.connected()
  expect(client.process.log()).toMatch(/UDPv4 link remote: \[AF_INET\]10\.77\.2\.2:443/)
  await expectInside(client)
  await client.stop()
})

test('the hardened profile falls back to TCP where UDP does not pass', async () => {
  const { router } = scenario.topology
  await nft(
    router,
    'table inet block { chain f { type filter hook forward priority 0; udp dport 443 drop; }; }',
  )
  const edit = { drop: ['connect-timeout', 'server-poll-timeout'], add: ['connect-timeout 3'] }
  const client = dial(scenario, profiles.hardened, { edit })
  try {
    await client.connected(30_000)
    expect(client.process.log()).toMatch(/TCPv4_CLIENT link remote/)
  } finally {
    await nft(router, 'delete table inet block')
    await client.stop()
  }
})

test('a session is listed while it lives and gone when the client has left', async () => {
  const client = dial(scenario, profiles.hardened, { args: ['--explicit-exit-notify', '1'] })
  const lease = await client.connected()
  const list = async (): Promise<string> => JSON.stringify(await scenario.gateway.json('sessions'))
  expect(await list()).toContain(lease.address)
  await client.stop()
  await expect.poll(list, { timeout: 3_000 }).not.toContain(lease.address)
})
