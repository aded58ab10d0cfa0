import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { CommandError } from '@causeway/gateway'
import { beforeEach, describe, expect, it } from 'vitest'
import { assignment, NETWORK, NOW, PEOPLE, type Person } from '../management-api.suite.ts'
import { RoleStore } from '../rights/role-store.ts'
import {
  ADDRESS,
  CLIENTS,
  CONNECTION,
  configuration,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkApi,
  networkBody,
  SITE,
  siteBody,
  VNET,
} from './network.suite.ts'
import { session } from './running-gateway.suite.ts'

let api: NetworkApi

beforeEach(async () => {
  api = await networkApi()
})

/** Code, target and message of a refusal. */
async function refusal(properties: object, path: string = GATEWAY) {
  const { status, body } = await api.ask('PUT', path, { body: gatewayBody(properties) })
  const { code, target, message } = body.error ?? body
  return { status, code, target, message }
}

describe('the life of a gateway', () => {
  it('is made, runs with its network, is changed and goes', async () => {
    const told = await api.ask('PUT', GATEWAY, { body: gatewayBody() })
    expect([told.status, told.body.properties.provisioningState]).toEqual([201, 'Creating'])
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    const { resource, network } = api.gateway.inForce ?? {}
    expect(network).toEqual({
      addressPrefixes: ['10.1.0.0/16'],
      dnsServers: ['10.1.0.4'],
      publicAddresses: ['198.51.100.7'],
    })
    const read = await api.ask('GET', GATEWAY)
    expect(resource).toMatchObject({
      id: GATEWAY,
      name: 'gw',
      type: 'Microsoft.Network/virtualNetworkGateways',
      properties: { resourceGuid: read.body.properties.resourceGuid },
    })
    const changed = await api.done('PUT', GATEWAY, gatewayBody({ sku: { name: 'VpnGw2' } }))
    expect(changed.body.status).toBe('Succeeded')
    expect(api.gateway.inForce?.resource.properties.sku?.name).toBe('VpnGw2')
    expect((await api.done('DELETE', GATEWAY)).body.status).toBe('Succeeded')
    expect(api.gateway.inForce).toBeUndefined()
    expect((await api.ask('GET', GATEWAY)).status).toBe(404)
    expect((await api.ask('DELETE', VNET)).status).toBe(200)
  })

  it('shows what ARM fills in', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    const { body } = await api.ask('GET', GATEWAY)
    expect(body.properties).toMatchObject({
      enableBgp: false,
      activeActive: false,
      vpnGatewayGeneration: 'Generation1',
      sku: { name: 'VpnGw1', tier: 'VpnGw1', capacity: 2 },
      bgpSettings: { asn: 65_515, peerWeight: 0 },
      vpnClientConfiguration: { vpnClientProtocols: ['OpenVPN', 'IkeV2'] },
      provisioningState: 'Succeeded',
    })
    const [entry] = body.properties.ipConfigurations
    expect(entry).toMatchObject({
      id: `${GATEWAY}/ipConfigurations/default`,
      properties: { privateIPAllocationMethod: 'Dynamic', provisioningState: 'Succeeded' },
    })
    expect((await api.done('PUT', GATEWAY, body)).body.status).toBe('Succeeded')
  })

  it('has its public IP address show where it is used', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    const { properties } = (await api.ask('GET', ADDRESS)).body
    expect(properties).toMatchObject({
      ipAddress: '198.51.100.7',
      publicIPAddressVersion: 'IPv4',
      ipConfiguration: { id: `${GATEWAY}/ipConfigurations/default` },
    })
    expect((await api.ask('DELETE', ADDRESS)).body.error.code).toBe('ResourceInUse')
  })

  it('may do without a virtual network, and then has what the settings say', async () => {
    const told = await api.done('PUT', GATEWAY, gatewayBody({ ipConfigurations: [] }))
    expect(told.body.status).toBe('Succeeded')
    expect(api.gateway.inForce?.network).toBeUndefined()
  })
})

