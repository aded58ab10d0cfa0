import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue, type KeyKind, thumbprint } from '../harness/certificates.ts'
import { iperf } from '../harness/iperf.ts'
import { applyGateway, expectInside, gatewayDocument } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD, CONNECTION, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2({ clients: 2 })
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

test('the gateway answers to every name of its certificate that a client asks for', async () => {
  const { gateway, gateway6 } = ADDRESSES
  for (const [serverName, address] of [
    [scenario.serverName, gateway],
    [gateway, gateway],
    [gateway, gateway6],
  ] as const) {
    const client = await startClient(scenario, { serverName, gateway: address })
    await client.initiate(CHILD)
    await client.stop()
  }
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

test('a client that is revoked during its session is cut within a second, and no other', async () => {
  const credential = await issue(scenario.root, { commonName: 'mallory' })
  const [stays, goes] = await Promise.all([
    startClient(scenario),
    startClient(scenario, { credential, at: 1 }),
  ])
  for (const client of [stays, goes]) await client.initiate(CHILD)
  await Promise.all([expectInside(stays), expectInside(goes)])

  const revokedThumbprints = [await thumbprint(credential)]
  const options = { protocols: ['OpenVPN', 'IkeV2'] as const, revokedThumbprints }
  await applyGateway(scenario.gateway, gatewayDocument(scenario.gateway, [scenario.root], options))
  const appliedAt = performance.now()
  const told = await goes.waitFor(/received DELETE for IKE_SA/, 5_000)
  expect(told.at - appliedAt).toBeLessThan(1_000)
  await scenario.gateway.logged(/mallory.*revoked|revoked.*mallory/i)
  const { sessions } = await scenario.gateway.json<{ sessions: { user: string }[] }>('sessions')
  expect(sessions.map(({ user }) => user)).toEqual(['alice'])
  await expectInside(stays)
})

test('a client is disconnected by its id within a second', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  const { sessions } = await scenario.gateway.json<{ sessions: { id: string }[] }>('sessions')
  await scenario.gateway.cliOk('disconnect', sessions[0]?.id ?? '')
  const disconnectedAt = performance.now()
  const told = await client.waitFor(/received DELETE for IKE_SA/, 5_000)
  expect(told.at - disconnectedAt).toBeLessThan(1_000)
})
