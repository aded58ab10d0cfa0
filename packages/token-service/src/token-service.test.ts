import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createResourceTable, managementAudiences, vaultAudiences } from './endpoint/resource-table.ts'

import { BASE, NOW, TENANT, testService, tokenOf, VAULT } from './token-service.suite.ts'

describe('metadata', () => {
  it.each([
    [
      'v2',
      `${BASE}/${TENANT}/v2.0`,
      `${BASE}/${TENANT}/oauth2/v2.0/token`,
      `${BASE}/${TENANT}/discovery/v2.0/keys`,
    ],
    ['v1', `${BASE}/${TENANT}/`, `${BASE}/${TENANT}/oauth2/token`, `${BASE}/${TENANT}/discovery/keys`],
    ['adfs', `${BASE}/adfs`, `${BASE}/adfs/oauth2/token`, `${BASE}/adfs/discovery/keys`],
  ] as const)('%s names what clients look for', async (version, issuer, tokenEndpoint, keys) => {
    const { service } = await testService()
    const { status, body, headers } = service.openIdConfiguration(
      BASE,
      version === 'adfs' ? 'adfs' : TENANT,
      version,
    )
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch('application/json')
    expect(body).toMatchObject({ issuer, token_endpoint: tokenEndpoint, jwks_uri: keys })
    const { authorization_endpoint: authorize } = body
    expect(authorize).toMatch(/^https:.*authorize$/)
    expect(service.issuers).toContain(issuer)
  })

  it('is of the one tenant, and of base URLs that are ours', async () => {
    const { service } = await testService()
    expect(service.openIdConfiguration(BASE, 'common', 'v2')).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_codes: [90_002] },
    })
    const { body } = service.openIdConfiguration('https://attacker.example', TENANT.toUpperCase(), 'v2')
    expect(JSON.stringify(body)).not.toContain('attacker')
    expect(service.instanceDiscovery('https://attacker.example').body).toMatchObject({
      tenant_discovery_endpoint: `${BASE}/${TENANT}/v2.0/.well-known/openid-configuration`,
    })
  })

  it('has public keys alone', async () => {
    const { service } = await testService()
    const text = JSON.stringify(service.jwks().body)
    expect(JSON.parse(text).keys[0]).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256', e: 'AQAB' })
    for (const member of ['"d"', '"p"', '"q"', '"dp"', '"dq"', '"qi"', 'PRIVATE'])
      expect(text).not.toContain(member)
  })
})

