import { afterAll, beforeAll, expect, test } from 'vitest'
import { ipBatch } from '../harness/namespace.ts'
import { reaching } from '../harness/profile.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'

let scenario: Scenario
let profile: string

/** A second address of the gateway, which its kernel would not choose to answer from. */
const SECOND = '10.77.2.20'

beforeAll(async () => {
  scenario = await openScenario({
    settings: { listeners: [{ transport: 'udp', address: '0.0.0.0', port: 443 }] },
  })
  await ipBatch(scenario.topology.gateway, [`addr add ${SECOND}/24 dev wan`])
  profile = (await scenario.gateway.addClient('alice')).hardened
})

afterAll(() => scenario?.close())

test('a gateway that listens on all its addresses answers from the one that was written to', async () => {
  const client = dial(scenario, profile, { edit: reaching(SECOND, 'udp') })
  await client.connected()
  expect(client.process.log()).toContain(`link remote: [AF_INET]${SECOND}:443`)
  await expectInside(client)
  await client.stop()
})
