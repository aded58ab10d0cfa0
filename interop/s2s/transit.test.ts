import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { publicCertData } from '../harness/certificates.ts'
import { Freeradius } from '../harness/freeradius.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { ping } from '../harness/ping.ts'
import { dial, expectInside, writeDocument } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { createCertificates } from '../radius/loopback.ts'
import { ALICE_PASSWORD, PEOPLE, SECRET as RADIUS_SECRET } from '../radius/people.ts'
import {
  byKey,
  connectSite,
  expectFlow,
  hasStatus,
  openSites,
  SECRET,
  type SitesScenario,
  siteAt,
} from './scenario.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// Clients, sites, and what is behind them: who reaches whom, and a RADIUS server that is at a site.

const POOL = '172.16.201.0/24'

let scenario: SitesScenario
let devices: readonly StrongswanDevice[] = []
/** OpenVPN's, for a client of the installation's own root. */
let profile: string

beforeAll(async () => {
  scenario = await openSites({ sites: [{}, {}], clients: 1 })
  await putGateway(byCertificate())
  profile = (await scenario.gateway.addClient('alice')).azure
  devices = await Promise.all(scenario.sites.map((_, at) => startDevice(at)))
  for (const [at, device] of devices.entries()) {
    const id = await connectSite(scenario, siteAt(scenario, at), {
      sharedKey: SECRET,
      connectionMode: 'ResponderOnly',
    })
    await device.initiate()
    await hasStatus(scenario, id, 'Connected')
  }
})

afterAll(async () => {
  await Promise.all(devices.map(device => device.stop()))
  await scenario?.close()
})

/** A device that knows of the inside network, of the clients and of the other site. */
function startDevice(at: number): Promise<StrongswanDevice> {
  const site = siteAt(scenario, at)
  const remote = [ADDRESSES.insideNetwork, POOL, siteAt(scenario, 1 - at).network]
  const selectors = [{ local: [site.network], remote }]
  return StrongswanDevice.start({ site, gateway: ADDRESSES.gateway, proof: byKey(), selectors })
}

function byCertificate(): object {
  const root = publicCertData({ certificatePath: scenario.place.authority })
  return {
    vpnAuthenticationTypes: ['Certificate'],
    vpnClientRootCertificates: [{ name: 'own', properties: { publicCertData: root } }],
  }
}

async function putGateway(clients: object): Promise<void> {
  const { arm, bodies } = scenario
  const vpnClientConfiguration = {
    vpnClientAddressPool: { addressPrefixes: [POOL] },
    vpnClientProtocols: ['OpenVPN'],
    ...clients,
  }
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway({ vpnClientConfiguration }))
}

/** A settings document replaces the one before: what the start has written there is repeated. */
async function applySites(sites: object): Promise<void> {
  await scenario.gateway.cliOk('apply', writeDocument({ hostNames: [ADDRESSES.gateway], sites }))
}

async function connectClient(args: readonly string[] = []): Promise<OpenVpnClient> {
  const client = dial(scenario, profile, { protocol: 'tcp', sharing: false, args })
  onTestFinished(() => client.stop())
  await client.connected()
  await expectInside(client)
  return client
}

const BRIEF = { count: 3, intervalSeconds: 0.05 }

/** How many of three echoes come back to a client from a site's host; by its tunnel, whatever its routes say. */
async function echoesOfSite(client: OpenVpnClient): Promise<number> {
  const { hostAddress } = siteAt(scenario, 0)
  return (await ping(client.namespace, hostAddress, { ...BRIEF, device: client.device })).received
}

async function echoesBetweenSites(): Promise<number> {
  return (await ping(siteAt(scenario, 0).host, siteAt(scenario, 1).hostAddress, BRIEF)).received
}

test('a client and a site do not reach each other, as in Azure without BGP', async () => {
  const client = await connectClient()
  expect(await echoesOfSite(client)).toBe(0)
  expect((await ping(siteAt(scenario, 0).host, client.lease().address, BRIEF)).received).toBe(0)
  await expectFlow(scenario, siteAt(scenario, 0), [4])
})

test('they do with clientTransit, and the client is told of the way', async () => {
  await applySites({ clientTransit: true })
  const client = await connectClient()
  expect(await echoesOfSite(client)).toBe(3)
  const { hostAddress, host } = siteAt(scenario, 0)
  expect((await ping(client.namespace, hostAddress, BRIEF)).received, 'by its routes').toBe(3)
  expect((await ping(host, client.lease().address, BRIEF)).received).toBe(3)
  expect(await echoesBetweenSites()).toBe(0)
})

test('one site reaches the other with siteTransit alone', async () => {
  expect(await echoesBetweenSites()).toBe(0)
  await applySites({ siteTransit: true })
  expect(await echoesBetweenSites()).toBe(3)
  await applySites({})
  expect(await echoesBetweenSites()).toBe(0)
})

test('a RADIUS server behind a site signs a client in', async () => {
  const site = siteAt(scenario, 0)
  const { authority, server: credential } = await createCertificates()
  const server = await Freeradius.start({
    namespace: site.host,
    address: site.hostAddress,
    peers: [{ prefix: ADDRESSES.insideNetwork, secret: RADIUS_SECRET }],
    credential,
    authority,
    users: PEOPLE,
  })
  onTestFinished(() => server.stop())
  await putGateway({
    vpnAuthenticationTypes: ['Radius'],
    radiusServers: [
      {
        radiusServerAddress: site.hostAddress,
        radiusServerScore: 30,
        radiusServerSecret: RADIUS_SECRET,
      },
    ],
  })
  profile = (await scenario.gateway.addClient('by-password')).azure
  const login = join(scratchDirectory('q'), 'login')
  writeFileSync(login, `alice\n${ALICE_PASSWORD}\n`, { mode: 0o600 })
  await connectClient(['--auth-user-pass', login])
  expect(server.questions().length).toBeGreaterThan(0)
})
