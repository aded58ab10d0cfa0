import type { GatewayStatus, VirtualNetworkGateway } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Credential, createAuthority, issue, publicCertData } from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import type { Namespace } from '../harness/namespace.ts'
import { OpenVpnClient } from '../harness/openvpn-client.ts'
import { expectInside, writeDocument } from '../harness/scenario.ts'
import { clientConfiguration, LifeBodies, NETWORK_SPACE } from './life-bodies.ts'
import { fetchPackage, startOpenVpn, urlIn } from './life-package.ts'
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
  const gateway = bodies.gateway({ vpnClientConfiguration: clients() })
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

/** Clients of a root of their own, and of the installation's, whose certificates the operator issues. */
function clients(changes: object = {}): object {
  const authority = { certificatePath: scenario.place.authority }
  const roots = [
    { name: 'root', publicCertData: publicCertData(root) },
    { name: 'own', publicCertData: publicCertData(authority) },
  ]
  return clientConfiguration('', { vpnClientRootCertificates: roots, ...changes })
}

/** Everything that there is, as the SDKs tell it. */
async function everything(): Promise<readonly unknown[]> {
  return [
    await sdks.call('arm', '.GET', [bodies.groupPath]),
    await sdks.call(sdk, `${GATEWAYS}.list`, [GROUP]),
    await sdks.call(sdk, 'virtualNetworks.list', [GROUP]),
    await sdks.call(sdk, 'publicIPAddresses.list', [GROUP]),
    await sdks.call(sdk, 'localNetworkGateways.list', [GROUP]),
    (await sdks.call(sdk, 'virtualNetworkGatewayConnections.list', [GROUP])).map(withoutStanding),
    await sdks.call(sdk, 'virtualNetworkGatewayConnections.getSharedKey', [GROUP, 'psk']),
    await sdks.call('msi', 'userAssignedIdentities.listByResourceGroup', [GROUP]),
    await sdks.call('authorization', 'roleAssignments.listForSubscription', []),
  ]
}

/** A connection without what its tunnels do at the moment. */
function withoutStanding(connection: Record<string, unknown>): Record<string, unknown> {
  const { connectionStatus: _status, tunnelConnectionStatus: _tunnels, ...rest } = connection
  return rest
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
  expect(withoutEtags(after)).toEqual(withoutEtags({ ...before, customRoutes }))
  const late = bodies.gateway({ vpnClientConfiguration: clients() })
  const headers = { 'If-Match': before.etag }
  const refusal = await sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [...at, late], { headers })
  expect(refusal).toMatchObject({ status: 412 })
})

it('a client that the operator revokes is revoked in the API, and cut off', async () => {
  const { gateway: causeway, topology, place } = scenario
  const namespace = topology.clients[0] as Namespace
  const before = await gateway()
  const carol = new OpenVpnClient({ namespace, profile: (await causeway.addClient('carol')).azure })
  await carol.connected()
  await expectInside(carol)
  const mark = carol.process.mark()
  await causeway.revokeClient('carol')
  await carol.waitFor(/AUTH_FAILED|SIGTERM|SIGUSR1/, 5_000, mark)
  await carol.stop()
  await expect.poll(async () => (await gateway()).etag, { timeout: 10_000 }).not.toBe(before.etag)
  const { vpnClientRevokedCertificates: revoked } = (await gateway()).vpnClientConfiguration
  expect(revoked).toMatchObject([{ name: expect.stringContaining('carol'), thumbprint: expect.any(String) }])
  const url = await sdks.call(sdk, `${GATEWAYS}.getVpnProfilePackageUrl`, at)
  const given = await fetchPackage(namespace, urlIn(url), place.authority)
  const dave = startOpenVpn(given, await issue(root, { commonName: 'dave' }), namespace)
  await dave.connected()
  await expectInside(dave)
  await dave.stop()
})

it('what the API changes is what the operator is shown', async () => {
  const changed = bodies.gateway({
    vpnClientConfiguration: clients({ vpnClientAddressPool: { addressPrefixes: ['172.16.202.0/24'] } }),
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

/** A resource as it is in any version. */
function withoutEtags(resource: object): unknown {
  return JSON.parse(JSON.stringify(resource, (name, value: unknown) => (name === 'etag' ? undefined : value)))
}
