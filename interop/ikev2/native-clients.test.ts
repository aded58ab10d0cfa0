import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue } from '../harness/certificates.ts'
import { expectInside } from '../harness/scenario.ts'
import type { Sections } from '../harness/swanctl.ts'
import { clientAddress } from '../harness/topology.ts'
import { CHILD, CONNECTION, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

// What the clients of Windows, macOS and iOS propose, in their order, from a client that is told to say it.

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

interface NativeClient {
  readonly name: string
  readonly signIn: SignIn
  readonly ike: readonly string[]
  readonly esp: readonly string[]
  /** What the gateway has to choose. */
  readonly chosen: readonly [ike: string, esp: string]
  /** The Child SA after its first rekey. */
  readonly rekeyed: string
}

const HASHES = ['sha1', 'sha256', 'sha384'] as const
const WINDOWS_ESP = ['aes256-sha1', 'aes128-sha1', '3des-sha1', 'des-sha1', 'null-sha1'] as const

const CLIENTS: readonly NativeClient[] = [
  {
    name: 'Windows 10 as it comes',
    signIn: 'pubkey',
    ike: HASHES.flatMap(hash => [`3des-${hash}-modp1024`, `aes256-${hash}-modp1024`]),
    esp: WINDOWS_ESP,
    chosen: ['AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024', 'AES_CBC-256/HMAC_SHA1_96'],
    rekeyed: 'AES_CBC-256/HMAC_SHA1_96',
  },
  {
    name: 'Windows 11 as it comes',
    signIn: 'eap-tls',
    ike: [
      ...HASHES.flatMap(hash =>
        ['3des', 'aes128', 'aes192', 'aes256'].map(cipher => `${cipher}-${hash}-modp1024`),
      ),
      ...HASHES.flatMap(hash =>
        ['aes128gcm16', 'aes256gcm16'].map(cipher => `${cipher}-prf${hash}-modp1024`),
      ),
    ],
    esp: WINDOWS_ESP,
    chosen: ['AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024', 'AES_CBC-256/HMAC_SHA1_96'],
    rekeyed: 'AES_CBC-256/HMAC_SHA1_96',
  },
  {
    name: 'Windows with NegotiateDH2048_AES256',
    signIn: 'pubkey',
    ike: ['aes256-sha256-modp2048', ...HASHES.map(hash => `aes256-${hash}-modp1024`)],
    esp: WINDOWS_ESP,
    chosen: ['AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048', 'AES_CBC-256/HMAC_SHA1_96'],
    rekeyed: 'AES_CBC-256/HMAC_SHA1_96',
  },
  {
    name: 'Windows by the script of its profile',
    signIn: 'pubkey',
    ike: ['aes256gcm16-prfsha384-ecp384'],
    esp: ['aes256gcm16-ecp384'],
    chosen: ['AES_GCM_16-256/PRF_HMAC_SHA2_384/ECP_384', 'AES_GCM_16-256'],
    rekeyed: 'AES_GCM_16-256/ECP_384',
  },
  {
    name: 'iOS 16',
    signIn: 'eap-tls',
    ike: [
      'aes256-sha256-modp2048',
      'aes256-sha256-ecp256',
      'aes256-sha256-modp1536',
      'aes128-sha1-modp1024',
      '3des-sha1-modp1024',
    ],
    esp: ['aes256-sha256-modp2048-modpnone', 'aes128-sha1', '3des-sha1'],
    chosen: ['AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048', 'AES_CBC-256/HMAC_SHA2_256_128'],
    rekeyed: 'AES_CBC-256/HMAC_SHA2_256_128',
  },
  {
    name: 'macOS 13',
    signIn: 'pubkey',
    ike: ['aes256-sha256-modp2048'],
    esp: ['aes256-sha256'],
    chosen: ['AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048', 'AES_CBC-256/HMAC_SHA2_256_128'],
    rekeyed: 'AES_CBC-256/HMAC_SHA2_256_128',
  },
]

test.each(CLIENTS)('$name ($signIn)', async ({ signIn, ike, esp, chosen, rekeyed }) => {
  const client = await startClient(scenario, { signIn, ike: ike.join(','), esp: esp.join(',') })
  await client.initiate(CHILD)
  const sa = await client.sa()
  expect([sa.suite, sa.children[0]?.suite]).toEqual(chosen)
  await expectInside(client)
  await client.rekeyChild(CHILD)
  const suites = async () => (await client.sa()).children.map(child => child.suite)
  await expect.poll(suites, { interval: 50 }).toContain(rekeyed)
  await client.rekeyIke(CONNECTION)
  await client.waitFor(/IKE_SA gateway\[\d+\] rekeyed/)
  await expectInside(client)
})

const anyName: Sections = { remote: { auth: 'pubkey', id: '%any' } }

test('Windows names nobody, and itself by its address: the certificate says who it is', async () => {
  const address = clientAddress(0)
  const names = { commonName: 'windows-user', alternativeNames: [`IP:${address}`] }
  const credential = await issue(scenario.root, names)
  const client = await startClient(scenario, { credential, local: { id: address }, connection: anyName })
  await client.initiate(CHILD)
  expect(client.process.log()).toMatch(/generating IKE_AUTH request 1 \[ IDi CERT (?!.* IDr )/)
  await expectInside(client)
  const { sessions } = await scenario.gateway.json<{ sessions: { user: string }[] }>('sessions')
  expect(sessions.map(({ user }) => user)).toEqual(['windows-user'])
})
