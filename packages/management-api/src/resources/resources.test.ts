import { beforeEach, describe, expect, it } from 'vitest'
import {
  apiWithGroup,
  GATEWAYS,
  GROUP,
  gatewayBody,
  NETWORK,
  NOW,
  PEOPLE,
  SUB,
  type TestApi,
} from '../management-api.suite.ts'

let api: TestApi

beforeEach(async () => {
  api = await apiWithGroup()
})

const put = (name = 'lng', body: object = gatewayBody(), headers: Record<string, string> = {}) =>
  api.ask('PUT', `${GATEWAYS}/${name}`, { body, headers })

describe('the life of a resource', () => {
  it('is made, read, changed, listed and deleted', async () => {
    const made = await put()
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      id: `${GATEWAYS}/lng`,
      name: 'lng',
      type: 'Microsoft.Network/localNetworkGateways',
      location: 'local',
      properties: { gatewayIpAddress: '203.0.113.1', provisioningState: 'Succeeded' },
    })
    expect(made.body.properties.resourceGuid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.body.etag).toBe(made.headers.etag)
    expect((await api.ask('GET', `${GATEWAYS}/lng`)).body).toEqual(made.body)
    expect((await api.ask('GET', GATEWAYS)).body).toEqual({ value: [made.body] })
    expect((await put('lng', gatewayBody({ tags: { a: 'b' } }))).status).toBe(200)
    expect((await api.ask('DELETE', `${GATEWAYS}/lng`)).status).toBe(200)
    expect((await api.ask('DELETE', `${GATEWAYS}/lng`)).status).toBe(204)
    const gone = await api.ask('GET', `${GATEWAYS}/lng`)
    expect([gone.status, gone.body.error.code]).toEqual([404, 'ResourceNotFound'])
    expect((await api.ask('GET', GATEWAYS)).body).toEqual({ value: [] })
  })

  it('goes by ids in any case, and answers the name as its maker wrote it', async () => {
    await put('Lng-A')
    const odd = `${GATEWAYS}/LNG-a`
      .replace('resourceGroups', 'resourcegroups')
      .replace('Microsoft.Network', 'MICROSOFT.network')
    const read = await api.ask('GET', odd)
    expect(read.body).toMatchObject({ id: `${GATEWAYS}/Lng-A`, name: 'Lng-A' })
    expect((await put('LNG-A')).status).toBe(200)
  })

  it('takes new tags alone, and keeps everything else', async () => {
    const { body: made } = await put('lng', gatewayBody({ tags: { a: '1', b: '2' } }))
    const patched = await api.ask('PATCH', `${GATEWAYS}/lng`, { body: { tags: { c: '3' } } })
    expect(patched.status).toBe(200)
    expect(patched.body).toEqual({ ...made, tags: { c: '3' }, etag: patched.body.etag })
    expect(patched.body.etag).not.toBe(made.etag)
  })

  it('keeps what an older client cannot have known of, and what nobody knows', async () => {
    const path = GATEWAYS.replace('localNetworkGateways', 'virtualNetworks/net')
    const properties = { privateEndpointVNetPolicies: 'basic', inFuture: { a: 1 } }
    await api.ask('PUT', path, { body: { location: 'local', properties } })
    const body = { location: 'local', properties: { inFuture: { a: 1 } } }
    const old = await api.ask('PUT', path, { body, version: '2022-01-01' })
    expect(old.body.properties).toMatchObject({ privateEndpointVNetPolicies: 'Basic', inFuture: { a: 1 } })
    const present = await api.ask('PUT', path, { body, version: '2026-01-01' })
    expect(present.body.properties.privateEndpointVNetPolicies).toBeUndefined()
  })

  it('leaves who did what in the history', async () => {
    await put()
    await put('lng', gatewayBody({ tags: { a: 'b' } }))
    await api.ask('DELETE', `${GATEWAYS}/lng`)
    const target = `resources${GATEWAYS}/lng`.toLowerCase()
    const [removed, changed, made] = await api.store.history({ target })
    expect(made).toMatchObject({
      at: NOW,
      who: PEOPLE.owner,
      action: 'Microsoft.Network/localNetworkGateways/write',
    })
    expect(made?.before).toBeUndefined()
    expect(changed).toMatchObject({ before: { location: 'local' }, after: { tags: { a: 'b' } } })
    expect(removed).toMatchObject({
      action: 'Microsoft.Network/localNetworkGateways/delete',
      before: { tags: { a: 'b' } },
    })
    expect(removed?.after).toBeUndefined()
  })
})

