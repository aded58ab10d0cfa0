import { MemoryNetwork } from '@causeway/datapath'
import { formatPem, type IssuedCertificate } from '@causeway/x509'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import { clientCredentials, root, type TlsCredentials } from '../testing/credentials.suite.ts'
import { type Ikev2TestClient, ikeListeners, ikev2Client } from '../testing/ikev2-client.suite.ts'
import { byCertificate, siteCertificate, TestVault } from '../testing/site-certificates.suite.ts'
import {
  applyConnections,
  bothUp,
  bothWays,
  connectionOf,
  EAST,
  IKE_SUITE,
  onlyConnection,
  siteConfiguration,
  siteGateway,
  siteListeners,
  WEST,
} from '../testing/site-pair.suite.ts'
import { innerPacket, prefix, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'
import type { SiteConnection } from './site-configuration.ts'

const OUTBOUND = 'https://vault.test/certificates/site'

let network: MemoryNetwork
let gateways: TestGateway[]
let clients: Ikev2TestClient[]

beforeEach(() => {
  network = new MemoryNetwork()
  gateways = []
  clients = []
})

afterEach(async () => {
  await Promise.all(clients.map(({ vpn }) => vpn.stop()))
  for (const gateway of gateways) await gateway.stop()
})

/** East serves clients on loopback, and has a connection to the west. */
async function eastWithClients(
  connection: Partial<SiteConnection> = {},
  changes: Partial<GatewayConfiguration> = {},
): Promise<TestGateway> {
  const waiting = connectionOf(EAST, WEST, { mode: 'ResponderOnly', ...connection })
  const east = await testGateway(
    {
      ...siteConfiguration(EAST, [waiting]),
      tunnels: new Set(['IkeV2']),
      listeners: [...ikeListeners(), ...siteListeners(EAST.outer)],
      ...changes,
    },
    undefined,
    { network },
  )
  gateways.push(east)
  return east
}

async function west(connection: Partial<SiteConnection> = {}): Promise<TestGateway> {
  const gateway = await siteGateway(WEST, [connectionOf(WEST, EAST, connection)], { network })
  gateways.push(gateway)
  return gateway
}

function client(
  gateway: TestGateway,
  credentials: TlsCredentials,
  ...changes: readonly object[]
): Ikev2TestClient {
  const made = ikev2Client(gateway, credentials, Object.assign({}, ...changes))
  clients.push(made)
  return made
}

function credentialsOf({ certificate, privateKey }: IssuedCertificate): TlsCredentials {
  return { certificateChain: formatPem(certificate), privateKey, chain: [certificate] }
}

test('a client and a site share the ports, and neither is touched by a change of the other', async () => {
  const east = await eastWithClients()
  const other = await west()
  await bothUp(other, east)
  const alice = client(east, await clientCredentials(east.authority, 'alice'))
  await alice.vpn.connected
  expect(east.gateway.sessions().map(({ user }) => user)).toEqual(['alice'])
  expect(bothWays(other, east)).toBe(true)
  const { certificateAuthentication } = east.configuration
  const before = onlyConnection(east).tunnels[0]?.sessions[0]?.initiatorSpi
  await east.gateway.apply({
    ...east.configuration,
    certificateAuthentication: { ...certificateAuthentication, roots: [(await root('Another')).certificate] },
  })
  await east.eventually(() => east.gateway.sessions().length === 0)
  expect(onlyConnection(east).tunnels[0]?.sessions[0]?.initiatorSpi).toBe(before)
  await east.gateway.apply({ ...east.configuration, tunnels: new Set() })
  expect(bothWays(other, east)).toBe(true)
  expect(onlyConnection(east).tunnels[0]?.sessions[0]?.initiatorSpi).toBe(before)
})

test('a connection that goes leaves clients alone', async () => {
  const east = await eastWithClients()
  const alice = client(east, await clientCredentials(east.authority, 'alice'))
  await alice.vpn.connected
  await applyConnections(east, [])
  alice.datapath.tunWrite(innerPacket('10.8.0.2', '10.2.0.1'))
  expect(east.datapath.tunRead()).toHaveLength(1)
  expect(east.gateway.connections()).toEqual([])
})

test.each([true, false])('clients reach sites where that is configured: %s', async clientTransit => {
  const connections = [connectionOf(EAST, WEST, { mode: 'ResponderOnly' })]
  const east = await eastWithClients({}, { sites: { connections, clientTransit, siteTransit: false } })
  const other = await west({ remotePrefixes: [EAST.inside, '10.8.0.0/24'].map(prefix) })
  await bothUp(other, east)
  const alice = client(east, await clientCredentials(east.authority, 'alice'))
  await alice.vpn.connected
  const packets = clientTransit ? 1 : 0
  other.datapath.tunWrite(innerPacket(WEST.host, '10.8.0.2'))
  expect(alice.datapath.tunRead()).toHaveLength(packets)
  alice.datapath.tunWrite(innerPacket('10.8.0.2', WEST.host))
  expect(other.datapath.tunRead()).toHaveLength(packets)
})

describe('a suite that only the other kind of peer has', () => {
  const weak = { ...IKE_SUITE, encryption: 'AES-CBC-128', group: 'MODP-2048' } as const

  test('lets no client in', async () => {
    const suites = { initiator: [weak], responder: [weak] }
    const east = await eastWithClients({ ikeSuites: suites })
    const alice = client(east, await clientCredentials(east.authority, 'alice'), { ikeSuites: [weak] })
    await expect(alice.vpn.connected).rejects.toThrow()
    expect(east.gateway.sessions()).toEqual([])
    expect(east.messages().join()).toMatch(/agreed was AES-CBC-128/)
  })

  test('lets no site in', async () => {
    const [ofClients] = (await eastWithClients()).configuration.ikev2.ikeSuites
    if (!ofClients) throw new Error('clients have no suite')
    const [east] = gateways
    const other = await west({ ikeSuites: { initiator: [ofClients], responder: [ofClients] } })
    await other.eventually(() => onlyConnection(other).status === 'NotConnected')
    expect(onlyConnection(east as TestGateway).notes.join()).toMatch(/its connection has IKE: AES-CBC-256/)
    expect(onlyConnection(east as TestGateway).status).not.toBe('Connected')
  })
})

describe('by certificates', () => {
  async function certified(): Promise<{
    readonly east: TestGateway
    readonly site: IssuedCertificate
    readonly vault: TestVault
    readonly eastRoot: IssuedCertificate
  }> {
    const [westRoot, eastRoot] = [await root('West root'), await root('East root')]
    const vault = new TestVault()
    vault.put(OUTBOUND, 'v1', await siteCertificate(eastRoot, 'site-east'))
    const authentication = byCertificate(OUTBOUND, 'site-west', westRoot)
    const east = await eastWithClients({ authentication })
    east.gateway.readCertificatesBy(vault)
    await east.eventually(() => onlyConnection(east).certificate !== undefined)
    return { east, site: await siteCertificate(westRoot, 'site-west'), vault, eastRoot }
  }

  test('a client comes in beside the connection', async () => {
    const { east } = await certified()
    const alice = client(east, await clientCredentials(east.authority, 'alice'))
    await alice.vpn.connected
    expect(east.gateway.sessions()).toHaveLength(1)
    expect(onlyConnection(east).notes.join()).not.toContain('was not let in')
  })

  test('one of the clients’ root with the name of a site is no site', async () => {
    const { east, eastRoot } = await certified()
    const vault = new TestVault()
    vault.put(OUTBOUND, 'v1', await siteCertificate(east.authority, 'site-west'))
    const other = await west({ authentication: byCertificate(OUTBOUND, 'site-east', eastRoot) })
    other.gateway.readCertificatesBy(vault)
    await other.eventually(() => onlyConnection(other).status === 'NotConnected')
    expect(onlyConnection(other).reason.message).toMatch(/the peer's certificate: /)
    expect(onlyConnection(east).status).toBe('NotConnected')
    expect(onlyConnection(east).tunnels[0]?.sessions).toEqual([])
  })

  test('that of a site is no client', async () => {
    const { east, site } = await certified()
    const mallory = client(east, credentialsOf(site))
    await expect(mallory.vpn.connected).rejects.toThrow()
    expect(east.gateway.sessions()).toEqual([])
  })

  test('that of a stranger is neither', async () => {
    const { east } = await certified()
    const stranger = client(east, await clientCredentials(await root('Nobody'), 'site-west'))
    await expect(stranger.vpn.connected).rejects.toThrow()
    expect(east.gateway.sessions()).toEqual([])
    expect(onlyConnection(east).notes.join()).toMatch(/a peer at 127\.0\.0\.1:\d+ was not let in: .*Nobody/)
  })
})
