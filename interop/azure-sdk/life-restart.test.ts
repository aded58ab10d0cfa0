import type { GatewayStatus, VirtualNetworkGateway } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Credential, createAuthority, issue, publicCertData } from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import type { Namespace } from '../harness/namespace.ts'
import { expectInside, writeDocument } from '../harness/scenario.ts'
import { clientConfiguration, LifeBodies, NETWORK_SPACE } from './life-bodies.ts'
import { fetchPackage, startOpenVpn } from './life-package.ts'
import { SdkProgram } from './life-sdk.ts'

// What the API says, what the operator's commands say, and what is in force are one: over restarts, and whoever changes it.

const GATEWAYS = 'virtualNetworkGateways'
const GROUP = 'stays'
const at = [GROUP, 'gw']
const sdk = 'network36'

let scenario: ManagedScenario
let sdks: SdkProgram
let bodies: LifeBodies
let root: Credential

beforeAll(async () => {
  scenario = await openManaged(1)
  sdks = await SdkProgram.start(scenario)
  root = await createAuthority('Life Root')
  bodies = new LifeBodies(scenario.place, GROUP)
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local', tags: { team: 'one' } }])
  await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [GROUP, 'net', bodies.network()])
  await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
  const gateway = bodies.gateway({ vpnClientConfiguration: clientConfiguration(publicCertData(root)) })
  await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, gateway])
  await sdks.call(sdk, 'localNetworkGateways.createOrUpdate', [GROUP, 'lng', bodies.localGateway()])
  const connection = bodies.connection({ sharedKey: 'KeptKey1' })
  await sdks.call(sdk, 'virtualNetworkGatewayConnections.createOrUpdate', [GROUP, 'psk', connection])
  await sdks.call('msi', 'userAssignedIdentities.createOrUpdate', [GROUP, 'reads', { location: 'local' }])
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

/** Everything that there is, as the SDKs tell it. */
async function everything(): Promise<readonly unknown[]> {
  return [
    await sdks.call('arm', '.GET', [bodies.groupPath]),
    await sdks.call(sdk, `${GATEWAYS}.list`, [GROUP]),
    await sdks.call(sdk, 'virtualNetworks.list', [GROUP]),
    await sdks.call(sdk, 'publicIPAddresses.list', [GROUP]),
    await sdks.call(sdk, 'localNetworkGateways.list', [GROUP]),
    await sdks.call(sdk, 'virtualNetworkGatewayConnections.list', [GROUP]),
    await sdks.call(sdk, 'virtualNetworkGatewayConnections.getSharedKey', [GROUP, 'psk']),
    await sdks.call('msi', 'userAssignedIdentities.listByResourceGroup', [GROUP]),
    await sdks.call('authorization', 'roleAssignments.listForSubscription', []),
  ]
}

const gateway = () => sdks.call(sdk, `${GATEWAYS}.get`, at)

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'all is as before after %s and a start on the same data',
  async signal => {
    const before = await everything()
    await scenario.gateway.process.stop(signal)
    await scenario.gateway.restart()
    expect(scenario.gateway.process.log()).not.toContain('first administrator')
    expect(await everything()).toEqual(before)
  },
)

it('what the operator applies is in the API, with another etag', async () => {
  const before = await gateway()
  const path = `${bodies.id(GATEWAYS, 'gw')}?api-version=2025-05-01`
  const document = (await sdks.call('arm', '.GET', [path])) as VirtualNetworkGateway
  const customRoutes = { addressPrefixes: ['10.66.0.0/16'] }
  const properties = { ...document.properties, customRoutes }
  await scenario.gateway.cliOk('apply', writeDocument({ ...document, properties }))
  await expect.poll(async () => (await gateway()).etag, { timeout: 10_000 }).not.toBe(before.etag)
  const after = await gateway()
  expect(after).toEqual({
    ...before,
    etag: after.etag,
    customRoutes,
    ipConfigurations: after.ipConfigurations,
  })
  expect(after.ipConfigurations[0].subnet).toEqual(before.ipConfigurations[0].subnet)
  const late = bodies.gateway({ vpnClientConfiguration: clientConfiguration(publicCertData(root)) })
  const headers = { 'If-Match': before.etag }
  const refusal = await sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [...at, late], { headers })
  expect(refusal).toMatchObject({ status: 412 })
})

it('a client that the operator revokes is revoked in the API, and cut off', async () => {
  const { gateway: causeway, topology, place } = scenario
  const own = await causeway.addClient('carol')
  const before = await gateway()
  expect(own.azure).toContain('<cert>')
  await causeway.revokeClient('carol')
  await expect.poll(async () => (await gateway()).etag, { timeout: 10_000 }).not.toBe(before.etag)
  const { vpnClientRevokedCertificates: revoked } = (await gateway()).vpnClientConfiguration
  expect(revoked).toMatchObject([{ name: expect.stringContaining('carol'), thumbprint: expect.any(String) }])
  const namespace = topology.clients[0] as Namespace
  const url = await sdks.call(sdk, `${GATEWAYS}.getVpnProfilePackageUrl`, at)
  const given = await fetchPackage(namespace, String(url), place.authority)
  const dave = startOpenVpn(given, await issue(root, { commonName: 'dave' }), namespace)
  await dave.connected()
  await expectInside(dave)
  await dave.stop()
})

it('what the API changes is what the operator is shown', async () => {
  const changed = bodies.gateway({
    vpnClientConfiguration: clientConfiguration(publicCertData(root), {
      vpnClientAddressPool: { addressPrefixes: ['172.16.202.0/24'] },
    }),
  })
  const { etag } = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, changed])
  const shown = await scenario.gateway.json<GatewayStatus>('status')
  expect(shown).toMatchObject({
    name: 'gw',
    addressPools: ['172.16.202.0/24'],
    insidePrefixes: expect.arrayContaining([NETWORK_SPACE]),
  })
  await scenario.gateway.stop()
  await scenario.gateway.restart()
  expect((await gateway()).etag).toBe(etag)
})

it('a gateway that was deleted stays away', async () => {
  await sdks.call(sdk, 'virtualNetworkGatewayConnections.delete', [GROUP, 'psk'])
  await sdks.call(sdk, `${GATEWAYS}.delete`, at)
  await scenario.gateway.stop()
  await scenario.gateway.restart()
  expect(await sdks.call(sdk, `${GATEWAYS}.list`, [GROUP])).toEqual([])
  const made = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, bodies.gateway()])
  expect(made).toMatchObject({ provisioningState: 'Succeeded' })
})