describe('a gateway that is refused', () => {
  it('is a second one', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    const other = `${NETWORK}/virtualNetworkGateways/other`
    expect(await refusal({ ipConfigurations: [] }, other)).toEqual({
      status: 409,
      code: 'Conflict',
      target: GATEWAY,
      message: `This installation runs one gateway, and '${GATEWAY}' is there already. Change that one, delete it first, or make the second one in an installation of its own.`,
    })
  })

  it('is a second one, when both are made at once', async () => {
    const other = `${NETWORK}/virtualNetworkGateways/other`
    const body = gatewayBody({ ipConfigurations: [] })
    const both = await Promise.all([GATEWAY, other].map(path => api.ask('PUT', path, { body })))
    const ends = await Promise.all(both.map(told => (told.status === 201 ? api.ended(told) : told)))
    const codes = ends.map(({ body }) => body.error?.code ?? body.status).sort()
    expect(codes).toEqual(['Conflict', 'Succeeded'])
  })

  it.each([
    ['an unknown SKU', { sku: { name: 'Standard' } }, 'properties.sku.name'],
    [
      'another subnet',
      { ipConfigurations: [configuration('a', ADDRESS, `${VNET}/subnets/front`)] },
      'properties.ipConfigurations[0].properties.subnet.id',
    ],
    [
      'no subnet',
      { ipConfigurations: [{ name: 'a', properties: {} }] },
      'properties.ipConfigurations[0].properties.subnet.id',
    ],
    [
      'an address twice',
      { ipConfigurations: [configuration('a'), configuration('b')] },
      'properties.ipConfigurations[1].properties.publicIPAddress.id',
    ],
    [
      'a pool in its network',
      { vpnClientConfiguration: { ...CLIENTS, vpnClientAddressPool: { addressPrefixes: ['10.1.2.0/24'] } } },
      'properties.vpnClientConfiguration.vpnClientAddressPool.addressPrefixes',
    ],
    ['active-active with one address', { activeActive: true }, 'properties.ipConfigurations'],
    ['an ExpressRoute gateway', { gatewayType: 'ExpressRoute' }, 'properties.gatewayType'],
  ])('has %s', async (_what, properties, target) => {
    await api.done(
      'PUT',
      VNET,
      networkBody({
        subnets: [
          { name: 'GatewaySubnet', properties: { addressPrefix: '10.1.255.0/27' } },
          { name: 'front', properties: { addressPrefix: '10.1.1.0/24' } },
        ],
      }),
    )
    const told = await refusal(properties)
    expect(told).toMatchObject({ status: 400, code: 'InvalidParameter', target })
    expect(told.message).toMatch(/^\S+: .+; .+/)
    expect((await api.ask('GET', GATEWAY)).status).toBe(404)
    expect(api.gateway.inForce).toBeUndefined()
  })

  it('is made smaller', async () => {
    await api.done('PUT', GATEWAY, gatewayBody({ sku: { name: 'VpnGw2' } }))
    const told = await refusal({ sku: { name: 'VpnGw1' } })
    expect(told).toMatchObject({ status: 400, target: 'properties.sku.name' })
    expect(told.message).toContain('is not made smaller')
    expect(api.gateway.inForce?.resource.properties.sku?.name).toBe('VpnGw2')
  })

  it('has an address that is not there, or is of something else', async () => {
    const none = await refusal({
      ipConfigurations: [configuration('a', `${NETWORK}/publicIPAddresses/none`)],
    })
    expect(none).toMatchObject({
      status: 400,
      code: 'InvalidResourceReference',
      target: 'properties.ipConfigurations[0].properties.publicIPAddress.id',
    })
    // Whatever refers to it uses it, known here or not.
    const user = { gatewayIpAddress: '203.0.113.1', inFuture: { id: ADDRESS } }
    await api.done('PUT', SITE, { location: 'local', properties: user })
    const used = await refusal({})
    expect(used).toMatchObject({
      status: 400,
      code: 'InvalidParameter',
      target: 'properties.ipConfigurations[0].properties.publicIPAddress.id',
    })
    expect(used.message).toContain(`is in use by ${SITE}`)
  })
})

