import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { iperf } from '../harness/iperf.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

let scenario: Scenario
let profile: string

const CIPHERS = ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305', 'AES-256-CBC'] as const

beforeAll(async () => {
  scenario = await openScenario({ settings: { openvpn: { dataCiphers: [...CIPHERS] } } })
  profile = (await scenario.gateway.addClient('alice')).azure
})

afterAll(() => scenario?.close())

const cases = CIPHERS.flatMap(cipher =>
  (['udp', 'tcp'] as const).map(protocol => [cipher, protocol] as const),
)

describe.concurrent('negotiated', () => {
  test.each(cases)('%s over %s', async (cipher, protocol) => {
    const edit = { drop: ['cipher'] }
    const args = ['--data-ciphers', cipher]
    const client = dial(scenario, profile, { protocol, edit, args, title: `${cipher} ${protocol}` })
    const lease = await client.connected(30_000)
    expect(lease.cipher).toBe(cipher)
    await expectInside(client)
    const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
    const flow = { seconds: 1, device: client.device, rate: 20e6 }
    for (const direction of ['up', 'down'] as const) {
      const result = await iperf(client.namespace, inside, { ...flow, direction })
      expect(result.bitsPerSecond, direction).toBeGreaterThan(5e6)
    }
    await client.stop()
  })
})

test("the gateway's order decides between ciphers that both sides have", async () => {
  const args = ['--data-ciphers', 'CHACHA20-POLY1305:AES-128-GCM']
  const client = dial(scenario, profile, { edit: { drop: ['cipher'] }, args })
  expect((await client.connected()).cipher).toBe('AES-128-GCM')
  await client.stop()
})

test('a client without a common cipher is told so', async () => {
  const args = ['--data-ciphers', 'AES-192-CBC']
  const client = dial(scenario, profile, { edit: { drop: ['cipher'] }, args })
  await client.waitFor(/AUTH_FAILED.*cipher/i)
  await scenario.gateway.logged(/cipher/i)
  await client.stop()
})
