import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import type { Namespace } from '../harness/namespace.ts'
import { OpenVpnClient } from '../harness/openvpn-client.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { LifeBodies } from './life-bodies.ts'
import { SdkProgram } from './life-sdk.ts'
import { SDK_VERSIONS } from './network-plan.ts'

// The gateway of the quick start is a resource like any other one.

const GATEWAYS = 'virtualNetworkGateways'
const GROUP = 'causeway'

let scenario: ManagedScenario
let sdks: SdkProgram
let client: OpenVpnClient

beforeAll(async () => {
  scenario = await openManaged(1, { inside: ADDRESSES.insideNetwork, args: [] })
  sdks = await SdkProgram.start(scenario)
  const { azure: profile } = await scenario.gateway.addClient('erin')
  client = new OpenVpnClient({ namespace: scenario.topology.clients[0] as Namespace, profile })
  await client.connected()
})

afterAll(async () => {
  await client?.stop()
  await sdks?.stop()
  await scenario?.close()
})

it.each(SDK_VERSIONS)('it is found, changed and given back by @azure/arm-network %s', async version => {
  const sdk = `network${version}` as const
  const [found, ...others] = await sdks.call(sdk, `${GATEWAYS}.list`, [GROUP])
  expect(others).toEqual([])
  expect(found).toMatchObject({ gatewayType: 'Vpn', provisioningState: 'Succeeded', location: 'local' })
  const mark = client.process.mark()
  const body = {
    ...found,
    tags: { by: version },
    customRoutes: { addressPrefixes: [`10.${version}.0.0/16`] },
  }
  const changed = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [GROUP, found.name, body])
  const { tags, customRoutes } = body
  expect(changed).toMatchObject({ provisioningState: 'Succeeded', tags, customRoutes })
  await expectInside(client)
  expect(client.process.log(mark)).not.toMatch(/SIGUSR1|SIGTERM|Restart|AUTH_FAILED/)
  const { value } = await sdks.call(sdk, `${GATEWAYS}.getVpnclientConnectionHealth`, [GROUP, found.name])
  expect(value).toMatchObject([{ vpnUserName: 'erin' }])
})

it('it is deleted, and another one is made in its place', async () => {
  const [found] = await sdks.call('network39', `${GATEWAYS}.list`, [GROUP])
  const mark = client.process.mark()
  await sdks.call('network39', `${GATEWAYS}.delete`, [GROUP, found.name])
  await client.waitFor(/SIGTERM|SIGUSR1|Connection reset/, 5_000, mark)
  expect(await sdks.call('network39', `${GATEWAYS}.list`, [GROUP])).toEqual([])
  const bodies = new LifeBodies(scenario.place, GROUP)
  await sdks.call('network39', 'virtualNetworks.createOrUpdate', [GROUP, 'net', bodies.network()])
  await sdks.call('network39', 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
  const made = await sdks.call('network39', `${GATEWAYS}.createOrUpdate`, [GROUP, 'gw', bodies.gateway()])
  expect(made).toMatchObject({ name: 'gw', provisioningState: 'Succeeded' })
})