describe('a change that the gateway cannot make', () => {
  it('leaves the former in force and the resource failed, with the reason', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    const former = api.gateway.inForce
    api.gateway.beforeApply = async () => {
      throw new CommandError('HostFailure', 'the port is taken; free it')
    }
    const told = await api.done('PUT', GATEWAY, gatewayBody({ sku: { name: 'VpnGw2' } }))
    expect(told.body).toMatchObject({
      status: 'Failed',
      error: { code: 'HostFailure', message: 'the port is taken; free it' },
    })
    expect(api.gateway.inForce).toBe(former)
    const { properties } = (await api.ask('GET', GATEWAY)).body
    expect(properties).toMatchObject({ provisioningState: 'Failed', sku: { name: 'VpnGw2' } })
    const [running] = await api.api.running('Microsoft.Network/virtualNetworkGateways')
    expect(running?.body).toMatchObject({ properties: { sku: { name: 'VpnGw1' } } })
    api.gateway.beforeApply = async () => undefined
    const again = await api.done('PUT', GATEWAY, gatewayBody({ sku: { name: 'VpnGw2' } }))
    expect(again.body.status).toBe('Succeeded')
  })

  it('tells nothing of a defect but that there was one', async () => {
    api.gateway.beforeApply = async () => {
      throw new TypeError('secret of the inside')
    }
    const told = await api.done('PUT', GATEWAY, gatewayBody())
    expect(told.body.error.code).toBe('InternalServerError')
    expect(JSON.stringify(told.body)).not.toContain('inside')
    expect(api.logged.join('')).toContain('secret of the inside')
  })

  it('deletes a gateway that never ran without ending the one that does', async () => {
    api.gateway.beforeApply = async () => {
      throw new CommandError('HostFailure', 'no')
    }
    await api.done('PUT', GATEWAY, gatewayBody())
    api.gateway.beforeApply = async () => {
      throw new Error('was asked')
    }
    expect((await api.done('DELETE', GATEWAY)).body.status).toBe('Succeeded')
  })
})

describe('removing point-to-site', () => {
  it.each(['2025-05-01', '2022-01-01'])('ends it by a PUT without it (%s)', async version => {
    const radius = {
      ...CLIENTS,
      vpnClientProtocols: ['OpenVPN'],
      vpnAuthenticationTypes: ['Certificate', 'Radius'],
      radiusServers: [{ radiusServerAddress: '10.1.0.9', radiusServerScore: 30, radiusServerSecret: 'hush' }],
    }
    const first = await api.done('PUT', GATEWAY, gatewayBody({ vpnClientConfiguration: radius }))
    expect(first.body).toMatchObject({ status: 'Succeeded' })
    expect(api.gateway.inForce?.resource.properties.vpnClientConfiguration?.radiusServers?.[0]).toMatchObject(
      {
        radiusServerSecret: 'hush',
      },
    )
    const read = (await api.ask('GET', GATEWAY)).body
    expect(JSON.stringify(read)).not.toContain('hush')
    // What az does: reads, changes, and puts all of it.
    expect((await api.done('PUT', GATEWAY, read)).body.status).toBe('Succeeded')
    expect(JSON.stringify(api.gateway.inForce)).toContain('hush')
    const { vpnClientConfiguration: _clients, ...rest } = read.properties
    const told = await api.ask('PUT', GATEWAY, { body: { ...read, properties: rest }, version })
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    expect(api.gateway.inForce?.resource.properties.vpnClientConfiguration).toBeUndefined()
    expect(JSON.stringify(api.gateway.inForce)).not.toContain('hush')
    const url = await api.result(`${GATEWAY}/generatevpnclientpackage`, {})
    expect([url.status, url.body.error.code]).toEqual([409, 'Conflict'])
  })

  it('ends it by a null', async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    await api.done('PUT', GATEWAY, gatewayBody({ vpnClientConfiguration: null }))
    expect(api.gateway.inForce?.resource.properties.vpnClientConfiguration).toBeUndefined()
  })
})

