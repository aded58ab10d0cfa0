import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Credential, createAuthority, publicCertData } from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import { clientConfiguration, LifeBodies, POOL } from './life-bodies.ts'
import { type OpenApi, undocumented } from './life-openapi.ts'
import { SdkProgram } from './life-sdk.ts'
import { SDK_VERSIONS } from './network-plan.ts'

// What stands around a gateway: its network, its sites, its connections, and the order in which they go.

const GATEWAYS = 'virtualNetworkGateways'
/** One of the devices that there are scripts for. */
const DEVICE = { vendor: 'strongSwan', deviceFamily: 'swanctl', firmwareVersion: '5.9 or later' }
const CONNECTIONS = 'virtualNetworkGatewayConnections'

let scenario: ManagedScenario
let sdks: SdkProgram
let root: Credential

beforeAll(async () => {
  scenario = await openManaged(1)
  sdks = await SdkProgram.start(scenario)
  root = await createAuthority('Life Root')
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

describe.each(SDK_VERSIONS)('the neighbours of a gateway by @azure/arm-network %s', version => {
  const sdk = `network${version}` as const
  const group = `around${version}`
  const at = [group, 'gw']
  let bodies: LifeBodies
  let identity: string

  const withIdentity = (changes: object = {}): object =>
    bodies.gateway({
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
      vpnClientConfiguration: clientConfiguration(publicCertData(root)),
      ...changes,
    })

  beforeAll(async () => {
    bodies = new LifeBodies(scenario.place, group)
    await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
    await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [group, 'net', bodies.network()])
    await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [group, 'pip', bodies.publicAddress()])
    const made = await sdks.call('msi', 'userAssignedIdentities.createOrUpdate', [
      group,
      'reads',
      { location: 'local' },
    ])
    identity = made.id
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, withIdentity()])
  })

  it('has a site, and a connection with a key to it', async () => {
    const site = await sdks.call(sdk, 'localNetworkGateways.createOrUpdate', [
      group,
      'lng',
      bodies.localGateway(),
    ])
    expect(site).toMatchObject({ provisioningState: 'Succeeded', gatewayIpAddress: '203.0.113.1' })
    const body = bodies.connection({ sharedKey: 'first-key' })
    const path = [group, 'psk']
    const refusedKey = await sdks.refused(sdk, `${CONNECTIONS}.createOrUpdate`, [...path, body])
    expect(refusedKey).toMatchObject({ status: 400, target: 'properties.sharedKey' })
    const made = await sdks.call(sdk, `${CONNECTIONS}.createOrUpdate`, [
      ...path,
      bodies.connection({ sharedKey: 'FirstKey1' }),
    ])
    expect(made).toMatchObject({ provisioningState: 'Succeeded' })
    // Nobody is at the other end.
    expect(made.connectionStatus).toMatch(/^(Connecting|NotConnected)$/)
    expect(JSON.stringify(made)).not.toContain('FirstKey1')
    expect(await sdks.call(sdk, `${CONNECTIONS}.getSharedKey`, path)).toMatchObject({ value: 'FirstKey1' })
    await sdks.call(sdk, `${CONNECTIONS}.setSharedKey`, [...path, { value: 'SecondKey2' }])
    expect(await sdks.call(sdk, `${CONNECTIONS}.getSharedKey`, path)).toMatchObject({ value: 'SecondKey2' })
    await sdks.call(sdk, `${CONNECTIONS}.resetSharedKey`, [...path, { keyLength: 40 }])
    const { value } = await sdks.call(sdk, `${CONNECTIONS}.getSharedKey`, path)
    expect(value).toMatch(/^[A-Za-z0-9]{40}$/)
  })

  it('has a connection with certificates', async () => {
    const certificateAuthentication = {
      outboundAuthCertificate: `https://contoso.${scenario.place.vaultDomain}/certificates/gateway`,
      inboundAuthCertificateSubjectName: 'site.example.org',
      inboundAuthCertificateChain: [publicCertData(root)],
    }
    const body = bodies.connection({ authenticationType: 'Certificate', certificateAuthentication })
    const made = await sdks.call(sdk, `${CONNECTIONS}.createOrUpdate`, [group, 'certified', body])
    expect(made).toMatchObject({ authenticationType: 'Certificate', certificateAuthentication })
    const incomplete = await sdks.refused(sdk, `${CONNECTIONS}.createOrUpdate`, [
      group,
      'incomplete',
      bodies.connection({ authenticationType: 'Certificate' }),
    ])
    expect(incomplete).toMatchObject({
      status: 400,
      target: 'properties.certificateAuthentication.outboundAuthCertificate',
    })
  })

  it('lists its connections', async () => {
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort()
    expect(names(await sdks.call(sdk, `${GATEWAYS}.listConnections`, at))).toEqual(['certified', 'psk'])
    expect(names(await sdks.call(sdk, `${CONNECTIONS}.list`, [group]))).toEqual(['certified', 'psk'])
    expect(names(await sdks.call(sdk, 'localNetworkGateways.list', [group]))).toEqual(['lng'])
  })

  it('has lists of the whole subscription', async () => {
    const [address] = await sdks.call(sdk, 'publicIPAddresses.listAll', [])
    expect(address).toMatchObject({ name: 'pip' })
    expect(await sdks.call(sdk, 'virtualNetworks.listAll', [])).toMatchObject([{ name: 'net' }])
    expect(await sdks.call('msi', 'userAssignedIdentities.listBySubscription', [])).toHaveLength(1)
  })

  it('answers what else is asked of a gateway and its connections', async () => {
    expect(await sdks.call(sdk, `${GATEWAYS}.getLearnedRoutes`, at)).toHaveProperty('value')
    expect(await sdks.call(sdk, `${GATEWAYS}.getAdvertisedRoutes`, [...at, '10.0.0.1'])).toEqual({
      value: [],
    })
    expect(await sdks.call(sdk, `${GATEWAYS}.getBgpPeerStatus`, at)).toEqual({ value: [] })
    const sas = await sdks.call(sdk, `${CONNECTIONS}.getIkeSas`, [group, 'psk'])
    expect(JSON.parse(sas.body ?? sas)).toEqual([])
    await sdks.call(sdk, `${CONNECTIONS}.resetConnection`, [group, 'psk'])
    const tags = { site: 'one' }
    expect(await sdks.call(sdk, `${CONNECTIONS}.updateTags`, [group, 'psk', { tags }])).toMatchObject({
      tags,
    })
    expect(await sdks.call(sdk, `${GATEWAYS}.startPacketCapture`, at)).toBeDefined()
    const stopped = await sdks.call(sdk, `${GATEWAYS}.stopPacketCapture`, [...at, {}])
    expect(JSON.stringify(stopped)).toContain('.pcapng')
    expect(await sdks.call(sdk, 'virtualNetworks.list', [group])).toMatchObject([{ name: 'net' }])
    expect(await sdks.call(sdk, 'subnets.list', [group, 'net'])).toMatchObject([{ name: 'GatewaySubnet' }])
  })

  it('gives scripts for the devices of its sites', async () => {
    const list = await sdks.call(sdk, `${GATEWAYS}.supportedVpnDevices`, at)
    expect(JSON.stringify(list)).toMatch(/strongSwan/i)
    const script = await sdks.call(sdk, `${GATEWAYS}.vpnDeviceConfigurationScript`, [group, 'psk', DEVICE])
    expect(JSON.stringify(script)).toContain('192.168.7.0/24')
  })

  it('keeps the secret of a RADIUS server, and tells it to whoever asks for secrets alone', async () => {
    const radius = (secret?: string): object =>
      withIdentity({
        vpnClientConfiguration: {
          vpnClientAddressPool: { addressPrefixes: [POOL] },
          vpnClientProtocols: ['IkeV2'],
          vpnAuthenticationTypes: ['Radius'],
          radiusServers: [
            {
              radiusServerAddress: '10.1.0.9',
              radiusServerScore: 30,
              ...(secret && { radiusServerSecret: secret }),
            },
          ],
        },
      })
    const body = radius('MovingSecret7')
    const made = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, body])
    expect(JSON.stringify(made)).not.toContain('MovingSecret7')
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, radius()])
    const secrets = await sdks.call(sdk, `${GATEWAYS}.listRadiusSecrets`, at)
    expect(secrets).toMatchObject({
      value: [{ radiusServerAddress: '10.1.0.9', radiusServerSecret: 'MovingSecret7' }],
    })
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, withIdentity()])
  })

  it('has groups of users, with pools of their own', async () => {
    const policyGroup = {
      name: 'staff',
      isDefault: true,
      priority: 1,
      policyMembers: [{ name: 'own', attributeType: 'CertificateGroupId', attributeValue: 'example.org' }],
    }
    const pool = {
      name: 'staff',
      vpnClientAddressPool: { addressPrefixes: ['172.16.203.0/24'] },
      virtualNetworkGatewayPolicyGroups: [
        { id: `${bodies.id(GATEWAYS, 'gw')}/virtualNetworkGatewayPolicyGroups/staff` },
      ],
    }
    const clients = clientConfiguration(publicCertData(root), { vngClientConnectionConfigurations: [pool] })
    const body = withIdentity({
      virtualNetworkGatewayPolicyGroups: [policyGroup],
      vpnClientConfiguration: clients,
    })
    const made = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, body])
    expect(made.virtualNetworkGatewayPolicyGroups).toMatchObject([
      { name: 'staff', provisioningState: 'Succeeded' },
    ])
    const read = await sdks.call(sdk, `${GATEWAYS}.get`, at)
    expect(read.vpnClientConfiguration.vngClientConnectionConfigurations).toMatchObject([
      { name: 'staff', vpnClientAddressPool: { addressPrefixes: ['172.16.203.0/24'] } },
    ])
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, withIdentity()])
  })

  it('has rules of address translation', async () => {
    const rule = {
      typePropertiesType: 'Static',
      mode: 'EgressSnat',
      internalMappings: [{ addressSpace: '10.1.7.0/24' }],
      externalMappings: [{ addressSpace: '192.168.77.0/24' }],
    }
    const rules = 'virtualNetworkGatewayNatRules'
    const made = await sdks.call(sdk, `${rules}.createOrUpdate`, [...at, 'out', rule])
    expect(made).toMatchObject({ name: 'out', mode: 'EgressSnat' })
    expect(await sdks.call(sdk, `${rules}.listByVirtualNetworkGateway`, at)).toMatchObject([{ name: 'out' }])
    await sdks.call(sdk, `${rules}.delete`, [...at, 'out'])
    expect(await sdks.refused(sdk, `${rules}.get`, [...at, 'out'])).toMatchObject({ status: 404 })
  })

  it('keeps its connections without a point-to-site configuration', async () => {
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [
      ...at,
      withIdentity({ vpnClientConfiguration: undefined }),
    ])
    expect(await sdks.call(sdk, `${GATEWAYS}.get`, at)).not.toHaveProperty(
      'vpnClientConfiguration.vpnClientProtocols',
    )
    const kept = await sdks.call(sdk, `${CONNECTIONS}.get`, [group, 'psk'])
    expect(kept).toMatchObject({ provisioningState: 'Succeeded' })
  })

  it('goes in one order alone', async () => {
    const inUse: readonly (readonly [string, readonly string[]])[] = [
      [`${GATEWAYS}.delete`, at],
      ['localNetworkGateways.delete', [group, 'lng']],
      ['publicIPAddresses.delete', [group, 'pip']],
      ['subnets.delete', [group, 'net', 'GatewaySubnet']],
      ['virtualNetworks.delete', [group, 'net']],
    ]
    for (const [path, parameters] of inUse) {
      const refusal = await sdks.refused(sdk, path, parameters)
      expect(refusal, path).toMatchObject({ status: 409, code: 'ResourceInUse' })
      expect(refusal.target?.toLowerCase(), path).toContain(String(parameters.at(-1)).toLowerCase())
    }
    const ofIdentity = await sdks.refused('msi', 'userAssignedIdentities.delete', [group, 'reads'])
    expect(ofIdentity).toMatchObject({ status: 409, code: 'ResourceInUse' })
    for (const name of ['psk', 'certified']) await sdks.call(sdk, `${CONNECTIONS}.delete`, [group, name])
    for (const [path, parameters] of inUse) {
      if (path.startsWith('subnets')) continue
      await sdks.call(sdk, path, parameters)
    }
    await sdks.call('msi', 'userAssignedIdentities.delete', [group, 'reads'])
    await sdks.call('arm', '.DELETE', [bodies.groupPath])
  })
})

it('the OpenAPI document has all that was asked', async () => {
  const document = (await sdks.call('arm', '.GET', ['/openapi.json'])) as OpenApi
  const asked = sdks.requests.filter(({ path }) => path !== '/openapi.json')
  expect(asked.length).toBeGreaterThan(100)
  expect(undocumented(document, asked)).toEqual([])
})
