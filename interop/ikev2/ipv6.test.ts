import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

const cases = [
  ['IPv4', ADDRESSES.gateway, ['0.0.0.0'], [ADDRESSES.inside]],
  ['IPv4', ADDRESSES.gateway, ['::'], [ADDRESSES.inside6]],
  ['IPv6', ADDRESSES.gateway6, ['0.0.0.0'], [ADDRESSES.inside]],
  ['IPv6', ADDRESSES.gateway6, ['::'], [ADDRESSES.inside6]],
  ['IPv6', ADDRESSES.gateway6, ['0.0.0.0', '::'], [ADDRESSES.inside, ADDRESSES.inside6]],
] as const

test.each(cases)('outside %s (%s), inside %j', async (_, gateway, vips, inside) => {
  const client = await startClient(scenario, {
    gateway,
    connection: { vips, remote: { auth: 'pubkey', id: '%any' } },
  })
  await client.initiate(CHILD)
  expect((await client.sa()).virtualAddresses).toHaveLength(vips.length)
  for (const address of inside) await expectInside(client, address)
})