describe('a token by secret', () => {
  it("has the claims of Entra's for an application", async () => {
    const { ask, appId, objectId, service } = await testService()
    const answer = await ask()
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
      body: { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599 },
    })
    const { text, claims, header } = tokenOf(answer)
    expect(claims).toEqual({
      aud: BASE,
      iss: `${BASE}/${TENANT}/v2.0`,
      iat: NOW,
      nbf: NOW,
      exp: NOW + 3_599,
      appid: appId,
      appidacr: '1',
      azp: appId,
      azpacr: '1',
      idp: `${BASE}/${TENANT}/v2.0`,
      idtyp: 'app',
      oid: objectId,
      sub: objectId,
      tid: TENANT,
      uti: expect.stringMatching(/^[\w-]{22}$/),
      ver: '2.0',
    })
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) })
    const keys = createLocalJWKSet(service.jwks().body as unknown as JSONWebKeySet)
    await jwtVerify(text, keys, { currentDate: new Date(NOW * 1_000) })
  })

  it('is told in numbers as text by version 1, with resource for scope', async () => {
    const { ask } = await testService()
    const answer = await ask(
      { scope: undefined, resource: 'https://management.azure.com/' },
      { version: 'v1' },
    )
    expect(answer.body).toMatchObject({
      expires_in: '3599',
      expires_on: String(NOW + 3_599),
      not_before: String(NOW),
      resource: 'https://management.azure.com/',
    })
    expect(tokenOf(answer).claims).toMatchObject({
      aud: 'https://management.azure.com/',
      iss: `${BASE}/${TENANT}/`,
      ver: '1.0',
    })
  })

  it('is given under /adfs whatever the tenant is', async () => {
    const { ask } = await testService()
    const answer = await ask({ scope: `${BASE}//.default` }, { version: 'adfs', tenant: 'adfs' })
    expect(tokenOf(answer).claims).toMatchObject({ aud: `${BASE}/`, iss: `${BASE}/adfs` })
  })

  it('may be asked for with HTTP Basic', async () => {
    const { ask, appId, secret } = await testService()
    const basic = (id: string, text: string) =>
      `Basic ${Buffer.from(`${id}:${encodeURIComponent(text)}`).toString('base64')}`
    const form = { client_id: undefined, client_secret: undefined }
    const good = await ask(form, { headers: { authorization: basic(appId, secret) } })
    expect(good.status).toBe(200)
    const bad = await ask(form, { headers: { authorization: basic(appId, 'wrong') } })
    expect(bad).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="token service"' } })
    const twice = await ask({}, { headers: { authorization: basic(appId, secret) } })
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect((await ask(form, { headers: { authorization: 'Bearer x' } })).status).toBe(400)
  })

  it.each([
    `${BASE}/.default`,
    `${BASE}//.default`,
    'https://management.azure.com/.default',
    'https://management.azure.com//.default',
    'https://management.core.windows.net//.default',
    `${VAULT}/.default`,
    `openid profile offline_access ${BASE.toUpperCase().replace('HTTPS', 'https')}/.default`,
  ])('is for %s', async scope => {
    const { ask } = await testService()
    expect((await ask({ scope })).status).toBe(200)
  })

  it.each([
    ['https://graph.microsoft.com/.default', 'invalid_resource', 500_011],
    [`${BASE}.attacker.example/.default`, 'invalid_resource', 500_011],
    [`${BASE}/x/.default`, 'invalid_resource', 500_011],
    ['/.default', 'invalid_scope', 1_002_012],
    [`${BASE}/user_impersonation`, 'invalid_scope', 1_002_012],
    [`${BASE}/.default ${VAULT}/.default`, 'invalid_scope', 1_002_012],
  ])('is not for %s', async (scope, error, code) => {
    const { ask } = await testService()
    const { status, body } = await ask({ scope })
    expect(status).toBe(400)
    expect(body).toMatchObject({ error, error_codes: [code] })
  })

  it('lives as long as is set', async () => {
    const { ask } = await testService({ tokenLifetimeSeconds: 86_400 })
    expect(tokenOf(await ask()).claims.exp).toBe(NOW + 86_400)
  })
})

