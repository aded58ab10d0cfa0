import { describeCertificate } from '@causeway/x509'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientCredentials, root } from '../testing/credentials.suite.ts'
import {
  connectIkev2,
  type Ikev2TestClient,
  ikeListeners,
  ikev2Client,
} from '../testing/ikev2-client.suite.ts'
import { innerPacket, prefix, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway
let clients: Ikev2TestClient[] = []

beforeEach(async () => {
  site = await testGateway({ tunnels: new Set(['IkeV2']), listeners: ikeListeners() })
})

afterEach(async () => {
  await Promise.all(clients.map(({ vpn }) => vpn.stop()))
  clients = []
  await site.stop()
})

async function connect(name: string): Promise<Ikev2TestClient> {
  const client = await connectIkev2(site, name)
  clients.push(client)
  return client
}

test('lets a client in by its certificate and lists its session', async () => {
  const { vpn } = await connect('alice')
  expect(await vpn.connected).toEqual(['10.8.0.2', 'fd00:8::2'])
  const [session] = site.gateway.sessions()
  expect(session).toMatchObject({
    user: 'alice',
    protocol: 'IkeV2',
    transport: 'udp',
    cipher: 'AES-GCM-16-256',
    innerAddresses: ['10.8.0.2', 'fd00:8::2'],
  })
  expect(site.messages()).toContain('alice connected')
})

test('carries inner packets both ways, and none with a source that is not leased', async () => {
  const client = await connect('alice')
  const request = innerPacket('10.8.0.2', '10.1.0.1')
  client.datapath.tunWrite(request)
  client.datapath.tunWrite(innerPacket('10.8.0.77', '10.1.0.1'))
  // Outside the selectors: the client itself does not send it.
  client.datapath.tunWrite(innerPacket('10.8.0.2', '10.99.0.1'))
  expect(site.datapath.tunRead()).toEqual([request])
  const answer = innerPacket('10.1.0.1', '10.8.0.2')
  site.datapath.tunWrite(answer)
  expect(client.datapath.tunRead()).toEqual([answer])
  expect(site.gateway.sessions()[0]).toMatchObject({ packetsReceived: 1, packetsSent: 1 })
})

test('gives the addresses back when the client leaves', async () => {
  const client = await connect('alice')
  await client.vpn.stop()
  await site.eventually(() => site.gateway.sessions().length === 0)
  expect(site.messages().at(-1)).toMatch(/^alice disconnected: /)
  const again = await connect('bob')
  expect(await again.vpn.connected).toEqual(['10.8.0.3', 'fd00:8::3'])
})

test('ends one session within a second, and tells the client', async () => {
  const client = await connect('alice')
  await connect('bob')
  const session = site.gateway.sessions().find(({ user }) => user === 'alice')
  const begun = Date.now()
  expect(site.gateway.disconnect(session?.id ?? '')).toBe(true)
  expect(await client.vpn.ended).toMatch(/deleted/)
  expect(Date.now() - begun).toBeLessThan(1_000)
  expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
  expect(site.datapath.totals().unknownFlow).toBe(0)
})

test('cuts a client off when its certificate is revoked, and no other', async () => {
  const credentials = await clientCredentials(site.authority, 'alice')
  const alice = ikev2Client(site, credentials)
  clients.push(alice)
  await alice.vpn.connected
  await connect('bob')
  const { thumbprint } = describeCertificate(credentials.chain[0] as Uint8Array)
  const { certificateAuthentication } = site.configuration
  await site.gateway.apply({
    ...site.configuration,
    certificateAuthentication: {
      ...certificateAuthentication,
      revokedThumbprints: new Set([thumbprint]),
    },
  })
  expect(await alice.vpn.ended).toMatch(/deleted/)
  expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
  const again = ikev2Client(site, credentials)
  clients.push(again)
  await expect(again.vpn.connected).rejects.toThrow(/AUTHENTICATION_FAILED|refused/i)
  expect(site.messages()).toContainEqual(expect.stringContaining('client certificate refused: revoked'))
})

test('refuses a certificate of another root, and says why in the log alone', async () => {
  const other = await root('Another root')
  const stranger = ikev2Client(site, await clientCredentials(other, 'mallory'))
  clients.push(stranger)
  await expect(stranger.vpn.connected).rejects.toThrow()
  expect(site.gateway.sessions()).toEqual([])
  expect(site.messages()).toContainEqual(
    expect.stringContaining('client certificate refused: it does not lead to a trusted root'),
  )
})

test('refuses proposals outside the policy, and the log shows both sides', async () => {
  const stranger = ikev2Client(site, await clientCredentials(site.authority, 'alice'), {
    ikeSuites: [
      { encryption: 'AES-CBC-128', integrity: 'HMAC-SHA1-96', prf: 'HMAC-SHA1', group: 'MODP-1024' },
    ],
  })
  clients.push(stranger)
  await site.eventually(() => site.messages().some(text => /refused/.test(text)))
  const line = site.messages().find(text => /refused/.test(text)) ?? ''
  expect(line).toMatch(/AES-CBC-128.*HMAC-SHA1-96.*MODP-1024/)
  expect(line).toMatch(/AES-GCM-16-256/)
})

test('an address pool that is exhausted lets nobody else in, and says so', async () => {
  await site.gateway.apply({ ...site.configuration, pool: { ipv4: prefix('10.9.0.0/30') } })
  await connect('alice')
  const late = ikev2Client(site, await clientCredentials(site.authority, 'bob'))
  clients.push(late)
  await expect(late.vpn.connected).rejects.toThrow()
  expect(site.messages()).toContainEqual(expect.stringContaining('the address pool is exhausted'))
})

test('other policies hold for clients to come, and sessions that are up stay', async () => {
  await connect('alice')
  const { ikev2 } = site.configuration
  await site.gateway.apply({
    ...site.configuration,
    ikev2: { ...ikev2, espSuites: [{ encryption: 'AES-GCM-16-128' }] },
  })
  const bob = ikev2Client(site, await clientCredentials(site.authority, 'bob'), {
    espSuites: [{ encryption: 'AES-GCM-16-128' }],
  })
  clients.push(bob)
  await bob.vpn.connected
  expect(site.gateway.sessions().map(({ user, cipher }) => `${user} ${cipher}`)).toEqual([
    'alice AES-GCM-16-256',
    'bob AES-GCM-16-128',
  ])
})

test('without IKEv2 among its tunnel types the gateway answers nobody, and ends who is there', async () => {
  await connect('alice')
  const { listeners } = site.configuration
  await site.gateway.apply({ ...site.configuration, listeners, tunnels: new Set(['OpenVPN']) })
  await site.eventually(() => site.gateway.sessions().length === 0)
  site.recorded.lines.length = 0
  const late = ikev2Client(site, await clientCredentials(site.authority, 'bob'))
  clients.push(late)
  await site.eventually(() => site.messages().some(text => /dropped|refused/.test(text)))
  expect(site.gateway.sessions()).toEqual([])
})
