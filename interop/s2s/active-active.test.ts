import { afterAll, beforeAll, expect, test } from 'vitest'
import { ipBatch, nft } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { Strongswan } from '../harness/strongswan.ts'
import { ADDRESSES } from '../harness/topology.ts'
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
import { siteConfiguration, siteConnection } from './strongswan-connection.ts'

// A gateway with two public addresses, and a device with a tunnel to each: one goes, and the site is reached all along.

const SECOND = '10.77.2.3'
const DPD_SECONDS = 9

let scenario: SitesScenario
let device: Strongswan
let connection: string

beforeAll(async () => {
  scenario = await openSites({ sites: [{}] })
  await ipBatch(scenario.topology.gateway, [`address add ${SECOND}/24 dev wan`])
  await makeActiveActive()
  device = await startDevice()
  connection = await connectSite(scenario, siteAt(scenario, 0), {
    sharedKey: SECRET,
    dpdTimeoutSeconds: DPD_SECONDS,
  })
})

afterAll(async () => {
  await device?.stop()
  await scenario?.close()
})

async function makeActiveActive(): Promise<void> {
  const { arm, bodies } = scenario
  const second = bodies.id('publicIPAddresses', 'pip2')
  const address = bodies.publicAddress() as { readonly properties: object }
  await arm.put(second, { ...address, properties: { ...address.properties, ipAddress: SECOND } })
  const subnet = { id: `${bodies.id('virtualNetworks', 'net')}/subnets/GatewaySubnet` }
  const configuration = (name: string, id: string) => ({
    name,
    properties: { subnet, publicIPAddress: { id } },
  })
  const ipConfigurations = [
    configuration('default', bodies.id('publicIPAddresses', 'pip')),
    configuration('second', second),
  ]
  await arm.put(
    bodies.id('virtualNetworkGateways', 'gw'),
    bodies.gateway({ activeActive: true, ipConfigurations }),
  )
}

/** It waits to be called, and finds out by itself when one of its tunnels is dead. */
function startDevice(): Promise<Strongswan> {
  const site = siteAt(scenario, 0)
  const optionsTo = (gateway: string) => ({
    site,
    gateway,
    proof: byKey({ gatewayIdentity: gateway }),
    dpdSeconds: 2,
  })
  const extras = { connection: { encap: 'yes', unique: 'never' }, child: { dpd_action: 'clear' } }
  const first = siteConfiguration(optionsTo(ADDRESSES.gateway), extras)
  const connections = {
    first: siteConnection(optionsTo(ADDRESSES.gateway), extras),
    second: siteConnection(optionsTo(SECOND), extras),
  }
  const swanctl = { ...first.swanctl, connections }
  return Strongswan.start({ ...first, swanctl, namespace: site.device, title: 'strongswan with two tunnels' })
}

/** Names and statuses of the tunnels, in the order of the gateway's addresses. */
async function tunnels(): Promise<readonly string[]> {
  interface Health {
    readonly tunnel: string
    readonly connectionStatus: string
  }
  const { tunnelConnectionStatus } = (await scenario.arm.get(connection)).properties
  const shown = tunnelConnectionStatus as readonly Health[]
  return shown.map(({ tunnel, connectionStatus }) => `${tunnel} ${connectionStatus}`)
}

const SOON = { timeout: 40_000, interval: 300 }

test('both tunnels are up, each from its own address', async () => {
  const names = [`site0_${ADDRESSES.gateway}`, `site0_${SECOND}`]
  await expect.poll(tunnels, SOON).toEqual(names.map(name => `${name} Connected`))
  await expectFlow(scenario, siteAt(scenario, 0))
})

test.each([
  [ADDRESSES.gateway, ['NotConnected', 'Connected']],
  [SECOND, ['Connected', 'NotConnected']],
])('without the way to %s the other tunnel carries', async (address, statuses) => {
  const { topology } = scenario
  const drops = ['saddr', 'daddr'].map(side => `ip ${side} ${address} drop;`).join(' ')
  await nft(
    topology.router,
    `table inet way {
      chain forward { type filter hook forward priority 0; ${drops} }
    }`,
  )
  const seen = async () => (await tunnels()).map(text => text.split(' ')[1])
  await expect.poll(seen, SOON).toEqual(statuses)
  const { host } = siteAt(scenario, 0)
  const echoes = async () => (await ping(host, ADDRESSES.inside, { count: 3, intervalSeconds: 0.1 })).received
  await expect.poll(echoes, SOON).toBe(3)
  await hasStatus(scenario, connection, 'Connected')
  await nft(topology.router, 'delete table inet way')
  await expect.poll(seen, { timeout: 90_000, interval: 500 }).toEqual(['Connected', 'Connected'])
  await expectFlow(scenario, siteAt(scenario, 0))
})