describe('a request for a token is refused', () => {
  it.each<[Readonly<Record<string, string | undefined>>, number, string, number]>([
    [{ grant_type: undefined }, 400, 'invalid_request', 900_144],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 70_003],
    [{ client_id: undefined }, 400, 'invalid_request', 900_144],
    [{ client_id: 'nobody' }, 400, 'unauthorized_client', 700_016],
    [{ client_id: '../principals/x' }, 400, 'unauthorized_client', 700_016],
    [{ client_id: 'aaaaaaaa-0000-4000-8000-000000000001' }, 400, 'unauthorized_client', 700_016],
    [{ client_secret: undefined }, 401, 'invalid_client', 7_000_218],
    [{ client_secret: '' }, 401, 'invalid_client', 7_000_218],
    [{ client_secret: 'wrong' }, 401, 'invalid_client', 7_000_215],
    [{ scope: undefined }, 400, 'invalid_request', 900_144],
    [{ client_secret: 'x'.repeat(3_000) }, 400, 'invalid_request', 90_014],
    [{ client_assertion: 'x' }, 400, 'invalid_request', 90_014],
    [{ client_secret: undefined, client_assertion: 'x' }, 401, 'invalid_client', 50_027],
  ])('%j: %i %s', async (form, status, error, code) => {
    const { ask, secret } = await testService()
    const answer = await ask(form)
    expect(answer).toMatchObject({ status, body: { error, error_codes: [code] } })
    const { error_description: description } = answer.body
    expect(description).toMatch(new RegExp(`^AADSTS${code}: `))
    expect(JSON.stringify(answer)).not.toContain(secret)
    const { client_secret: sent } = form
    if (sent) expect(JSON.stringify(answer)).not.toContain(sent.slice(0, 50))
  })

  it("with Entra's stamps, and the client's own id for it", async () => {
    const { ask } = await testService()
    const id = 'ABCDEFAB-0000-4000-8000-000000000001'
    const { body } = await ask({ scope: undefined }, { headers: { 'client-request-id': id } })
    const made = expect.stringMatching(/^[0-9a-f-]{36}$/)
    expect(body).toMatchObject({ timestamp: '2027-01-15 08:00:00Z', correlation_id: id, trace_id: made })
    const { body: other } = await ask({ scope: undefined }, { headers: { 'client-request-id': 'x\r\ny' } })
    expect(other).toMatchObject({ correlation_id: made })
  })

  it('when a parameter is there twice', async () => {
    const { service, appId } = await testService()
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: appId })
    form.append('client_id', 'other')
    const answer = await service.token({
      version: 'v2',
      tenant: TENANT,
      baseUrl: BASE,
      source: 's',
      headers: {},
      form,
    })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it('in another tenant', async () => {
    const { ask } = await testService()
    expect(await ask({}, { tenant: 'common' })).toMatchObject({
      status: 400,
      body: { error_codes: [90_002] },
    })
  })

  it('when the secret has expired, and the next one serves', async () => {
    const { ask, principals, appId, clock } = await testService()
    clock.now += 63_072_000
    expect(await ask()).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_codes: [7_000_222] },
    })
    const next = await principals.addSecret(appId, {})
    if (next.type === 'refused') throw new Error(next.message)
    expect((await ask({ client_secret: next.secretText })).status).toBe(200)
  })

  it('when the secret was removed, the client disabled or removed', async () => {
    const { ask, principals, appId, secret } = await testService()
    await principals.setEnabled(appId, false)
    expect(await ask()).toMatchObject({
      status: 401,
      body: { error: 'unauthorized_client', error_codes: [7_000_112] },
    })
    expect(await ask({ client_secret: `${secret}x` })).toMatchObject({ body: { error_codes: [7_000_215] } })
    await principals.setEnabled(appId, true)
    expect((await ask()).status).toBe(200)
    const keyId = (await principals.servicePrincipal(appId))?.secrets[0]?.keyId ?? ''
    await principals.removeCredential(appId, keyId)
    expect(await ask()).toMatchObject({ body: { error_codes: [7_000_215] } })
    await principals.removeServicePrincipal(appId)
    expect(await ask()).toMatchObject({ body: { error_codes: [700_016] } })
  })
})

describe('failures', () => {
  it('make a client wait at its source, and nobody elsewhere', async () => {
    const { ask, clock } = await testService()
    for (let i = 0; i < 6; i++) expect((await ask({ client_secret: 'wrong' })).status).toBe(401)
    expect(await ask()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { error: 'temporarily_unavailable', error_codes: [90_055] },
    })
    expect((await ask({}, { source: '192.0.2.2' })).status).toBe(200)
    clock.now += 1
    expect((await ask()).status).toBe(200)
    expect((await ask({ client_secret: 'wrong' })).status).toBe(401)
    expect((await ask()).status).toBe(200)
  })

  it('do not keep many that are right from signing in at the same time', async () => {
    const { ask } = await testService()
    const answers = await Promise.all(Array.from({ length: 24 }, () => ask()))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('options', () => {
  it.each([
    { tokenLifetimeSeconds: 60 },
    { tokenLifetimeSeconds: 100_000 },
    { baseUrls: ['http://gateway.example'] as const },
    { baseUrls: ['https://gateway.example/'] as const },
  ])('%j are refused', async changes => {
    await expect(testService(changes)).rejects.toMatchObject({ code: 'ERR_TOKEN_OPTION' })
  })

  it('of resources are https URLs, at least one', () => {
    expect(() => createResourceTable([])).toThrow('at least one')
    expect(() => createResourceTable(['api://x'])).toThrow('no https URL')
    expect(vaultAudiences([`${VAULT}/`])).toEqual([VAULT, `${VAULT}/`])
    expect(managementAudiences([BASE])).toContain('https://management.core.windows.net/')
  })
})
