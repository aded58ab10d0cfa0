import { formatIpPrefix } from '@causeway/wire'
import { describeCertificate, formatPem } from '@causeway/x509'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientCredentials, gatewayCredentials, intermediate, root } from '../testing/credentials.suite.ts'
import { innerPacket, prefix, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway

describe('a gateway', () => {
  beforeEach(async () => {
    site = await testGateway()
  })

  afterEach(() => site.stop())

  test.each(['udp', 'tcp'] as const)('lets a client in over %s and lists its session', async transport => {
    const client = await site.connectAs('alice', { remotes: [site.remote(transport)] })
    expect(await client.connected).toEqual(['10.8.0.2', 'fd00:8::2'])
    const [session] = site.gateway.sessions()
    expect(session).toMatchObject({
      user: 'alice',
      protocol: 'OpenVPN',
      transport,
      cipher: 'AES-256-GCM',
      innerAddresses: ['10.8.0.2', 'fd00:8::2'],
      clientVersion: 'Causeway 0.1.0',
    })
    expect(session?.outer).toMatch(/^127\.0\.0\.1:[0-9]+$/)
    expect(site.messages()).toContain('alice connected')
  })

  test('carries inner packets both ways, and none with a source that is not leased', async () => {
    const client = await site.connectAs('alice')
    const gatewaySide = site.datapath
    const request = innerPacket('10.8.0.2', '10.1.0.1')
    client.datapath.tunWrite(request)
    client.datapath.tunWrite(innerPacket('10.8.0.77', '10.1.0.1'))
    expect(gatewaySide.tunRead()).toEqual([request])
    const answer = innerPacket('10.1.0.1', '10.8.0.2')
    gatewaySide.tunWrite(answer)
    expect(client.datapath.tunRead()).toEqual([answer])
    expect(site.gateway.sessions()[0]).toMatchObject({ packetsReceived: 1, packetsSent: 1 })
  })

  test('gives the addresses back when the client leaves', async () => {
    const client = await site.connectAs('alice')
    await client.stop()
    await site.eventually(() => site.gateway.sessions().length === 0)
    expect(site.messages().at(-1)).toMatch(/^alice disconnected: /)
    const again = await site.connectAs('bob')
    expect(await again.connected).toEqual(['10.8.0.3', 'fd00:8::3'])
  })

  test('ends one session within a second, and tells the client not to come back', async () => {
    const client = await site.connectAs('alice')
    await site.connectAs('bob')
    const session = site.gateway.sessions().find(({ user }) => user === 'alice')
    const begun = Date.now()
    expect(site.gateway.disconnect(session?.id ?? '')).toBe(true)
    expect(await client.failed).toMatch(/disconnected by the operator/)
    expect(Date.now() - begun).toBeLessThan(1000)
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
    expect(site.gateway.disconnect('no such session')).toBe(false)
  })

  test('stops cleanly: clients are told to come back, and the machine is as it was', async () => {
    const client = await site.connectAs('alice', { remotes: [site.remote('tcp')] })
    await site.gateway.stop()
    await site.gateway.stop()
    expect(await client.disconnected).toMatch(/the server asks to connect again/)
    expect(site.host.calls).toEqual(['prepare', 'apply', 'restore'])
    expect(site.gateway.listeners()).toEqual([])
  })
})

describe('a gateway that stops', () => {
  test('lets nobody in any more', async () => {
    site = await testGateway()
    await site.connectAs('alice')
    const stopped = site.gateway.stop()
    site.connect(site.profile(await clientCredentials(site.authority, 'bob')))
    await stopped
    expect(site.messages()).not.toContain('bob connected')
    expect(site.messages()).toContain('alice disconnected: the gateway stops')
  })
})

describe('a change of configuration', () => {
  beforeEach(async () => {
    site = await testGateway()
  })

  afterEach(() => site.stop())

  test('revocation ends the sessions that it concerns within a second, and no other', async () => {
    const alice = await clientCredentials(site.authority, 'alice')
    const client = site.connect(site.profile(alice))
    await client.connected
    await site.connectAs('bob')
    const { certificateAuthentication } = site.configuration
    const revokedThumbprints = new Set([describeCertificate(alice.chain[0]!).thumbprint])
    const begun = Date.now()
    await site.gateway.apply({
      ...site.configuration,
      certificateAuthentication: { ...certificateAuthentication, revokedThumbprints },
    })
    expect(await client.failed).toMatch(/^authentication failed/)
    expect(Date.now() - begun).toBeLessThan(1000)
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
    const again = site.connect(site.profile(alice))
    expect(await again.failed).toMatch(/^authentication failed/)
    expect(site.messages().at(-1)).toMatch(/client refused: .*revoked \(thumbprint [0-9A-F]{40}\)/)
  })

  test('a new root lets its users in; a removed one ends their sessions', async () => {
    const other = await root('Other root')
    const carol = await clientCredentials(other, 'carol')
    await site.connectAs('alice')
    const { certificateAuthentication } = site.configuration
    const both = { ...certificateAuthentication, roots: [site.authority.certificate, other.certificate] }
    await site.gateway.apply({ ...site.configuration, certificateAuthentication: both })
    const client = site.connect(site.profile(carol))
    await client.connected
    await site.gateway.apply(site.configuration)
    expect(await client.failed).toMatch(/^authentication failed/)
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['alice'])
  })

  test('a new pool is for sessions to come; the old address stays until its session ends', async () => {
    const alice = await site.connectAs('alice')
    await site.gateway.apply({ ...site.configuration, pool: { ipv4: prefix('10.9.0.0/24') } })
    expect(site.gateway.sessions()[0]?.innerAddresses).toEqual(['10.8.0.2', 'fd00:8::2'])
    expect(site.host.state?.pools.map(formatIpPrefix)).toEqual(['10.9.0.0/24', '10.8.0.0/24', 'fd00:8::/64'])
    const bob = await site.connectAs('bob')
    expect(await bob.connected).toEqual(['10.9.0.2'])
    await alice.stop()
    await site.eventually(() => site.host.state?.pools.length === 1)
  })

  test('a listener that goes ends its sessions; the others stay', async () => {
    const udp = await site.connectAs('alice')
    await site.connectAs('bob', { remotes: [site.remote('tcp')] })
    const listeners = site.configuration.listeners.filter(({ transport }) => transport === 'tcp')
    await site.gateway.apply({ ...site.configuration, listeners })
    expect(await udp.disconnected).toMatch(/the server asks to connect again/)
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
  })

  test('another certificate holds for sessions to come, and those that exist stay', async () => {
    const alice = await site.connectAs('alice')
    const other = await root('Other root')
    const { certificateChain, privateKey } = await gatewayCredentials(other)
    const broken = { ...site.identity, certificateChain }
    await expect(site.gateway.replaceIdentity(broken)).rejects.toMatchObject({ code: 'ERR_TLS_SETTINGS' })
    await site.connectAs('bob')
    await site.gateway.replaceIdentity({ ...broken, privateKey })
    const distrustful = site.connect(site.profile(await clientCredentials(site.authority, 'carol')))
    await site.eventually(() => /server certificate refused/.test(JSON.stringify(distrustful.recorded.lines)))
    await distrustful.stop()
    await site.connectAs('carol', { ca: formatPem(other.certificate) })
    alice.datapath.tunWrite(innerPacket('10.8.0.2', '10.1.0.1'))
    expect(site.datapath.tunRead()).toHaveLength(1)
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['alice', 'bob', 'carol'])
  })

  test('another set of control channel wraps holds at once', async () => {
    const { openvpn } = site.configuration
    const wraps = new Set(['tls-crypt-v2'] as const)
    await site.gateway.apply({ ...site.configuration, openvpn: { ...openvpn, wraps } })
    const alice = await clientCredentials(site.authority, 'alice')
    site.connect(site.profile(alice))
    await site.eventually(() => site.messages().some(text => /packets dropped: /.test(text)))
    expect(site.gateway.sessions()).toEqual([])
    await site.gateway.apply(site.configuration)
    await site.connectAs('bob')
  })

  test('one that cannot be run changes nothing', async () => {
    await site.connectAs('alice')
    const { openvpn } = site.configuration
    const broken = { ...site.configuration, openvpn: { ...openvpn, tlsCiphers: ['NO-SUCH-CIPHER'] } }
    await expect(site.gateway.apply(broken)).rejects.toMatchObject({ code: 'ERR_TLS_SETTINGS' })
    const occupied = {
      transport: 'tcp',
      service: 'shared',
      local: site.gateway.listeners().at(-1)!.local,
    } as const
    const taken = { ...site.configuration, listeners: [...site.configuration.listeners, occupied] }
    await expect(site.gateway.apply(taken)).rejects.toMatchObject({ code: 'ERR_LISTENER' })
    expect(site.host.calls).toEqual(['prepare', 'apply'])
    await site.connectAs('bob')
    expect(site.gateway.sessions()).toHaveLength(2)
  })
})

