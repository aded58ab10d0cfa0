import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credential, issue } from '../harness/certificates.ts'
import { iperf } from '../harness/iperf.ts'
import { ipBatch } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

// The way to the gateway carries 1280 bytes, and the client's chain of three certificates has more than 5 KB.

let scenario: Ikev2Scenario
let credential: Credential
let intermediates: readonly string[]

const PATH_MTU = 1280

beforeAll(async () => {
  scenario = await openIkev2()
  const key = 'rsa-4096'
  const first = await issue(scenario.root, {
    commonName: 'Intermediate 1',
    key,
    isAuthority: true,
    usage: 'none',
  })
  const second = await issue(first, { commonName: 'Intermediate 2', key, isAuthority: true, usage: 'none' })
  const alternativeNames = Array.from({ length: 40 }, (_, i) => `DNS:a-name-among-many-${i}.interop.example`)
  credential = await issue(second, { commonName: 'long-chain', key, alternativeNames })
  // strongSwan sends what lies between only when it knows the root that the gateway asked for.
  intermediates = [first.certificatePath, second.certificatePath, scenario.root.certificatePath]
  const { router, gateway, clients } = scenario.topology
  await ipBatch(router, [`link set wan mtu ${PATH_MTU}`])
  await ipBatch(gateway, [`link set wan mtu ${PATH_MTU}`])
  for (const client of clients) await ipBatch(client, [`link set eth0 mtu ${PATH_MTU}`])
})

afterAll(() => scenario?.close())

test.each<SignIn>(['pubkey', 'eap-tls'])('a long chain by %s, and packets of every size', async signIn => {
  const client = await startClient(scenario, { credential, intermediates, signIn })
  await client.initiate(CHILD)
  if (signIn === 'pubkey') expect(fragments(client.process.log())).toBeGreaterThanOrEqual(5)
  for (const bytes of [56, 1172, 1200, 1372, 1472, 4000]) {
    const echoes = await ping(client.namespace, ADDRESSES.inside, { bytes, count: 2, device: client.device })
    expect(echoes.received, `${bytes} bytes`).toBe(2)
  }
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  for (const direction of ['up', 'down'] as const) {
    const result = await iperf(client.namespace, inside, { seconds: 1, rate: 20e6, direction })
    expect(result.bitsPerSecond, direction).toBeGreaterThan(5e6)
  }
})

test('fragments of 576 bytes, as Windows makes them', async () => {
  const client = await startClient(scenario, { credential, intermediates, daemon: { fragment_size: '576' } })
  await client.initiate(CHILD)
  expect(fragments(client.process.log())).toBeGreaterThanOrEqual(10)
  await expectInside(client)
})

/** How many pieces the longest message of a log was sent in. */
function fragments(log: string): number {
  const counts = [...log.matchAll(/splitting IKE message \(\d+ bytes\) into (\d+) fragments/g)]
  return Math.max(0, ...counts.map(match => Number(match[1])))
}