describe('actions of a gateway', () => {
  beforeEach(async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
    api.gateway.running = [session('one'), session('two')]
  })

  it('show who is connected', async () => {
    const { body } = await api.result(`${GATEWAY}/getVpnClientConnectionHealth`)
    expect(body.value).toHaveLength(2)
    expect(body.value[0]).toEqual({
      vpnConnectionId: 'one',
      vpnConnectionDuration: NOW - 1_799_999_940,
      vpnConnectionTime: new Date(1_799_999_940_000).toISOString(),
      publicIpAddress: '203.0.113.9:50000',
      privateIpAddress: '172.16.201.2',
      vpnUserName: 'alice',
      egressPacketsTransferred: 2,
      egressBytesTransferred: 20,
      ingressPacketsTransferred: 1,
      ingressBytesTransferred: 10,
    })
  })

  it('end sessions, by their ids and by those that az sends', async () => {
    const path = `${GATEWAY}/disconnectVirtualNetworkGatewayVpnConnections`
    const unknown = await api.result(path, { vpnConnectionIds: ['one', 'three'] })
    expect(unknown.body.error).toMatchObject({ code: 'NotFound', target: 'vpnConnectionIds' })
    expect(unknown.body.error.message).toContain("there is no session 'three'")
    expect(api.gateway.running).toHaveLength(2)
    expect((await api.result(path, {})).body.error.code).toBe('InvalidParameter')
    expect((await api.result(path, { vpnConnectionIds: [`${GATEWAY}/x/one`] })).status).toBe(200)
    expect(api.gateway.running.map(({ id }) => id)).toEqual(['two'])
  })

  it('reset all, and answer the gateway', async () => {
    const { body } = await api.result(`${GATEWAY}/reset`)
    expect(body).toMatchObject({ id: GATEWAY, properties: { provisioningState: 'Succeeded' } })
    expect(api.gateway.sessionsReset).toBe(1)
  })

  it('tell the policy, and set it as any change is made', async () => {
    const path = `${GATEWAY}/getvpnclientipsecparameters`
    expect((await api.result(path)).body).toEqual({
      saLifeTimeSeconds: 86_400,
      saDataSizeKilobytes: 102_400_000,
      ipsecEncryption: 'GCMAES256',
      ipsecIntegrity: 'GCMAES256',
      ikeEncryption: 'GCMAES256',
      ikeIntegrity: 'SHA384',
      dhGroup: 'DHGroup24',
      pfsGroup: 'None',
    })
    const before = (await api.ask('GET', GATEWAY)).headers.etag
    const policy = {
      saLifeTimeSeconds: 3_600,
      saDataSizeKilobytes: 1_024_000,
      ipsecEncryption: 'AES256',
      ipsecIntegrity: 'SHA256',
      ikeEncryption: 'AES256',
      ikeIntegrity: 'SHA384',
      dhGroup: 'ECP384',
      pfsGroup: 'ECP384',
    }
    expect((await api.result(`${GATEWAY}/setvpnclientipsecparameters`, policy)).body).toEqual(policy)
    expect((await api.result(path)).body).toEqual(policy)
    expect((await api.ask('GET', GATEWAY)).headers.etag).not.toBe(before)
    expect(api.gateway.inForce?.resource.properties.vpnClientConfiguration?.vpnClientIpsecPolicies).toEqual([
      policy,
    ])
    const wrong = await api.result(`${GATEWAY}/setvpnclientipsecparameters`, {
      ...policy,
      dhGroup: 'DHGroup1',
    })
    expect([wrong.status, wrong.body.error.target]).toEqual([
      400,
      'properties.vpnClientConfiguration.vpnClientIpsecPolicies[0].dhGroup',
    ])
  })

  it('tell routes, and that there is no BGP', async () => {
    const { body } = await api.result(`${GATEWAY}/getLearnedRoutes`)
    expect(
      body.value.map((route: { network: string; origin: string }) => [route.network, route.origin]),
    ).toEqual([
      ['10.1.0.0/16', 'Network'],
      ['172.16.201.0/24', 'Network'],
    ])
    expect((await api.result(`${GATEWAY}/getBgpPeerStatus`)).body).toEqual({ value: [] })
    expect((await api.result(`${GATEWAY}/getAdvertisedRoutes?peer=10.0.0.1`)).body).toEqual({ value: [] })
  })

  it('say what there is not', async () => {
    const capture = await api.result(`${GATEWAY}/startPacketCapture`, {})
    expect([capture.status, capture.body.error.code]).toEqual([501, 'OperationNotSupported'])
    const key = await api.result(`${GATEWAY}/resetvpnclientsharedkey`)
    expect(key.body.error.message).toContain('revoke certificates')
  })

  it('capture packets where something does', async () => {
    const told: unknown[] = []
    const capture = {
      start: async (filter: string | undefined) => `started ${String(told.push(filter))}`,
      stop: async (url: string | undefined) => `stopped ${String(told.push(url))}`,
    }
    api = await networkApi(undefined, {}, { capture })
    await api.done('PUT', GATEWAY, gatewayBody())
    expect((await api.result(`${GATEWAY}/startPacketCapture`, { filterData: '{}' })).body).toBe('started 1')
    const url = 'https://blob.example/x'
    expect((await api.result(`${GATEWAY}/stopPacketCapture`, { sasUrl: url })).body).toBe('stopped 2')
    expect(told).toEqual(['{}', url])
  })

  it('capture packets of everybody by a connection only for who may do so by the gateway', async () => {
    const capture = { start: async () => 'started', stop: async () => 'stopped' }
    api = await networkApi(undefined, {}, { capture })
    await api.done('PUT', GATEWAY, gatewayBody())
    await api.done('PUT', SITE, siteBody())
    await api.done('PUT', CONNECTION, connectionBody())
    const roles = await RoleStore.open(api.store)
    const given = assignment(9, PEOPLE.nobody, BUILT_IN_ROLE_IDS.networkContributor, CONNECTION)
    await api.store.commit([roles.putAssignment(given)])
    roles.close()
    for (const action of ['startPacketCapture', 'stopPacketCapture']) {
      const body = { sasUrl: 'https://blob.example/x' }
      const by = (as: Person) => api.ask('POST', `${CONNECTION}/${action}`, { as, body })
      const { error } = (await api.ended(await by('nobody'))).body
      expect(error).toMatchObject({
        code: 'AuthorizationFailed',
        message: expect.stringContaining(`virtualNetworkGateways/${action}/action`),
      })
      expect((await api.ended(await by('network'))).body.status).toBe('Succeeded')
    }
  })
})

