import type { GatewayStatus } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Credential, createAuthority, issue, publicCertData } from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import type { Namespace } from '../harness/namespace.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { start } from '../harness/process.ts'
import { expectInside } from '../harness/scenario.ts'
import { clientConfiguration, LifeBodies } from './life-bodies.ts'
import { fetchPackage, startOpenVpn, urlIn } from './life-package.ts'
import { SdkProgram } from './life-sdk.ts'

// What cannot be done although it is allowed: the resource says so, and what was in force stays in force.

const GATEWAYS = 'virtualNetworkGateways'
const GROUP = 'fails'
const at = [GROUP, 'gw']
const sdk = 'network39'

let scenario: ManagedScenario
let sdks: SdkProgram
let bodies: LifeBodies
let root: Credential
let client: OpenVpnClient

beforeAll(async () => {
  scenario = await openManaged(1)
  sdks = await SdkProgram.start(scenario)
  root = await createAuthority('Life Root')
  bodies = new LifeBodies(scenario.place, GROUP)
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
  await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [GROUP, 'net', bodies.network()])
  await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
  await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, over('OpenVPN')])
  const namespace = scenario.topology.clients[0] as Namespace
  const url = urlIn(await sdks.call(sdk, `${GATEWAYS}.getVpnProfilePackageUrl`, at))
  const given = await fetchPackage(namespace, url, scenario.place.authority)
  client = startOpenVpn(given, await issue(root, { commonName: 'frank' }), namespace)
  await client.connected()
})

afterAll(async () => {
  await client?.stop()
  await sdks?.stop()
  await scenario?.close()
})

function over(...vpnClientProtocols: readonly string[]): object {
  return bodies.gateway({
    vpnClientConfiguration: clientConfiguration(publicCertData(root), { vpnClientProtocols }),
  })
}

it('a port that another program has fails the change, and nobody is dropped', async () => {
  const mark = client.process.mark()
  const script = `
import socket, time
taken = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
taken.bind(('::', 4500))
print('taken', flush=True)
time.sleep(600)`
  const other = start('python3', ['-c', script], {
    namespace: scenario.topology.gateway,
    title: 'whoever has the port',
  })
  try {
    await other.waitFor(/^taken$/)
    const failure = await sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [...at, over('OpenVPN', 'IkeV2')])
    expect(failure).toMatchObject({ code: 'HostFailure', message: expect.stringMatching(/4500/) })
    const failed = await sdks.call(sdk, `${GATEWAYS}.get`, at)
    expect(failed).toMatchObject({ provisioningState: 'Failed' })
    await expectInside(client)
    expect(client.process.log(mark)).not.toMatch(/SIGUSR1|SIGTERM|Restart|AUTH_FAILED/)
  } finally {
    await other.stop('SIGKILL')
  }
  const mended = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, over('OpenVPN', 'IkeV2')])
  expect(mended).toMatchObject({ provisioningState: 'Succeeded' })
  const { listeners } = await scenario.gateway.json<GatewayStatus>('status')
  expect(listeners.join(' ')).toMatch(/:4500/)
  await expectInside(client)
  expect(client.process.log(mark)).not.toMatch(/SIGUSR1|SIGTERM|Restart|AUTH_FAILED/)
})

it('a resource group goes with the gateway in it', async () => {
  const mark = client.process.mark()
  await sdks.call('arm', '.DELETE', [bodies.groupPath])
  await client.waitFor(/SIGTERM|SIGUSR1|Connection reset/, 20_000, mark)
  const isThere = async (): Promise<string> =>
    (await sdks.outcome({ sdk: 'arm', group: '', call: 'GET', with: [bodies.groupPath] })).type
  await expect.poll(isThere, { timeout: 30_000 }).toBe('error')
  const gone = await sdks.refused(sdk, `${GATEWAYS}.get`, at)
  expect(gone).toMatchObject({ status: 404, code: 'ResourceGroupNotFound' })
  const status = await scenario.gateway.json<GatewayStatus>('status')
  expect(status).not.toHaveProperty('name')
  expect(status.listeners).toEqual([])
})
