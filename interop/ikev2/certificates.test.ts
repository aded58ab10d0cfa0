import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue, type KeyKind } from '../harness/certificates.ts'
import { iperf } from '../harness/iperf.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD, CONNECTION, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

const cases = (['pubkey', 'eap-tls'] as const).flatMap(signIn =>
  (['rsa-2048', 'ecp-256', 'ecp-384'] as const).map(key => [signIn, key] as const),
)

test.each<readonly [SignIn, KeyKind]>(cases)('%s with an %s certificate', async (signIn, key) => {
  const credential = await issue(scenario.root, { commonName: `${signIn}-${key}`, key })
  const client = await startClient(scenario, { credential, signIn })
  await client.initiate(CHILD)
  await expectInside(client)
  await expectInside(client, ADDRESSES.inside6)
  const { virtualAddresses } = await client.sa()
  expect(virtualAddresses).toHaveLength(2)
  await client.terminate(CONNECTION)
})

test('a flow in each direction', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  for (const direction of ['up', 'down'] as const) {
    const result = await iperf(client.namespace, inside, { seconds: 1, rate: 20e6, direction })
    expect(result.bitsPerSecond, direction).toBeGreaterThan(5e6)
  }
})
