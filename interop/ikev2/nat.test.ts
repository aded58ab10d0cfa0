import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue } from '../harness/certificates.ts'
import { nft } from '../harness/namespace.ts'
import { expectInside } from '../harness/scenario.ts'
import { CHILD, CONNECTION, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2({ clients: 2 })
  await nft(
    scenario.topology.router,
    `table ip nat {
      chain post { type nat hook postrouting priority srcnat; oifname "wan" masquerade random; }
    }`,
  )
})

afterAll(() => scenario?.close())

test.each<SignIn>(['pubkey', 'eap-tls'])('two clients behind one address, by %s', async signIn => {
  const credentials = [scenario.alice, await issue(scenario.root, { commonName: 'bob' })]
  const clients = await Promise.all(
    credentials.map((credential, at) => startClient(scenario, { credential, signIn, at })),
  )
  for (const client of clients) await client.initiate(CHILD)
  for (const client of clients) {
    expect(client.process.log()).toMatch(/local host is behind NAT/)
    await expectInside(client)
  }
  const [first, second] = await Promise.all(clients.map(client => client.sa()))
  expect(first?.virtualAddresses).not.toEqual(second?.virtualAddresses)
})

test('a Child and an IKE rekey from behind it', async () => {
  const client = await startClient(scenario)
  await client.initiate(CHILD)
  await client.rekeyChild(CHILD)
  await client.rekeyIke(CONNECTION)
  await client.waitFor(/IKE_SA gateway\[\d+\] rekeyed/)
  await expectInside(client)
})
