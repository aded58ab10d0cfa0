import { beforeEach, describe, expect, it } from 'vitest'
import { apiWithGroup, GROUP, NETWORK, SUB, type TestApi, testApi } from '../management-api.suite.ts'

const NET = `${NETWORK}/virtualNetworks/net`
const ADDRESS = `${NETWORK}/publicIPAddresses/ip`
const GATEWAY = `${NETWORK}/virtualNetworkGateways/gw`

let api: TestApi

beforeEach(async () => {
  api = await apiWithGroup()
})

const network = (
  subnets: object | undefined = [{ name: 'GatewaySubnet', properties: { addressPrefix: '10.0.0.0/27' } }],
) =>
  api.ask('PUT', NET, {
    body: {
      location: 'local',
      properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, ...(subnets && { subnets }) },
    },
  })
const address = () => api.ask('PUT', ADDRESS, { body: { location: 'local', properties: {} } })
const gatewayBody = (subnet = `${NET}/subnets/GatewaySubnet`) => ({
  location: 'local',
  properties: {
    gatewayType: 'Vpn',
    ipConfigurations: [
      { name: 'default', properties: { subnet: { id: subnet }, publicIPAddress: { id: ADDRESS } } },
    ],
  },
})

describe('children', () => {
  it('are in their parent and by themselves, the same', async () => {
    const { body: net } = await network()
    const [subnet] = net.properties.subnets
    expect(subnet).toMatchObject({
      id: `${NET}/subnets/GatewaySubnet`,
      type: 'Microsoft.Network/virtualNetworks/subnets',
      etag: net.etag,
      properties: { addressPrefix: '10.0.0.0/27', provisioningState: 'Succeeded' },
    })
    expect((await api.ask('GET', `${NET}/subnets/gatewaysubnet`)).body).toEqual(subnet)
    expect((await api.ask('GET', `${NET}/subnets`)).body).toEqual({ value: [subnet] })
  })

  it('are made, changed and deleted one by one', async () => {
    await network()
    const made = await api.ask('PUT', `${NET}/subnets/b`, {
      body: { properties: { addressPrefix: '10.0.1.0/24' } },
    })
    expect([made.status, made.body.name]).toEqual([201, 'b'])
    const changed = await api.ask('PUT', `${NET}/subnets/B`, {
      body: { properties: { addressPrefix: '10.0.2.0/24' } },
    })
    expect([changed.status, changed.body.name, changed.body.properties.addressPrefix]).toEqual([
      200,
      'b',
      '10.0.2.0/24',
    ])
    const { body: net } = await api.ask('GET', NET)
    expect(net.properties.subnets).toHaveLength(2)
    expect((await api.ask('DELETE', `${NET}/subnets/b`)).status).toBe(200)
    expect((await api.ask('DELETE', `${NET}/subnets/b`)).status).toBe(204)
    expect((await api.ask('GET', `${NET}/subnets/b`)).status).toBe(404)
  })

  it('stay when their parent is put without them, and go when it is put with none', async () => {
    await network()
    await network(undefined as never)
    expect((await api.ask('GET', `${NET}/subnets`)).body.value).toHaveLength(1)
    await api.ask('PUT', NET, { body: { location: 'local', properties: {} } })
    expect((await api.ask('GET', `${NET}/subnets`)).body.value).toHaveLength(1)
    await network([])
    expect((await api.ask('GET', `${NET}/subnets`)).body.value).toEqual([])
  })

  it('need a parent, a right and a name', async () => {
    const orphan = await api.ask('PUT', `${NET}/subnets/a`, { body: { properties: {} } })
    expect([orphan.status, orphan.body.error.code]).toEqual([404, 'ParentResourceNotFound'])
    await network()
    expect(
      (await api.ask('PUT', `${NET}/subnets/a`, { as: 'reader', body: { properties: {} } })).status,
    ).toBe(403)
    const twice = await network([
      { name: 'a', properties: {} },
      { name: 'A', properties: {} },
    ])
    expect([twice.status, twice.body.error.target]).toEqual([400, 'properties.subnets[1].name'])
  })

  it('are not lost when many are made at once', async () => {
    await network([])
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`)
    await Promise.all(
      names.map(name => api.ask('PUT', `${NET}/subnets/${name}`, { body: { properties: {} } })),
    )
    expect((await api.ask('GET', `${NET}/subnets`)).body.value).toHaveLength(20)
  })

  it('go by If-Match as their parent does', async () => {
    const { headers } = await network()
    const ifMatch = { 'if-match': String(headers.etag) }
    const put = () =>
      api.ask('PUT', `${NET}/subnets/GatewaySubnet`, { body: { properties: {} }, headers: ifMatch })
    expect((await put()).status).toBe(200)
    expect((await put()).status).toBe(412)
  })
})

describe('references', () => {
  beforeEach(async () => {
    await network()
    await address()
  })

  it('keep what they are to from being deleted', async () => {
    expect((await api.ask('PUT', GATEWAY, { body: gatewayBody() })).status).toBe(201)
    for (const used of [NET, ADDRESS, `${NET}/subnets/GatewaySubnet`]) {
      const told = await api.ask('DELETE', used)
      expect([told.status, told.body.error.code]).toEqual([409, 'ResourceInUse'])
      expect(told.body.error.message).toContain(GATEWAY)
    }
    const emptied = await network([])
    expect([emptied.status, emptied.body.error.code]).toEqual([409, 'ResourceInUse'])
    expect((await api.ask('DELETE', GATEWAY)).status).toBe(200)
    expect((await api.ask('DELETE', NET)).status).toBe(200)
  })

  it('are known after a restart', async () => {
    await api.ask('PUT', GATEWAY, { body: gatewayBody() })
    const again = await testApi({ store: api.store })
    expect((await again.ask('DELETE', ADDRESS)).body.error.code).toBe('ResourceInUse')
  })

  it('are to what there is', async () => {
    const missing = await api.ask('PUT', GATEWAY, { body: gatewayBody(`${NET}/subnets/Other`) })
    expect([missing.status, missing.body.error.code]).toEqual([400, 'InvalidResourceReference'])
    expect(missing.body.error.target).toBe('properties.ipConfigurations[0].properties.subnet.id')
    const malformed = await api.ask('PUT', GATEWAY, { body: gatewayBody('the subnet') })
    expect([malformed.status, malformed.body.error.code]).toEqual([400, 'LinkedInvalidPropertyId'])
    expect((await api.ask('GET', GATEWAY)).status).toBe(404)
  })

  it('are not made by tags, nor by what nobody knows', async () => {
    const body = { location: 'local', tags: { id: 'seven' }, properties: { later: { id: 'eight' } } }
    const told = await api.ask('PUT', `${NETWORK}/localNetworkGateways/lng`, { body })
    expect([told.status, told.body.tags, told.body.properties.later]).toEqual([
      201,
      { id: 'seven' },
      { id: 'eight' },
    ])
  })

  it('need the right to what they are to', async () => {
    const other = GROUP.replace('/rg', '/other')
    await api.ask('PUT', other, { body: { location: 'local' }, version: '2021-04-01' })
    const foreign = `${other}/providers/Microsoft.Network/publicIPAddresses/ip`
    await api.ask('PUT', foreign, { body: { location: 'local', properties: {} } })
    const body = gatewayBody()
    const [configuration] = body.properties.ipConfigurations
    if (configuration) configuration.properties.publicIPAddress.id = foreign
    const told = await api.ask('PUT', GATEWAY, { as: 'network', body })
    expect([told.status, told.body.error.code]).toEqual([403, 'LinkedAuthorizationFailed'])
    expect(told.body.error.message).toContain('Microsoft.Network/publicIPAddresses/join/action')
    expect((await api.ask('PUT', GATEWAY, { body })).status).toBe(201)
    const blocked = await api.ask('DELETE', other, { version: '2021-04-01' })
    expect([blocked.status, blocked.body.error.code]).toEqual([409, 'ResourceInUse'])
  })

  it('and deletions at the same time do not both come to pass', async () => {
    for (let round = 0; round < 10; round++) {
      const [put, removed] = await Promise.all([
        api.ask('PUT', GATEWAY, { body: gatewayBody() }),
        api.ask('DELETE', ADDRESS),
      ])
      const isPut = put.status === 201
      expect([isPut, removed.status === 200]).toEqual([isPut, !isPut])
      if (isPut) await api.ask('DELETE', GATEWAY)
      else await address()
    }
  })
})

describe('a group', () => {
  it('is deleted with everything in it, whatever refers to what', async () => {
    await network()
    await address()
    await api.ask('PUT', GATEWAY, { body: gatewayBody() })
    const told = await api.ask('DELETE', GROUP, { version: '2021-04-01' })
    expect(told.status).toBe(202)
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    expect((await api.ask('GET', GROUP, { version: '2021-04-01' })).status).toBe(404)
    expect(await api.store.scan(`resources${SUB.toLowerCase()}`)).toEqual([])
    expect((await api.ask('DELETE', GROUP, { version: '2021-04-01' })).status).toBe(404)
  })

  it('takes nothing in while it goes', async () => {
    await network()
    const [told, late] = await Promise.all([api.ask('DELETE', GROUP, { version: '2021-04-01' }), address()])
    expect(told.status).toBe(202)
    expect([201, 404, 409]).toContain(late.status)
    await api.ended(told)
    expect(await api.store.scan(`resources${SUB.toLowerCase()}`)).toEqual([])
  })

  it('lists what is in it, by filter', async () => {
    await network()
    await address()
    const listed = async (filter: string) => {
      const query = `?$filter=${encodeURIComponent(filter)}`
      const told = await api.ask('GET', `${SUB}/resources${query}`, { version: '2021-04-01' })
      return told.body.value.map((each: { name: string }) => each.name)
    }
    expect(await listed("resourceType eq 'Microsoft.Network/virtualNetworks'")).toEqual(['net'])
    expect(await listed("resourceGroup eq 'RG' and name eq 'ip'")).toEqual(['ip'])
    expect(await listed("resourceType eq 'Microsoft.KeyVault/vaults'")).toEqual([])
    expect((await api.ask('GET', `${GROUP}/resources`, { version: '2021-04-01' })).body.value).toHaveLength(2)
  })
})

describe('secrets', () => {
  const connection = `${NETWORK}/connections/c`
  const lng = `${NETWORK}/localNetworkGateways/lng`
  const body = (changes: object = {}) => ({
    location: 'local',
    properties: {
      connectionType: 'IPSec',
      virtualNetworkGateway1: { id: GATEWAY, properties: { ignored: true } },
      localNetworkGateway2: { id: lng },
      ...changes,
    },
  })

  beforeEach(async () => {
    await network()
    await address()
    await api.ask('PUT', GATEWAY, { body: gatewayBody() })
    await api.ask('PUT', lng, { body: { location: 'local', properties: {} } })
  })

  it('are taken, kept when they are left out, and shown only to who may have them', async () => {
    const made = await api.ask('PUT', connection, { body: body({ sharedKey: 'hunter2-hunter2' }) })
    expect(made.status).toBe(201)
    expect(made.body.properties).toMatchObject({
      connectionType: 'IPsec',
      virtualNetworkGateway1: { id: GATEWAY },
    })
    expect((await api.ask('PUT', connection, { body: body({ routingWeight: 3 }) })).status).toBe(200)
    expect((await api.ask('GET', `${connection}/sharedkey`)).body.value).toBe('hunter2-hunter2')
    expect((await api.ask('GET', `${connection}/sharedkey`, { as: 'reader' })).status).toBe(403)
    const everything = JSON.stringify([
      (await api.ask('GET', connection)).body,
      await api.store.scan('resources'),
      await api.store.history(),
      api.logged,
    ])
    expect(everything).not.toContain('hunter2')
  })

  it('are set and made anew', async () => {
    await api.ask('PUT', connection, { body: body({ sharedKey: 'first' }) })
    expect((await api.ask('PUT', `${connection}/sharedkey`, { body: { value: 'second' } })).status).toBe(200)
    expect((await api.ask('GET', `${connection}/sharedkey`)).body.value).toBe('second')
    const reset = await api.ask('POST', `${connection}/sharedkey/reset`, { body: { keyLength: 40 } })
    expect([reset.status, reset.body]).toEqual([200, { keyLength: 40 }])
    expect((await api.ask('GET', `${connection}/sharedkey`)).body.value).toMatch(/^[A-Za-z0-9]{40}$/)
    const wrong = await api.ask('POST', `${connection}/sharedkey/reset`, { body: { keyLength: 0 } })
    expect([wrong.status, wrong.body.error.target]).toEqual([400, 'keyLength'])
  })

  it('are not in a resource any more once they are gone', async () => {
    await api.ask('PUT', connection, { body: body({ sharedKey: 'first' }) })
    await api.ask('DELETE', connection)
    await api.ask('PUT', connection, { body: body() })
    expect((await api.ask('GET', `${connection}/sharedkey`)).body.value).toBe('')
  })

  it('of RADIUS servers are listed, and kept only while their address stays', async () => {
    const put = (address: string, secret?: string) => {
      const { location, properties } = gatewayBody()
      const server = { radiusServerAddress: address, ...(secret && { radiusServerSecret: secret }) }
      const vpnClientConfiguration = { radiusServers: [server] }
      return api.ask('PUT', GATEWAY, {
        body: { location, properties: { ...properties, vpnClientConfiguration } },
      })
    }
    const listed = async () => (await api.ask('POST', `${GATEWAY}/listRadiusSecrets`)).body.value
    await put('10.0.0.5', 'first')
    expect((await put('10.0.0.5')).body.properties.vpnClientConfiguration.radiusServers).toEqual([
      { radiusServerAddress: '10.0.0.5' },
    ])
    expect(await listed()).toEqual([{ radiusServerAddress: '10.0.0.5', radiusServerSecret: 'first' }])
    expect((await api.ask('POST', `${GATEWAY}/listRadiusSecrets`, { as: 'reader' })).status).toBe(403)
    await put('10.0.0.6')
    expect(JSON.stringify(await listed())).not.toContain('first')
  })

  it('connections of a gateway are listed by it', async () => {
    await api.ask('PUT', connection, { body: body() })
    const told = await api.ask('GET', `${GATEWAY}/connections`)
    expect(told.body.value).toMatchObject([
      { id: connection, properties: { virtualNetworkGateway1: { id: GATEWAY } } },
    ])
  })
})
