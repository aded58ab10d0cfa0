import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientCredentials, gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { connectSstp, type SstpTestClient, sstpClient } from '../testing/sstp-client.suite.ts'
import { innerPacket, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway
let clients: SstpTestClient[] = []

beforeEach(async () => {
  site = await testGateway({
    tunnels: new Set(['SSTP', 'OpenVPN']),
    sessionLimits: { sstp: 2, ikev2OpenVpn: 100 },
  })
})

afterEach(async () => {
  await Promise.all(clients.map(({ vpn }) => vpn.stop()))
  clients = []
  await site.stop()
})

async function connect(name: string): Promise<SstpTestClient> {
  const client = await connectSstp(site, name)
  clients.push(client)
  return client
}

async function attempt(...of: Parameters<typeof sstpClient>): Promise<string> {
  const client = sstpClient(...of)
  clients.push(client)
  return client.vpn.connected.then(
    () => 'connected',
    (error: Error) => error.message,
  )
}

test('lets a client in by its certificate and lists its session', async () => {
  const { vpn } = await connect('alice')
  expect(await vpn.connected).toEqual(['10.8.0.2'])
  const [session] = site.gateway.sessions()
  expect(session).toMatchObject({
    user: 'alice',
    protocol: 'SSTP',
    transport: 'tcp',
    cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  })
  expect(session?.innerAddresses).toContain('10.8.0.2')
  const line = site.recorded.lines.find(({ msg }) => msg === 'alice connected')
  expect(line).toMatchObject({ binding: { hash: 'SHA256', keyed: true, authentication: 'eap' }, mtu: 1400 })
})

test('carries inner packets both ways, and none with a source that is not leased', async () => {
  const client = await connect('alice')
  const request = innerPacket('10.8.0.2', '10.1.0.1')
  client.datapath.tunWrite(innerPacket('10.8.0.77', '10.1.0.1'))
  client.datapath.tunWrite(request)
  await site.eventually(() => site.gateway.sessions()[0]?.packetsReceived === 1)
  expect(site.datapath.tunRead()).toEqual([request])
  const answer = innerPacket('10.1.0.1', '10.8.0.2')
  site.datapath.tunWrite(answer)
  await site.eventually(() => site.gateway.sessions()[0]?.packetsSent === 1)
  const arrived: Uint8Array[] = []
  await site.eventually(() => arrived.push(...client.datapath.tunRead()) > 0)
  expect(arrived).toEqual([answer])
})

test('gives the address back when the client leaves', async () => {
  const alice = await clientCredentials(site.authority, 'alice')
  for (const _ of ['first', 'again']) {
    const { vpn } = sstpClient(site, alice)
    expect(await vpn.connected).toEqual(['10.8.0.2'])
    await site.eventually(() => site.gateway.sessions().length === 1)
    await vpn.stop()
    await site.eventually(() => site.gateway.sessions().length === 0)
    expect(site.messages().at(-1)).toMatch(/^alice disconnected: /)
  }
})

test('ends a session within a second, and the client hears of it', async () => {
  const { vpn } = await connect('alice')
  const begun = Date.now()
  expect(site.gateway.disconnect(site.gateway.sessions()[0]?.id ?? '')).toBe(true)
  await vpn.ended
  await site.eventually(() => site.gateway.sessions().length === 0)
  expect(Date.now() - begun).toBeLessThan(1000)
  expect(site.messages().at(-1)).toBe('alice disconnected: disconnected by the operator')
})

test('a certificate of a strange root is refused, with the reason in the log and not on the wire', async () => {
  const stranger = await clientCredentials(await root('Other root'), 'mallory')
  expect(await attempt(site, stranger)).not.toMatch(/connected|issuer/)
  await site.eventually(() => /^client refused: .*(issuer|trust)/.test(site.messages().at(-1) ?? ''))
})

test('revocation ends the session, and OpenVPN on the same port goes on', async () => {
  const { vpn } = await connect('alice')
  await site.connectAs('bob', { remotes: [site.remote('tcp')] })
  const [session] = site.gateway.sessions()
  const { certificateAuthentication } = site.configuration
  const revokedThumbprints = new Set([session?.thumbprint ?? ''])
  await site.gateway.apply({
    ...site.configuration,
    certificateAuthentication: { ...certificateAuthentication, revokedThumbprints },
  })
  await vpn.ended
  await site.eventually(() => site.gateway.sessions().length === 1)
  expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
})

test('SSTP switched off ends its sessions, and OpenVPN switched off lets nobody in', async () => {
  const { vpn } = await connect('alice')
  await site.connectAs('bob', { remotes: [site.remote('tcp')] })
  await site.gateway.apply({ ...site.configuration, tunnels: new Set(['OpenVPN']) })
  await vpn.ended
  expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
  await site.gateway.apply({ ...site.configuration, tunnels: new Set(['SSTP']) })
  await site.eventually(() => site.gateway.sessions().length === 0)
  const carol = await clientCredentials(site.authority, 'carol')
  const client = site.connect(site.profile(carol, { remotes: [site.remote('tcp')] }))
  expect(await client.failed).toMatch(/credentials/)
})

test('past the SKU’s number of SSTP sessions the next is told so, and OpenVPN has room', async () => {
  await connect('alice')
  await connect('bob')
  const reason = 'the limit of 2 SSTP sessions is reached'
  expect(await attempt(site, await clientCredentials(site.authority, 'carol'))).toContain('503')
  expect(site.messages().at(-1)).toBe(`client refused: ${reason}`)
  await site.connectAs('dave', { remotes: [site.remote('tcp')] })
  await clients[0]?.vpn.stop()
  await site.eventually(() => site.gateway.sessions().length === 2)
  await connect('carol')
})

test('a gateway without SSTP answers its opening as any other request', async () => {
  await site.gateway.apply({ ...site.configuration, tunnels: new Set(['OpenVPN']) })
  expect(await attempt(site, await clientCredentials(site.authority, 'alice'))).toMatch(/opens no SSTP/)
})

test('another certificate is for calls to come, each bound to its own', async () => {
  await connect('alice')
  const { certificateChain, privateKey } = await gatewayCredentials(site.authority)
  await site.gateway.replaceIdentity({ ...site.identity, certificateChain, privateKey })
  const bob = await connect('bob')
  bob.datapath.tunWrite(innerPacket('10.8.0.3', '10.1.0.1'))
  await site.eventually(() => site.datapath.tunRead().length === 1)
  expect(site.gateway.sessions()).toHaveLength(2)
})

test('a stop tells the clients', async () => {
  const { vpn } = await connect('alice')
  await site.gateway.stop()
  expect(await vpn.ended).toMatch(/the gateway stops|disconnect|closed|terminated/i)
})
