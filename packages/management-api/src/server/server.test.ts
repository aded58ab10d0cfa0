import { request } from 'node:https'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../limits.ts'
import {
  apiWithGroup,
  BASE,
  GATEWAYS,
  GROUP,
  gatewayBody,
  SUB,
  SUBSCRIPTION,
  TENANT,
  type TestApi,
  testApi,
  testCertificate,
  vaultPlane,
} from '../management-api.suite.ts'
import type { ManagementApi } from './options.ts'

describe('the envelope', () => {
  let api: TestApi

  beforeEach(async () => {
    api = await apiWithGroup()
  })

  it('has the headers of ARM, and the ids that the client gave', async () => {
    const correlation = 'bbbbbbbb-0000-4000-8000-000000000001'
    const { headers } = await api.ask('GET', GATEWAYS, {
      headers: {
        'x-ms-correlation-request-id': correlation,
        'x-ms-client-request-id': 'mine',
        'x-ms-return-client-request-id': 'true',
      },
    })
    expect(headers).toMatchObject({
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-correlation-request-id': correlation,
      'x-ms-client-request-id': 'mine',
      'x-ms-routing-request-id': expect.stringMatching(/^LOCAL:\d{8}T\d{6}Z:[0-9a-f-]{36}$/),
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'strict-transport-security': expect.stringContaining('max-age'),
      'x-content-type-options': 'nosniff',
    })
    const other = await api.ask('GET', GATEWAYS, { headers: { 'x-ms-client-request-id': 'mine' } })
    expect(other.headers['x-ms-client-request-id']).toBeUndefined()
    expect(other.headers['x-ms-correlation-request-id']).toBe(other.headers['x-ms-request-id'])
  })

  it.each([
    ['none', '', 'MissingApiVersionParameter'],
    ['one that is none', 'latest', 'InvalidApiVersionParameter'],
    ['one that never was', '1999-01-01', 'NoRegisteredProviderFound'],
  ])('needs an api-version: %s', async (_, version, code) => {
    const told = await api.ask('GET', GATEWAYS, { version })
    expect([told.status, told.body.error.code, told.body.error.target]).toEqual([400, code, 'api-version'])
  })

  it('reads names of the query that are encoded, or in another case', async () => {
    expect((await api.ask('GET', `${GATEWAYS}?api%2Dversion=2026-01-01`, { version: '' })).status).toBe(200)
    expect((await api.ask('GET', `${GATEWAYS}?API-Version=2015-06-15`, { version: '' })).status).toBe(200)
    expect((await api.ask('GET', `${GATEWAYS}/?api-version=2022-01-01`, { version: '' })).status).toBe(200)
  })

  it.each([
    ['GET', '/', 404, 'NotFound'],
    ['GET', '/nothing/here', 404, 'NotFound'],
    ['GET', `${GROUP}/providers/Microsoft.Network/loadBalancers/a`, 404, 'InvalidResourceType'],
    ['GET', `${GROUP}/providers/Microsoft.Nothing/things/a`, 404, 'InvalidResourceType'],
    ['GET', `${GROUP}/providers/Microsoft.Network/localNetworkGateways/%2e%2e`, 404, 'NotFound'],
    ['GET', `${GROUP}/providers/Microsoft.Network/localNetworkGateways/%ff`, 404, 'NotFound'],
    ['GET', `${GROUP}/providers/Microsoft.Network/localNetworkGateways/a;b`, 404, 'ResourceNotFound'],
    ['POST', GATEWAYS, 405, 'HttpMethodNotAllowed'],
    ['PATCH', GATEWAYS, 405, 'HttpMethodNotAllowed'],
    ['OPTIONS', GATEWAYS, 405, 'HttpMethodNotAllowed'],
    [
      'GET',
      '/subscriptions/33333333-3333-4444-8555-666666666666/resourceGroups',
      404,
      'SubscriptionNotFound',
    ],
  ])('%s %s is %d %s', async (method, path, status, code) => {
    const version = /resourceGroups$|Microsoft\.Resources/.test(path) ? '2021-04-01' : '2025-05-01'
    const told = await api.ask(method, path, { version })
    expect([told.status, told.body.error.code]).toEqual([status, code])
  })

  it('takes slashes after each other for one, as az writes them', async () => {
    await api.ask('PUT', `${GATEWAYS}/l2`, { body: gatewayBody() })
    const path = `${GROUP}/providers/Microsoft.Network//localNetworkGateways/l2`
    expect((await api.ask('GET', path)).body).toMatchObject({ id: `${GATEWAYS}/l2` })
  })

  it('takes no slash within a word of a path, which would be another resource than the one that was judged', async () => {
    await api.ask('PUT', `${GATEWAYS}/l1`, { body: gatewayBody() })
    const disguised = `${GROUP}%2Fproviders%2FMicrosoft.Network%2FlocalNetworkGateways%2fl1`
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expect(
        await api.ask(method, disguised, { version: '2021-04-01', body: { location: 'local', tags: {} } }),
      ).toMatchObject({ status: 404, body: { error: { code: 'NotFound' } } })
    const { status, body } = await api.ask('GET', `${GATEWAYS}/l1`)
    expect([status, body.type]).toEqual([200, 'Microsoft.Network/localNetworkGateways'])
  })

  it('takes bodies of JSON alone', async () => {
    const put = (payload: string, type = 'application/json') =>
      api.ask('PUT', `${GATEWAYS}/lng`, { body: payload, headers: { 'content-type': type } })
    expect((await put('a=b', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await put('<a/>', 'text/xml')).body.error.code).toBe('UnsupportedMediaType')
    expect((await put('{"location":')).body.error).toMatchObject({ code: 'InvalidRequestContent' })
    expect((await put('['.repeat(100_000))).status).toBe(400)
    const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`
    expect((await put(deep)).body.error.message).toContain('more than 64')
    const many = `{"location":"local","properties":{"x":[${'[],'.repeat(limits.bodyValues)}1]}}`
    expect((await put(many)).body.error.message).toContain(`more than ${limits.bodyValues} values`)
    expect((await put(`{"location":"local","properties":{},"__proto__":{"x":1}}`)).status).toBe(201)
    const large = JSON.stringify(gatewayBody({ tags: { a: 'x'.repeat(limits.bodyBytes) } }))
    expect((await put(large)).body.error.code).toBe('RequestEntityTooLarge')
  })

  it('lists page by page, under URLs that can be asked for as they are', async () => {
    api = await apiWithGroup({ pageEntries: 2 })
    for (const name of ['e', 'd', 'c', 'b', 'a'])
      await api.ask('PUT', `${GATEWAYS}/${name}`, { body: gatewayBody() })
    const names: string[] = []
    let told = await api.ask('GET', GATEWAYS)
    for (;;) {
      names.push(...told.body.value.map(({ name }: { name: string }) => name))
      if (told.body.nextLink === undefined) break
      expect(told.body.nextLink).toMatch(
        new RegExp(`^${BASE}/subscriptions/.*api-version=2025-05-01&%24skiptoken=`),
      )
      told = await api.ask('GET', told.body.nextLink.slice(BASE.length), { version: '' })
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('says in the log who asked for what, and nothing of tokens and bodies', async () => {
    await api.ask('PUT', `${GATEWAYS}/lng?secret=hunter2`, { body: gatewayBody({ tags: { a: 'hunter3' } }) })
    const line = api.logged.find(text => text.includes('LocalNetworkGateways_CreateOrUpdate')) ?? ''
    expect(JSON.parse(line)).toMatchObject({
      method: 'PUT',
      path: `${GATEWAYS}/lng`,
      status: 201,
      caller: expect.any(String),
    })
    expect(api.logged.join()).not.toMatch(/hunter|Bearer/)
  })
})

describe('what needs no token', () => {
  it('is the description of the cloud, in both forms', async () => {
    const { ask } = await testApi({ vaults: vaultPlane('vault.example') })
    const ways = { as: undefined, version: '' } as const
    const old = await ask('GET', '/metadata/endpoints?api-version=2015-01-01', ways)
    expect(old.body.authentication).toEqual({ loginEndpoint: `${BASE}/adfs`, audiences: [`${BASE}/`, BASE] })
    const one = await ask('GET', '/metadata/endpoints?api-version=2022-09-01', ways)
    expect(one.body).toMatchObject({
      name: 'Causeway',
      resourceManager: BASE,
      authentication: { loginEndpoint: BASE, tenant: TENANT },
      suffixes: { keyVaultDns: '.vault.example:8443' },
    })
    const list = await ask('GET', '/metadata/endpoints?api-version=2019-05-01', ways)
    expect(list.body).toEqual([one.body])
  })

  it('names no host that is not ours', async () => {
    const { ask } = await testApi()
    const told = await ask('GET', '/metadata/endpoints', {
      as: undefined,
      version: '',
      headers: { host: 'evil.example' },
    })
    expect(told.body.resourceManager).toBe(BASE)
  })

  it('is the OpenAPI document, and whether it is well', async () => {
    const { ask } = await testApi()
    expect((await ask('GET', '/healthz', { as: undefined, version: '' })).body).toEqual({ status: 'ok' })
    const told = await ask('GET', '/openapi.json', { as: undefined, version: '' })
    expect(told.body).toMatchObject({ openapi: '3.1.0', servers: [{ url: BASE }] })
    expect(Object.keys(told.body.paths).length).toBeGreaterThan(50)
  })
})

describe('what installations have', () => {
  it('is listed and read', async () => {
    const { ask } = await testApi()
    const version = '2022-12-01'
    expect((await ask('GET', '/subscriptions', { version })).body.value).toMatchObject([
      { id: SUB, subscriptionId: SUBSCRIPTION, tenantId: TENANT, state: 'Enabled' },
    ])
    expect((await ask('GET', SUB, { version })).body.displayName).toBe('Causeway')
    expect((await ask('GET', '/tenants', { version })).body.value).toMatchObject([{ tenantId: TENANT }])
    expect((await ask('GET', `${SUB}/locations`, { version })).body.value).toMatchObject([{ name: 'local' }])
    const providers = await ask('GET', `${SUB}/providers`, { version: '2021-04-01' })
    expect(providers.body.value.map((each: { namespace: string }) => each.namespace)).toContain(
      'Microsoft.Network',
    )
    const one = await ask('GET', `${SUB}/providers/microsoft.network`, { version: '2021-04-01' })
    expect(one.body).toMatchObject({ namespace: 'Microsoft.Network', registrationState: 'Registered' })
    const registered = await ask('POST', `${SUB}/providers/Microsoft.Network/register`, {
      version: '2021-04-01',
    })
    expect(registered.body).toEqual(one.body)
    expect((await ask('GET', `${SUB}/providers/Microsoft.Nothing`, { version: '2021-04-01' })).status).toBe(
      404,
    )
  })
})

describe('identities', () => {
  it('have a principal as long as they are there', async () => {
    const api = await apiWithGroup()
    const path = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app`
    const version = '2023-01-31'
    const made = await api.ask('PUT', path, { version, body: { location: 'local' } })
    expect(made.status).toBe(201)
    const { clientId, principalId, tenantId } = made.body.properties
    expect(tenantId).toBe(TENANT)
    expect(await api.principals.managedIdentity(path)).toMatchObject({ clientId, principalId })
    expect((await api.ask('PUT', path, { version, body: { location: 'local' } })).body.properties).toEqual(
      made.body.properties,
    )
    expect((await api.ask('PATCH', path, { version, body: { tags: { a: 'b' } } })).body.tags).toEqual({
      a: 'b',
    })
    expect((await api.ask('DELETE', path, { version })).status).toBe(200)
    expect(await api.principals.managedIdentity(path)).toBeUndefined()
    expect((await api.ask('GET', path, { version })).status).toBe(404)
  })
})

describe('the server', () => {
  let api: ManagementApi
  let port: number

  beforeEach(async () => {
    ;({ api } = await testApi())
    port = await api.listen({ host: '127.0.0.1', port: 0 })
  })

  afterEach(async () => {
    await api.close()
  })

  it('speaks TLS 1.2 and newer, and takes another certificate while it runs', async () => {
    const before = await handshake(port)
    expect(before.subject).toBe('gateway.example')
    api.replaceCertificate(await testCertificate('other.example'))
    expect((await handshake(port)).subject).toBe('other.example')
    expect((await handshake(port, 'TLSv1.2')).protocol).toBe('TLSv1.2')
    await expect(handshake(port, 'TLSv1.1')).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SSL|ECONNRESET/),
    })
  })

  it('does not wait for the body of somebody who may not send it', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': '1000000' }
      const sending = request(
        {
          host: '127.0.0.1',
          port,
          method: 'PUT',
          path: `${GATEWAYS}/lng`,
          headers,
          rejectUnauthorized: false,
        },
        answer => {
          resolve(answer.statusCode ?? 0)
          sending.destroy()
        },
      )
      sending.on('error', reject)
      sending.write('{')
    })
    expect(status).toBe(401)
  })

  it('answers a method that nobody knows', async () => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    const text = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.once('data', chunk => resolve(String(chunk)))
      socket.write('PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n')
    })
    socket.destroy()
    expect(text).toMatch(/^HTTP\/1\.1 405 /)
    expect(text).toContain('"error":{"code"')
  })
})

function handshake(
  port: number,
  version?: 'TLSv1.1' | 'TLSv1.2',
): Promise<{ readonly subject: string; readonly protocol: string | null }> {
  return new Promise((resolve, reject) => {
    const versions = version ? { minVersion: version, maxVersion: version } : {}
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...versions }, () => {
      const { subject } = socket.getPeerCertificate()
      resolve({ subject: String(subject.CN), protocol: socket.getProtocol() })
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
