import { afterAll, beforeAll, expect, test } from 'vitest'
import { Causeway } from '../harness/causeway.ts'
import { announced } from '../harness/management.ts'
import { ping } from '../harness/ping.ts'
import { writeDocument } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { expectFlow, openSites, SECRET, type SitesScenario, siteAt } from './scenario.ts'
import { SiteArm } from './site-arm.ts'
import { NETWORK_SPACE, SiteBodies } from './site-bodies.ts'

// Two installations, each with a gateway of its own: a virtual network here, and one where a site's device would be.

/** What each calls the gateway of the other. */
const OTHER =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/there/providers/Microsoft.Network/virtualNetworkGateways/gw'

interface Installation {
  readonly gateway: Causeway
  readonly arm: SiteArm
  readonly bodies: SiteBodies
}

let scenario: SitesScenario
let there: Installation

beforeAll(async () => {
  const networks = ['10.101.0.0/24', 'fd10:101::/64']
  const remoteGateways = [{ id: OTHER, address: '10.77.1.120', addressPrefixes: networks }]
  scenario = await openSites({ sites: [{}], settings: { sites: { remoteGateways } } })
  there = await openOther()
})

afterAll(async () => {
  await there?.gateway.stop()
  await scenario?.close()
})

/** The other installation, at the site. */
async function openOther(): Promise<Installation> {
  const site = siteAt(scenario, 0)
  const remoteGateways = [{ id: OTHER, address: ADDRESSES.gateway, addressPrefixes: [...NETWORK_SPACE] }]
  const gateway = await Causeway.start({
    namespace: site.device,
    host: site.publicAddress,
    inside: '',
    api: true,
    args: ['--gateway', 'none', '--settings', writeDocument({ sites: { remoteGateways } })],
  })
  const installation = { topology: { gateway: site.device }, gateway, ...announced(gateway) }
  const arm = new SiteArm(installation)
  const bodies = new SiteBodies(installation.place)
  await arm.put(bodies.groupId, bodies.group())
  const space = {
    addressSpace: { addressPrefixes: [site.network, '10.101.255.0/27', site.network6] },
    subnets: [{ name: 'GatewaySubnet', properties: { addressPrefix: '10.101.255.0/27' } }],
  }
  await arm.put(bodies.id('virtualNetworks', 'net'), bodies.network(space))
  await arm.put(bodies.id('publicIPAddresses', 'pip'), bodies.publicAddress())
  await arm.put(bodies.id('virtualNetworkGateways', 'gw'), bodies.gateway())
  return { gateway, arm, bodies }
}

async function connect(
  { arm, bodies }: Pick<Installation, 'arm' | 'bodies'>,
  sharedKey: string,
): Promise<string> {
  const id = bodies.id('connections', 'to-the-other')
  await arm.put(id, {
    location: 'local',
    properties: {
      connectionType: 'Vnet2Vnet',
      virtualNetworkGateway1: { id: bodies.id('virtualNetworkGateways', 'gw') },
      virtualNetworkGateway2: { id: OTHER },
      sharedKey,
    },
  })
  return id
}

async function statusAt({ arm }: Pick<Installation, 'arm'>, id: string): Promise<string> {
  return (await arm.get(id)).properties.connectionStatus
}

const SOON = { timeout: 40_000, interval: 200 }

test('both ends begin, and hosts reach each other both ways', async () => {
  const here = await connect(scenario, SECRET)
  const other = await connect(there, SECRET)
  await expect.poll(() => statusAt(scenario, here), SOON).toBe('Connected')
  await expect.poll(() => statusAt(there, other), SOON).toBe('Connected')
  await expectFlow(scenario, siteAt(scenario, 0))
})

test('one of them dies, and is connected again when it is back', async () => {
  const { host } = siteAt(scenario, 0)
  await there.gateway.process.stop('SIGKILL')
  await there.gateway.restart()
  const flows = async (): Promise<boolean> =>
    (await ping(host, ADDRESSES.inside, { count: 1 })).received === 1
  await expect.poll(flows, SOON).toBe(true)
  await expectFlow(scenario, siteAt(scenario, 0))
})

test('with different keys they are not connected, and say so', async () => {
  const here = await connect(scenario, 'AnotherKey1')
  await scenario.arm.post(`${here}/resetconnection`)
  const shown = () => scenario.gateway.cliOk('connection', 'show', 'to-the-other')
  await expect.poll(shown, SOON).toMatch(/NotConnected .*(key|proven|authenticat)/i)
  expect(await statusAt(scenario, here)).toBe('NotConnected')
  await connect(scenario, SECRET)
  await scenario.arm.post(`${here}/resetconnection`)
  await expect.poll(() => statusAt(scenario, here), SOON).toBe('Connected')
  await expectFlow(scenario, siteAt(scenario, 0))
})
