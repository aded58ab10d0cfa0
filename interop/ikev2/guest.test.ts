import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Guest } from '../guest/guest.ts'
import { bootGuest, expectEchoes, GUEST_ADDRESS, GUEST_BUILD_LIMIT_MS } from '../guest/guest-on-line.ts'
import { GuestLibreswan } from '../guest/libreswan.ts'
import { GuestOpenIked } from '../guest/openiked.ts'
import { GuestStrongswan } from '../guest/strongswan.ts'
import { issue } from '../harness/certificates.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD, CONNECTION, roadWarrior } from './road-warrior.ts'
import { gatewayAuthority, type Ikev2Scenario, openIkev2 } from './scenario.ts'

// Clients whose ESP is the kernel's, in a Linux of their own.

let scenario: Ikev2Scenario
let guest: Guest

beforeAll(async () => {
  scenario = await openIkev2({ clients: 0 })
  guest = await bootGuest(scenario.topology)
}, GUEST_BUILD_LIMIT_MS)

afterAll(async () => {
  await guest?.stop()
  await scenario?.close()
})

const ways = (['pubkey', 'eap-tls'] as const).flatMap(signIn =>
  (['no', 'yes'] as const).map(encap => ({
    signIn,
    encap,
    carried: encap === 'yes' ? 'ESP in UDP' : 'plain ESP',
  })),
)

test.each(ways)('strongSwan by $signIn, $carried', async ({ signIn, encap }) => {
  const warrior = {
    credential: scenario.alice,
    serverName: scenario.serverName,
    signIn,
    connection: { encap },
  }
  const client = await GuestStrongswan.start(guest, roadWarrior(warrior, [gatewayAuthority(scenario)]))
  onTestFinished(() => client.stop())
  await client.initiate(CHILD)
  await expectEchoes(guest, ADDRESSES.inside)
  await expectEchoes(guest, ADDRESSES.inside6)
  await client.rekeyChild(CHILD)
  await client.rekeyIke(CONNECTION)
  await expectEchoes(guest, ADDRESSES.inside)
  expect((await client.sas()).map(sa => sa.state)).toContain('ESTABLISHED')
})

test('strongSwan with what `client add` has written', async () => {
  const { directory } = await scenario.gateway.addClient('guest')
  const client = await GuestStrongswan.startWithProfile(guest, join(directory, 'StrongSwan'))
  onTestFinished(() => client.stop())
  await client.initiate('causeway')
  await expectEchoes(guest, ADDRESSES.inside)
  await expectEchoes(guest, ADDRESSES.inside6)
})

// By certificate alone: libreswan 4.10 has EAP-TLS as responder only. Told to use it as initiator (`leftauth=eaponly`,
// `leftautheap=tls`) it stops after IKE_SA_INIT, looking for a pre-shared key.
test.each(['auto', 'yes'])('libreswan, encapsulation=%s', async encapsulation => {
  const client = await GuestLibreswan.start(guest, {
    credential: scenario.alice,
    authority: gatewayAuthority(scenario),
    gateway: ADDRESSES.gateway,
    serverName: scenario.serverName,
    address: GUEST_ADDRESS,
    remoteSelector: ADDRESSES.insideNetwork,
    lines: [`encapsulation=${encapsulation}`],
  })
  onTestFinished(() => client.stop())
  await client.initiate()
  await expectEchoes(guest, ADDRESSES.inside)
})

test('OpenIKED, which calls the address that it is given 0.0.0.0, also when it rekeys', async () => {
  // It tells the kernel of its SAs by PF_KEY, which on Linux knows no combined ciphers.
  const names = { commonName: 'guest.test', alternativeNames: ['DNS:guest.test'] }
  const client = await GuestOpenIked.start(guest, {
    credential: await issue(scenario.root, names),
    authority: gatewayAuthority(scenario),
    gateway: ADDRESSES.gateway,
    serverName: scenario.serverName,
    remoteSelector: ADDRESSES.insideNetwork,
    proposals: ['ikesa enc aes-256-gcm prf hmac-sha2-384 group ecp384', 'childsa enc aes-256 auth hmac-sha1'],
    lifetimeSeconds: 4,
  })
  onTestFinished(() => client.stop())
  const source = await client.connected()
  await expectEchoes(guest, ADDRESSES.inside, { source })
  await client.rekeyed(2)
  await expectEchoes(guest, ADDRESSES.inside, { source })
})
