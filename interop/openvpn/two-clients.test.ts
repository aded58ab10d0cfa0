import { afterAll, beforeAll, expect, test } from 'vitest'
import { ipBatch } from '../harness/namespace.ts'
import type { Lease, OpenVpnClient } from '../harness/openvpn-client.ts'
import { ping } from '../harness/ping.ts'
import { applySettings, dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'

let scenario: Scenario
let alice: OpenVpnClient
let bob: OpenVpnClient
let bobsLease: Lease

beforeAll(async () => {
  scenario = await openScenario({ clients: 2 })
  const profiles = [await scenario.gateway.addClient('alice'), await scenario.gateway.addClient('bob')]
  alice = dial(scenario, profiles[0]!.azure, { at: 0, sharing: false })
  bob = dial(scenario, profiles[1]!.hardened, { at: 1, sharing: false })
  await alice.connected()
  bobsLease = await bob.connected()
})

afterAll(() => scenario?.close())

test('two clients at once, each with an address of its own', async () => {
  expect(alice.lease().address).not.toBe(bobsLease.address)
  await Promise.all([expectInside(alice), expectInside(bob)])
})

test('they do not reach each other by default', async () => {
  expect(await echoesFromBob()).toBe(0)
})

test('they reach each other when the settings say so, and neither session is dropped for it', async () => {
  await applySettings(scenario.gateway, { clientToClient: true })
  await expect.poll(echoesFromBob, { timeout: 5_000 }).toBe(3)
  await applySettings(scenario.gateway, { clientToClient: false })
  await expect.poll(echoesFromBob, { timeout: 5_000 }).toBe(0)
  for (const client of [alice, bob]) {
    expect(client.process.log().match(/Initialization Sequence Completed/g)).toHaveLength(1)
    await expectInside(client)
  }
})

test('a packet with an address that was not leased to its sender is dropped', async () => {
  const device = alice.device
  await ipBatch(alice.namespace, [`addr add ${bobsLease.address}/32 dev ${device}`])
  const forged = await ping(alice.namespace, '10.1.0.10', { device: bobsLease.address })
  expect(forged.received).toBe(0)
  await expectInside(bob)
})

async function echoesFromBob(): Promise<number> {
  return (await ping(alice.namespace, bobsLease.address, { device: alice.device, intervalSeconds: 0.1 }))
    .received
}
