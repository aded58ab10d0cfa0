import { afterAll, beforeAll, expect, test } from 'vitest'
import { nft } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'

let scenario: Scenario
let profile: string

const CLIENT_PORT = 40_000

beforeAll(async () => {
  scenario = await openScenario()
  profile = (await scenario.gateway.addClient('alice')).hardened
})

afterAll(() => scenario?.close())

test('a client whose NAT gives it another port keeps its session', async () => {
  const client = dial(scenario, profile, {
    edit: { drop: ['nobind'] },
    args: ['--lport', String(CLIENT_PORT), '--bind'],
  })
  await client.connected()
  await expectInside(client)

  await translatePort(50_000)
  const echoes = await ping(client.namespace, ADDRESSES.inside, { count: 20, device: client.device })
  expect(echoes.received).toBeGreaterThanOrEqual(18)
  const sessions = JSON.stringify(await scenario.gateway.json('sessions'))
  expect(sessions).toContain(`${clientAddress(0)}:50000`)
  expect(client.process.log().match(/Control Channel: TLS/g)).toHaveLength(1)
  await client.stop()
})

/** The router gives the client's packets another source port, without keeping a connection's state. */
async function translatePort(port: number): Promise<void> {
  await nft(
    scenario.topology.router,
    `table ip float {
      chain out { type filter hook postrouting priority 300; udp sport ${CLIENT_PORT} udp sport set ${port}; }
      chain in { type filter hook prerouting priority -300; udp dport ${port} udp dport set ${CLIENT_PORT}; }
    }`,
  )
}