describe('what is refused', () => {
  it.each([
    [
      'a wrong shape',
      { location: 'local', properties: { gatewayIpAddress: 7 } },
      400,
      'InvalidParameter',
      'properties.gatewayIpAddress',
    ],
    ['a missing location', { properties: {} }, 400, 'LocationRequired', 'location'],
    ['no body', undefined, 400, 'InvalidRequestContent', undefined],
    ['a list', [], 400, 'InvalidRequestContent', undefined],
  ])('%s', async (_, body, status, code, target) => {
    const told = await api.ask('PUT', `${GATEWAYS}/lng`, { body })
    expect([told.status, told.body.error.code, told.body.error.target]).toEqual([status, code, target])
    expect((await api.ask('GET', GATEWAYS)).body.value).toEqual([])
  })

  it('a name that breaks the rule', async () => {
    const told = await put('a%20b')
    expect([told.status, told.body.error.code]).toEqual([400, 'InvalidResourceName'])
  })

  it('another location', async () => {
    await put()
    const told = await put('lng', gatewayBody({ location: 'West Europe' }))
    expect([told.status, told.body.error.code]).toEqual([409, 'InvalidResourceLocation'])
  })

  it('a group that is not there', async () => {
    const told = await api.ask('PUT', `${GATEWAYS}/lng`.replace('/rg/', '/other/'), { body: gatewayBody() })
    expect([told.status, told.body.error.code]).toEqual([404, 'ResourceGroupNotFound'])
    expect((await api.ask('GET', GATEWAYS.replace('/rg/', '/other/'))).status).toBe(404)
  })
})

describe('etags', () => {
  it('let a change through that knows the present version, and no other', async () => {
    const { headers: first } = await put()
    const changed = await put('lng', gatewayBody({ tags: { a: '1' } }), { 'if-match': String(first.etag) })
    expect(changed.status).toBe(200)
    const late = await put('lng', gatewayBody({ tags: { a: '2' } }), { 'if-match': String(first.etag) })
    expect([late.status, late.body.error.code]).toEqual([412, 'PreconditionFailed'])
    expect((await api.ask('GET', `${GATEWAYS}/lng`)).body.tags).toEqual({ a: '1' })
  })

  it('let a resource be made once', async () => {
    expect((await put('lng', gatewayBody(), { 'if-none-match': '*' })).status).toBe(201)
    expect((await put('lng', gatewayBody(), { 'if-none-match': '*' })).status).toBe(412)
    expect((await put('other', gatewayBody(), { 'if-match': '*' })).status).toBe(412)
  })

  it('spare a reader what it has', async () => {
    const { headers } = await put()
    const again = await api.ask('GET', `${GATEWAYS}/lng`, {
      headers: { 'if-none-match': String(headers.etag) },
    })
    expect([again.status, again.body]).toEqual([304, undefined])
  })

  it('are not those of a former resource of the name', async () => {
    const { headers } = await put()
    await api.ask('DELETE', `${GATEWAYS}/lng`)
    await put()
    expect((await put('lng', gatewayBody(), { 'if-match': String(headers.etag) })).status).toBe(412)
  })

  it('lose no update of those who read, change and try again', async () => {
    await put('lng', gatewayBody({ tags: { count: '0' } }))
    const increment = async (): Promise<void> => {
      for (;;) {
        const { body, headers } = await api.ask('GET', `${GATEWAYS}/lng`)
        const count = String(Number(body.tags.count) + 1)
        const told = await put('lng', gatewayBody({ tags: { count } }), { 'if-match': String(headers.etag) })
        if (told.status === 200) return
        expect(told.status).toBe(412)
      }
    }
    await Promise.all(Array.from({ length: 20 }, increment))
    expect((await api.ask('GET', `${GATEWAYS}/lng`)).body.tags).toEqual({ count: '20' })
  })
})

describe('groups', () => {
  it('are made, read, asked for and listed', async () => {
    const version = '2021-04-01'
    expect((await api.ask('HEAD', GROUP, { version })).status).toBe(204)
    expect((await api.ask('HEAD', `${SUB}/resourceGroups/other`, { version })).status).toBe(404)
    const read = await api.ask('GET', GROUP.replace('resourceGroups', 'resourcegroups'), { version })
    expect(read.body).toMatchObject({
      id: GROUP,
      name: 'rg',
      type: 'Microsoft.Resources/resourceGroups',
      properties: { provisioningState: 'Succeeded' },
    })
    const patched = await api.ask('PATCH', GROUP, { version, body: { tags: { a: 'b' } } })
    expect(patched.body.tags).toEqual({ a: 'b' })
    expect((await api.ask('GET', `${SUB}/resourcegroups`, { version })).body.value).toEqual([patched.body])
  })

  it('may have names that begin with a dot, and letters of any script', async () => {
    const version = '2021-04-01'
    for (const name of ['.hidden', 'Größe_(1)']) {
      const path = `${SUB}/resourceGroups/${encodeURIComponent(name)}`
      expect((await api.ask('PUT', path, { version, body: { location: 'local' } })).status).toBe(201)
      expect((await api.ask('GET', path, { version })).body.name).toBe(name)
    }
  })
})

it('tells the principals of the identities that a gateway has', async () => {
  const { ask, principals } = await apiWithGroup()
  const identity = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`
  await ask('PUT', identity, { body: { location: 'local' }, version: '2023-01-31' })
  const body = {
    location: 'local',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
    properties: { gatewayType: 'Vpn', vpnType: 'RouteBased', sku: { name: 'VpnGw1', tier: 'VpnGw1' } },
  }
  const told = await ask('PUT', `${NETWORK}/virtualNetworkGateways/gw`, { body })
  const { principalId, clientId } = (await principals.managedIdentity(identity)) ?? {}
  expect(told.body.identity.userAssignedIdentities).toEqual({ [identity]: { principalId, clientId } })
})