describe('a virtual network with the gateway in it', () => {
  beforeEach(async () => {
    await api.done('PUT', GATEWAY, gatewayBody())
  })

  it('takes the gateway along', async () => {
    const addressSpace = { addressPrefixes: ['10.1.0.0/16', '10.2.0.0/16'] }
    expect((await api.ask('PUT', VNET, { body: networkBody({ addressSpace }) })).status).toBe(200)
    expect(api.gateway.inForce?.network?.addressPrefixes).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
    expect((await api.ask('GET', GATEWAY)).body.properties.provisioningState).toBe('Succeeded')
  })

  it('is refused what the gateway cannot be in', async () => {
    const addressSpace = { addressPrefixes: ['10.1.0.0/16', '172.16.0.0/16'] }
    const { status, body } = await api.ask('PUT', VNET, { body: networkBody({ addressSpace }) })
    expect([status, body.error.target]).toEqual([400, 'properties.addressSpace.addressPrefixes'])
    expect(body.error.message).toContain('the gateway gw cannot go on with it')
  })

  it('stays as it was when the gateway cannot follow', async () => {
    api.gateway.beforeApply = async () => {
      throw new CommandError('HostFailure', 'no room for routes')
    }
    const addressSpace = { addressPrefixes: ['10.1.0.0/16', '10.2.0.0/16'] }
    const told = await api.ask('PUT', VNET, { body: networkBody({ addressSpace }) })
    expect([told.status, told.body.error.message]).toEqual([500, 'no room for routes'])
    expect(api.gateway.inForce?.network?.addressPrefixes).toEqual(['10.1.0.0/16'])
    expect((await api.ask('GET', VNET)).body.properties.provisioningState).toBe('Failed')
    api.gateway.beforeApply = async () => undefined
    await api.done('PUT', GATEWAY, gatewayBody({ sku: { name: 'VpnGw2' } }))
    expect(api.gateway.inForce?.network?.addressPrefixes).toEqual(['10.1.0.0/16'])
  })

  it('does not go, and neither does its subnet', async () => {
    expect((await api.ask('DELETE', VNET)).body.error.code).toBe('ResourceInUse')
    expect((await api.ask('DELETE', `${VNET}/subnets/GatewaySubnet`)).body.error.code).toBe('ResourceInUse')
  })
})
