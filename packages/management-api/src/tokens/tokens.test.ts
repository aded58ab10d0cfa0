import { get } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  GATEWAY,
  TENANT,
  type TestService,
  testService,
} from '../../../token-service/src/token-service.suite.ts'
import { limits } from '../limits.ts'
import { type TestApi, testApi } from '../management-api.suite.ts'
import { createManagedIdentityServer, type ManagedIdentityServer } from './managed-identity-server.ts'
import { sourceOf } from './token-routes.ts'

const BASE = 'https://gateway.example:8443'

/** The header of a token is its first part (RFC 7515 §7.1). */
function keyIdOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}

describe('the token endpoints', () => {
  let tokens: TestService
  let api: TestApi

  beforeEach(async () => {
    tokens = await testService()
    const { api: made, ...rest } = await testApi({
      tokens: {
        service: tokens.service,
        verifier: { verify: async () => Promise.reject(new Error('asked')) },
      },
    })
    api = { api: made, ...rest }
  })

  const fetchJson = (path: string) => api.ask('GET', path, { as: undefined, version: '' })
  const post = (path: string, form: Record<string, string> = {}) =>
    api.api.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'gateway.example:8443' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: tokens.appId,
        client_secret: tokens.secret,
        scope: `${BASE}/.default`,
        ...form,
      }).toString(),
    })

  it.each([
    [`/${TENANT}/v2.0/.well-known/openid-configuration`, `${BASE}/${TENANT}/oauth2/v2.0/token`],
    [`/${TENANT}/.well-known/openid-configuration`, `${BASE}/${TENANT}/oauth2/token`],
    ['/adfs/.well-known/openid-configuration', `${BASE}/adfs/oauth2/token`],
  ])('%s leads to a token', async (path, endpoint) => {
    const { body } = await fetchJson(path)
    expect(body.token_endpoint).toBe(endpoint)
    const { keys } = (await fetchJson(new URL(body.jwks_uri).pathname)).body
    const told = await post(endpoint.slice(BASE.length))
    const { token_type, access_token } = JSON.parse(told.text)
    expect([told.status, token_type]).toEqual([200, 'Bearer'])
    expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(keyIdOf(access_token))
    expect(told.headers['cache-control']).toBe('no-store')
  })

  it('gives none for a wrong secret, to another tenant, for a form that is none or too large', async () => {
    const path = `/${TENANT}/oauth2/v2.0/token`
    const wrong = await post(path, { client_secret: 'hunter2' })
    expect([wrong.status, JSON.parse(wrong.text).error]).toEqual([401, 'invalid_client'])
    expect((await post('/other/oauth2/v2.0/token')).status).toBe(400)
    expect((await fetchJson('/other/v2.0/.well-known/openid-configuration')).status).toBe(400)
    const json = await api.ask('POST', path, { as: undefined, version: '', body: {} })
    expect(json.status).toBe(415)
    expect((await post(path, { x: 'x'.repeat(limits.formBytes) })).status).toBe(413)
    expect(api.logged.join()).not.toContain('hunter2')
  })

  it('tells MSAL of itself', async () => {
    expect((await fetchJson('/common/discovery/instance')).body.tenant_discovery_endpoint).toContain(TENANT)
  })
})

describe('the source of a request', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source)
  })
})

describe('the server of managed identities', () => {
  let server: ManagedIdentityServer
  let port: number

  beforeEach(async () => {
    const identity = {
      clientId: 'eeeeeeee-0000-4000-8000-000000000001',
      principalId: 'eeeeeeee-0000-4000-8000-000000000002',
      resourceId: `${GATEWAY}/identity`,
      kind: 'userAssigned',
    } as const
    const { service } = await testService({
      hosts: {
        headerSecrets: async () => [{ resourceId: GATEWAY, secret: 'the-header' }],
        identitiesOf: async () => [identity],
      },
    })
    server = createManagedIdentityServer({ service, imdsResourceId: () => GATEWAY })
    port = await server.listen(0)
  })

  afterEach(async () => {
    await server.close()
  })

  const ask = (path: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers })
  const resource = encodeURIComponent(BASE)

  it("answers App Service's form", async () => {
    const path = `/msi/token?api-version=2019-08-01&resource=${resource}`
    const told = await ask(path, { 'x-identity-header': 'the-header' })
    expect([told.status, await told.json()]).toMatchObject([200, { token_type: 'Bearer', resource: BASE }])
    expect((await ask(path, { 'x-identity-header': 'wrong' })).status).toBe(401)
  })

  it("answers IMDS's form, with a slash at its end or without", async () => {
    for (const slash of ['', '/']) {
      const path = `/metadata/identity/oauth2/token${slash}?api-version=2018-02-01&resource=${resource}`
      expect((await ask(path, { metadata: 'true' })).status).toBe(200)
      expect((await ask(path, {})).status).toBe(400)
    }
  })

  it('is for this machine alone', async () => {
    const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${resource}`
    const told = await new Promise<number | undefined>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers: { host: 'evil.example', metadata: 'true' } }, answer => {
        answer.resume()
        resolve(answer.statusCode)
      }).on('error', reject)
    })
    expect(told).toBe(403)
  })
})
