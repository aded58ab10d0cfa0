import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, publicCertData } from '../harness/certificates.ts'
import { type ManagedScenario, openManaged } from '../harness/management.ts'
import { LifeBodies } from './life-bodies.ts'
import { REFUSED_GATEWAYS } from './life-refused-gateways.ts'
import { SdkProgram } from './life-sdk.ts'
import { SDK_VERSIONS } from './network-plan.ts'

// What is refused, with its code, its status, and the property that it is about. Nothing of it leaves a trace.

const GATEWAYS = 'virtualNetworkGateways'
const GROUP = 'refused'

let scenario: ManagedScenario
let sdks: SdkProgram
let bodies: LifeBodies
let root: string

beforeAll(async () => {
  scenario = await openManaged(1)
  sdks = await SdkProgram.start(scenario)
  root = publicCertData(await createAuthority('Life Root'))
  bodies = new LifeBodies(scenario.place, GROUP)
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
  const networks = { net: {}, plain: { subnets: [{ name: 'default', addressPrefix: '10.1.0.0/24' }] } }
  for (const [name, changes] of Object.entries(networks))
    await sdks.call('network39', 'virtualNetworks.createOrUpdate', [GROUP, name, bodies.network(changes)])
  await sdks.call('network39', 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

describe.each(SDK_VERSIONS)('refused by @azure/arm-network %s', version => {
  const sdk = `network${version}` as const
  const gateways = (name = 'gw'): readonly string[] => [GROUP, name]
  const put = (changes: object, name = 'gw') =>
    sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [...gateways(name), bodies.gateway(changes)])

  it.each(REFUSED_GATEWAYS)('$what', async ({ changes, target, says, code = 'InvalidParameter' }) => {
    const refusal = await put(changes(bodies, root))
    expect(refusal).toMatchObject({ status: 400, code, target, message: expect.stringMatching(says) })
    expect(await sdks.refused(sdk, `${GATEWAYS}.get`, gateways())).toMatchObject({ status: 404 })
  })

  it('networks that cannot be', async () => {
    const rows = [
      [
        { subnets: [{ name: 'a', addressPrefix: '10.2.0.0/24' }] },
        'properties.subnets[0].properties.addressPrefix',
      ],
      [
        { subnets: [{ name: 'GatewaySubnet', addressPrefix: '10.1.9.0/30' }] },
        'properties.subnets[0].properties.addressPrefix',
      ],
      [{ dhcpOptions: { dnsServers: ['dns.example.org'] } }, 'properties.dhcpOptions.dnsServers[0]'],
      [{ addressSpace: { addressPrefixes: [] } }, 'properties.addressSpace.addressPrefixes'],
    ] as const
    for (const [changes, target] of rows) {
      const body = bodies.network(changes)
      const refusal = await sdks.refused(sdk, 'virtualNetworks.createOrUpdate', [GROUP, 'bad', body])
      expect(refusal).toMatchObject({ status: 400, code: 'InvalidParameter', target })
    }
  })

  it('calls that are none', async () => {
    const id = bodies.id(GATEWAYS, 'gw')
    const rows = [
      ['GET', `${id}?api-version=1999-01-01`, 400, 'NoRegisteredProviderFound', 'api-version'],
      ['GET', id, 400, 'MissingApiVersionParameter', 'api-version'],
      [
        'GET',
        `${bodies.id('toasters', 'gw')}?api-version=2024-05-01`,
        404,
        'InvalidResourceType',
        'toasters',
      ],
      ['POST', `${id}/explode?api-version=2024-05-01`, 404, 'InvalidResourceType', undefined],
      ['PUT', `${bodies.id(GATEWAYS, 'gw!')}?api-version=2024-05-01`, 400, 'InvalidResourceName', undefined],
      ['PUT', `${id}?api-version=2024-05-01`, 400, 'LocationRequired', 'location'],
    ] as const
    for (const [method, path, status, code, target] of rows) {
      const body = method === 'PUT' ? [{ properties: {} }] : []
      const refusal = await sdks.refused('arm', `.${method}`, [path, ...body])
      expect(refusal, `${method} ${path}`).toMatchObject({ status, code, ...(target && { target }) })
    }
  })
})

describe.each(SDK_VERSIONS)('refused beside a gateway, by @azure/arm-network %s', version => {
  const sdk = `network${version}` as const
  const at = [GROUP, 'gw']
  const sku = (name: string) => ({ sku: { name, tier: name } })
  const put = (changes: object, more: { headers?: Readonly<Record<string, string>> } = {}) =>
    sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [...at, bodies.gateway(changes)], more)

  beforeAll(async () => {
    await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, bodies.gateway(sku('VpnGw2'))])
  })

  afterAll(async () => {
    await sdks.call(sdk, `${GATEWAYS}.delete`, at)
  })

  it('a second one', async () => {
    const body = bodies.gateway({ ipConfigurations: [bodies.configuration('net', 'GatewaySubnet', 'other')] })
    await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [GROUP, 'other', bodies.publicAddress()])
    const refusal = await sdks.refused(sdk, `${GATEWAYS}.createOrUpdate`, [GROUP, 'second', body])
    expect(refusal).toMatchObject({
      status: 409,
      code: 'Conflict',
      message: expect.stringContaining(bodies.id(GATEWAYS, 'gw')),
    })
    expect(await sdks.refused(sdk, `${GATEWAYS}.get`, [GROUP, 'second'])).toMatchObject({ status: 404 })
  })

  it('what it cannot become', async () => {
    const rows = [
      [
        sku('VpnGw1'),
        'properties.sku.name',
        /VpnGw2 cannot become VpnGw1: .*use one of .*VpnGw3.*create it anew/,
      ],
      [sku('Basic'), 'properties.sku.name', /VpnGw2 cannot become Basic/],
      [
        { ...sku('VpnGw2'), vpnGatewayGeneration: 'Generation2' },
        'properties.sku.name',
        /keeps its generation/,
      ],
      [
        { ...sku('Basic'), vpnType: 'PolicyBased' },
        'properties.vpnType',
        /'RouteBased' cannot become 'PolicyBased'/,
      ],
    ] as const
    for (const [changes, target, says] of rows) {
      const refusal = await put(changes)
      expect(refusal.status).toBe(400)
      const details = (refusal as { details?: readonly object[] }).details ?? [refusal]
      expect(details).toContainEqual(
        expect.objectContaining({ target, message: expect.stringMatching(says) }),
      )
    }
  })

  it('a change of another version', async () => {
    const { etag } = await sdks.call(sdk, `${GATEWAYS}.get`, at)
    const late = await put(sku('VpnGw3'), {
      headers: { 'If-Match': 'W/"00000000-0000-0000-0000-000000000000"' },
    })
    expect(late).toMatchObject({ status: 412, code: 'PreconditionFailed' })
    const anew = await put(sku('VpnGw3'), { headers: { 'If-None-Match': '*' } })
    expect(anew).toMatchObject({ status: 412, code: 'PreconditionFailed' })
    const body = bodies.gateway({ ...sku('VpnGw2'), tags: { changed: version } })
    const headers = { 'If-Match': etag }
    const changed = await sdks.call(sdk, `${GATEWAYS}.createOrUpdate`, [...at, body], { headers })
    expect(changed).toMatchObject({ tags: { changed: version } })
    expect(changed.etag).not.toBe(etag)
  })

  it('an address and a network that it is in', async () => {
    const refusal = await sdks.refused(sdk, 'publicIPAddresses.delete', [GROUP, 'pip'])
    expect(refusal).toMatchObject({ status: 409, code: 'ResourceInUse' })
    const without = bodies.network({ subnets: [] })
    const emptied = await sdks.refused(sdk, 'virtualNetworks.createOrUpdate', [GROUP, 'net', without])
    expect(emptied).toMatchObject({ status: 409, code: 'ResourceInUse' })
    const group = await sdks.call(sdk, `${GATEWAYS}.get`, at)
    expect(group).toMatchObject({ provisioningState: 'Succeeded', sku: { name: 'VpnGw2' } })
  })
})