describe('who is refused', () => {
  afterEach(() => site.stop())

  test('a client of a strange root, with the reason in the log and not on the wire', async () => {
    site = await testGateway()
    const mallory = await clientCredentials(await root('Strange root'), 'mallory')
    const client = site.connect(site.profile(mallory))
    expect(await client.failed).toBe('authentication failed: certificate not accepted')
    expect(site.messages().at(-1)).toMatch(/^client refused: .*it does not lead to a trusted root/)
    expect(site.recorded.lines.at(-1)).toMatchObject({ outer: expect.stringMatching(/^127\.0\.0\.1:/) })
  })

  test('a client without a common TLS cipher, with its address', async () => {
    site = await testGateway()
    const { openvpn } = site.configuration
    const tlsCiphers = ['ECDHE-RSA-AES256-GCM-SHA384']
    await site.gateway.apply({
      ...site.configuration,
      openvpn: { ...openvpn, tlsMaximum: 'TLSv1.2', tlsCiphers },
    })
    site.connect(site.profile(await clientCredentials(site.authority, 'alice')))
    await site.eventually(() => site.messages().includes('client refused: TLS: no shared cipher'))
    expect(site.recorded.lines.at(-1)).toMatchObject({ outer: expect.stringMatching(/^127\.0\.0\.1:/) })
  })

  test('a client whose control channel key is not ours gets no answer and no memory', async () => {
    site = await testGateway()
    const alice = await clientCredentials(site.authority, 'alice')
    const wrap = { type: 'tls-crypt', staticKey: new Uint8Array(256) } as const
    site.connect(site.profile(alice, { wrap }))
    await site.connectAs('bob')
    await site.eventually(() => site.messages().some(text => /packets dropped: /.test(text)))
    expect(site.gateway.sessions().map(({ user }) => user)).toEqual(['bob'])
  })

  test('one more than the session limit, for now', async () => {
    site = await testGateway({ sessionLimits: { ikev2OpenVpn: 1, sstp: 1 } })
    await site.connectAs('alice')
    const client = site.connect(site.profile(await clientCredentials(site.authority, 'bob')))
    expect(await client.failed).toMatch(/the gateway is full/)
    expect(site.messages().at(-1)).toMatch(/user bob: the limit of 1 IKEv2 and OpenVPN sessions is reached/)
  })

  test('one more than the pool has addresses', async () => {
    site = await testGateway({ pool: { ipv4: prefix('10.8.0.0/30') } })
    await site.connectAs('alice')
    const client = site.connect(site.profile(await clientCredentials(site.authority, 'bob')))
    expect(await client.failed).toMatch(/the gateway is full/)
    expect(site.messages().at(-1)).toMatch(/user bob: the address pool is exhausted/)
  })
})

describe('intermediates', () => {
  afterEach(() => site.stop())

  test('may come with the client, or be uploaded', async () => {
    site = await testGateway()
    const middle = await intermediate(site.authority)
    const sent = await clientCredentials(middle, 'alice', [middle])
    await site.connect(site.profile(sent)).connected
    const unsent = await clientCredentials(middle, 'bob')
    const refused = site.connect(site.profile(unsent))
    expect(await refused.failed).toMatch(/^authentication failed/)
    const { certificateAuthentication } = site.configuration
    const uploaded = { ...certificateAuthentication, intermediates: [middle.certificate] }
    await site.gateway.apply({ ...site.configuration, certificateAuthentication: uploaded })
    await site.connect(site.profile(unsent)).connected
  })
})

test('a start that fails leaves nothing behind', async () => {
  const first = await testGateway()
  const taken = first.gateway.listeners().filter(({ transport }) => transport === 'tcp')
  await expect(testGateway({ listeners: taken })).rejects.toMatchObject({ code: 'ERR_LISTENER' })
  await first.stop()
})
