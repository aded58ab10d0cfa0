import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { beforeEach, describe, expect, it } from 'vitest'
import { BASE, GROUP, PEOPLE, TENANT } from '../management-api.suite.ts'
import { policyBody, URL_OF_VAULT, VAULT, type VaultTest, vaultTest } from './vault.suite.ts'

let test: VaultTest

beforeEach(async () => {
  test = await vaultTest()
})

describe('the door of a vault', () => {
  it('tells who comes without a token where to get one, and for what', async () => {
    const { status, headers, body } = await test.tell('GET', '/secrets/one', { as: undefined })
    expect([status, body.error.code]).toEqual([401, 'Unauthorized'])
    expect(headers['www-authenticate']).toBe(
      `Bearer authorization="${BASE}/${TENANT}", resource="https://vault.example:8443"`,
    )
  })

  it('is at no other host', async () => {
    expect((await test.ask('GET', '/secrets/one')).status).toBe(404)
    const unknown = await test.tell('GET', '/secrets/one', { host: 'fabrikam.vault.example' })
    expect([unknown.status, unknown.body.error.code]).toEqual([404, 'VaultNotFound'])
    const deeper = await test.tell('GET', '/secrets/one', { host: 'a.contoso.vault.example' })
    expect(deeper.body.error.code).toBe('VaultNotFound')
  })

  it('leads to nothing of the management API', async () => {
    for (const path of ['/healthz', '/openapi.json', '/metadata/endpoints', VAULT]) {
      const told = await test.tell('GET', path)
      expect([told.status, told.body.error.code], path).toEqual([404, 'NotFound'])
    }
  })

  it('takes host names in any case', async () => {
    expect((await test.tell('GET', '/secrets', { host: 'CONTOSO.Vault.Example:8443' })).status).toBe(200)
  })

  it.each([
    ['none', ''],
    ['one that is too old', '2015-06-01'],
    ['one that is none', 'latest'],
  ])('wants an api-version: not %s', async (_name, version) => {
    const { status, body } = await test.tell('GET', '/secrets', { version })
    expect([status, body.error.code]).toEqual([400, 'BadParameter'])
    expect(body.error.message).toContain('api-version')
  })

  it.each(['7.0', '7.4', '7.6-preview.2', '2025-07-01'])('takes the api-version %s', async version => {
    expect((await test.tell('GET', '/secrets', { version })).status).toBe(200)
  })

  it('takes names of the query with percent signs in them', async () => {
    expect((await test.tell('GET', '/secrets?api%2Dversion=2025-07-01', { version: '' })).status).toBe(200)
  })

  it('takes no body that is too large, or no JSON', async () => {
    const large = await test.tell('PUT', '/secrets/one', { body: { value: 'x'.repeat(300_000) } })
    expect([large.status, large.body.error.code]).toEqual([413, 'RequestEntityTooLarge'])
    const broken = await test.tell('PUT', '/secrets/one', { body: '{"value": "hunter2' })
    expect([broken.status, broken.body.error.code]).toEqual([400, 'BadParameter'])
    expect(JSON.stringify(broken.body)).not.toContain('hunter2')
  })

  it('tells the log alone what failed within', async () => {
    await test.store.close()
    const { status, body } = await test.tell('GET', '/secrets')
    expect([status, body.error.code]).toEqual([500, 'InternalServerError'])
    expect(JSON.stringify(body)).not.toMatch(/sqlite|store|closed/i)
    expect(test.logged.join('')).toContain('a request to a vault failed')
  })

  it.each([
    ['POST', '/secrets/one/backup', 501, 'NotSupported'],
    ['POST', '/secrets/restore', 501, 'NotSupported'],
    ['POST', '/certificates/one/backup', 501, 'NotSupported'],
    ['GET', '/certificates/contacts', 501, 'NotSupported'],
    ['GET', '/keys/one', 501, 'NotSupported'],
    ['PUT', '/certificates/one', 405, 'MethodNotAllowed'],
    ['GET', '/elsewhere', 404, 'NotFound'],
    ['GET', '/secrets/%FF', 404, 'NotFound'],
    ['GET', '/secrets/a_b', 400, 'BadParameter'],
    ['GET', '/secrets/one/1234', 400, 'BadParameter'],
    ['GET', '/secrets/nothing', 404, 'SecretNotFound'],
    ['GET', '/certificates/nothing', 404, 'CertificateNotFound'],
    ['GET', '/secrets?maxresults=26', 400, 'BadParameter'],
    ['GET', '/secrets?$skiptoken=Li4v', 400, 'BadParameter'],
  ])('answers %s %s with %i %s', async (method, path, status, code) => {
    const told = await test.tell(method, path, { ...(method === 'PUT' && { body: {} }) })
    expect([told.status, told.body.error.code]).toEqual([status, code])
    expect(told.body.error.message).not.toBe('')
  })
})

describe('secrets', () => {
  it('are set, read, changed, listed, deleted, recovered and purged', async () => {
    const set = await test.tell('PUT', '/secrets/One', { body: { value: 'hunter2', tags: { a: 'b' } } })
    expect(set.body).toMatchObject({ value: 'hunter2', tags: { a: 'b' } })
    expect(set.body.id).toMatch(new RegExp(`^${URL_OF_VAULT}/secrets/One/[0-9a-f]{32}$`))
    const version = set.body.id.split('/').at(-1)
    for (const path of ['/secrets/one', '/secrets/one/', `/secrets/one/${version}`])
      expect((await test.tell('GET', path)).body.value, path).toBe('hunter2')
    const changed = await test.tell('PATCH', `/secrets/one/${version}`, { body: { contentType: 'text' } })
    expect(changed.body).toMatchObject({ contentType: 'text' })
    expect(changed.body).not.toHaveProperty('value')
    expect((await test.tell('GET', '/secrets/one/versions')).body.value).toHaveLength(1)
    const gone = await test.tell('DELETE', '/secrets/one')
    expect(gone.body.recoveryId).toBe(`${URL_OF_VAULT}/deletedsecrets/One`)
    expect((await test.tell('GET', '/deletedsecrets')).body.value).toHaveLength(1)
    expect((await test.tell('POST', '/deletedsecrets/one/recover')).status).toBe(200)
    expect((await test.tell('GET', '/secrets/one')).body.value).toBe('hunter2')
    await test.tell('DELETE', '/secrets/one')
    expect((await test.tell('DELETE', '/deletedsecrets/one')).status).toBe(204)
    expect((await test.tell('GET', '/deletedsecrets/one')).status).toBe(404)
  })

  it('are listed page by page', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await test.tell('PUT', `/secrets/${name}`, { body: { value: name } })
    const names: string[] = []
    let link: string | undefined = `${URL_OF_VAULT}/secrets?maxresults=2&api-version=7.4`
    for (let pages = 0; link !== undefined && pages < 5; pages++) {
      expect(link.startsWith(`${URL_OF_VAULT}/secrets?`)).toBe(true)
      const { body } = await test.tell('GET', link.slice(URL_OF_VAULT.length), { version: '' })
      expect(body.value.length).toBeLessThanOrEqual(2)
      names.push(...body.value.map((item: { readonly id: string }) => item.id.split('/').at(-1)))
      link = body.nextLink
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('stand in the history by who changed them, and never with their value', async () => {
    await test.tell('PUT', '/secrets/one', { body: { value: 'hunter2' } })
    await test.tell('DELETE', '/secrets/one')
    const entries = await test.store.history({ limit: 10 })
    const about = entries.filter(({ target }) => target.startsWith('vaults/contoso/'))
    expect(about.map(({ action }) => action)).toEqual([
      'Microsoft.KeyVault/vaults/secrets/delete',
      'Microsoft.KeyVault/vaults/secrets/setSecret/action',
    ])
    expect(about.map(({ who }) => who)).toEqual([PEOPLE.owner, PEOPLE.owner])
    expect(JSON.stringify(entries)).not.toContain('hunter2')
    expect(test.logged.join('')).not.toContain('hunter2')
    expect(test.logged.join('')).toContain('"operation":"setSecret"')
  })
})

describe('certificates', () => {
  it('are made, followed, read, changed and removed', async () => {
    const made = await test.tell('POST', '/certificates/vpn/create', { body: policyBody() })
    expect([made.status, made.body.status]).toEqual([202, 'completed'])
    expect((await test.tell('GET', '/certificates/vpn/pending')).body.target).toBe(
      `${URL_OF_VAULT}/certificates/vpn`,
    )
    const read = await test.tell('GET', '/certificates/vpn/')
    expect(read.body).toMatchObject({ attributes: { enabled: true }, policy: { issuer: { name: 'Self' } } })
    const secret = await test.tell('GET', new URL(read.body.sid).pathname)
    expect(secret.body).toMatchObject({ contentType: 'application/x-pkcs12', managed: true })
    const imported = await test.tell('POST', '/certificates/copy/import', {
      body: { value: secret.body.value },
    })
    expect(imported.body.x5t).toBe(read.body.x5t)
    const changed = await test.tell('PATCH', '/certificates/vpn', {
      body: { attributes: { enabled: false } },
    })
    expect(changed.body.attributes.enabled).toBe(false)
    const policy = await test.tell('PATCH', '/certificates/vpn/policy', {
      body: { x509_props: { validity_months: 3 } },
    })
    expect(policy.body.x509_props.validity_months).toBe(3)
    expect((await test.tell('GET', '/certificates/vpn/policy')).body).toEqual(policy.body)
    expect((await test.tell('GET', '/certificates')).body.value).toHaveLength(2)
    expect((await test.tell('GET', '/certificates/vpn/versions')).body.value).toHaveLength(1)
    expect((await test.tell('DELETE', '/certificates/vpn/pending')).status).toBe(200)
    await test.tell('DELETE', '/certificates/vpn')
    expect((await test.tell('GET', '/deletedcertificates')).body.value).toHaveLength(1)
    expect((await test.tell('POST', '/deletedcertificates/vpn/recover')).status).toBe(200)
    await test.tell('DELETE', '/certificates/vpn')
    expect((await test.tell('DELETE', '/deletedcertificates/vpn')).status).toBe(204)
  })
})

describe('rights in a vault', () => {
  const forbidden = (action: string) => ({
    status: 403,
    body: {
      error: {
        code: 'Forbidden',
        message: expect.stringContaining(`Action: '${action}'`),
        innererror: { code: 'ForbiddenByRbac' },
      },
    },
  })

  beforeEach(async () => {
    await test.tell('PUT', '/secrets/one', { body: { value: 'hunter2' } })
    await test.tell('PUT', '/secrets/two', { body: { value: 'hunter3' } })
    await test.tell('POST', '/certificates/vpn/create', { body: policyBody() })
  })

  it('are those of data: whoever manages the vault opens it not by that', async () => {
    await test.give('network', BUILT_IN_ROLE_IDS.owner, GROUP)
    const told = await test.tell('GET', '/secrets/one', { as: 'network' })
    expect(told).toMatchObject(forbidden('Microsoft.KeyVault/vaults/secrets/getSecret/action'))
  })

  it('are asked at every call', async () => {
    const take = await test.give('nobody', BUILT_IN_ROLE_IDS.keyVaultSecretsUser)
    expect((await test.tell('GET', '/secrets/one', { as: 'nobody' })).status).toBe(200)
    await take()
    expect((await test.tell('GET', '/secrets/one', { as: 'nobody' })).status).toBe(403)
  })

  it('can be of one object alone', async () => {
    await test.give('nobody', BUILT_IN_ROLE_IDS.keyVaultSecretsUser, `${VAULT}/secrets/one`)
    expect((await test.tell('GET', '/secrets/ONE', { as: 'nobody' })).status).toBe(200)
    expect((await test.tell('GET', '/secrets/two', { as: 'nobody' })).status).toBe(403)
    expect((await test.tell('GET', '/secrets', { as: 'nobody' })).status).toBe(403)
  })

  it('are judged before the body is looked at, and before what is there', async () => {
    const told = await test.tell('PUT', '/secrets/one', { as: 'nobody', body: '{"value": ' })
    expect(told).toMatchObject(forbidden('Microsoft.KeyVault/vaults/secrets/setSecret/action'))
    const absent = await test.tell('GET', '/secrets/absent', { as: 'nobody' })
    expect(absent.status).toBe(403)
  })

  it('let a reader see everything but values and keys', async () => {
    await test.give('reader', BUILT_IN_ROLE_IDS.keyVaultReader)
    await test.tell('PUT', '/secrets/old', { body: { value: 'hunter4' } })
    await test.tell('DELETE', '/secrets/old')
    await test.tell('POST', '/certificates/old-cert/create', { body: policyBody() })
    await test.tell('DELETE', '/certificates/old-cert')
    const { body: vpn } = await test.tell('GET', '/secrets/vpn')
    const allowed = [
      '/secrets',
      '/secrets/one/versions',
      '/secrets/vpn/versions',
      '/deletedsecrets',
      '/deletedsecrets/old',
      '/certificates',
      '/certificates/vpn',
      '/certificates/vpn/versions',
      '/certificates/vpn/policy',
      '/certificates/vpn/pending',
      '/deletedcertificates',
      '/deletedcertificates/old-cert',
    ]
    for (const path of allowed) {
      const { status, body } = await test.tell('GET', path, { as: 'reader' })
      expect([path, status]).toEqual([path, 200])
      const text = JSON.stringify(body)
      expect(text, path).not.toMatch(/hunter\d|PRIVATE KEY/)
      expect(text, path).not.toContain(vpn.value)
      expect(text, path).not.toMatch(/"value":"/)
    }
    const refused = [
      ['GET', '/secrets/one'],
      ['GET', '/secrets/vpn'],
      ['GET', new URL(vpn.id).pathname],
      ['PATCH', '/secrets/one'],
      ['DELETE', '/secrets/one'],
      ['POST', '/deletedsecrets/old/recover'],
      ['DELETE', '/deletedsecrets/old'],
      ['POST', '/certificates/vpn/create'],
      ['PATCH', '/certificates/vpn/policy'],
      ['POST', '/deletedcertificates/old-cert/recover'],
    ] as const
    for (const [method, path] of refused) {
      const { status } = await test.tell(method, path, {
        as: 'reader',
        ...(method !== 'GET' && { body: {} }),
      })
      expect([method, path, status]).toEqual([method, path, 403])
    }
    expect((await test.tell('POST', '/secrets/vpn/backup', { as: 'reader' })).status).toBe(501)
  })
})

describe('access policies', () => {
  const policy = (permissions: object, objectId: string = PEOPLE.nobody) => ({
    tenantId: TENANT,
    objectId,
    permissions,
  })
  const tell = (method: string, path: string, body?: object) =>
    test.tell(method, path, { as: 'nobody', host: 'policed.vault.example', ...(body && { body }) })

  it('say who may do what in a vault that goes by them, and roles do not', async () => {
    const accessPolicies = [policy({ secrets: ['Get', 'set'], certificates: ['all'] })]
    const made = await test.makeVault('policed', { enableRbacAuthorization: false, accessPolicies })
    expect(made.body.properties.enableRbacAuthorization).toBe(false)
    expect((await tell('PUT', '/secrets/one', { value: 'hunter2' })).status).toBe(200)
    expect((await tell('GET', '/secrets/one')).body.value).toBe('hunter2')
    expect((await tell('POST', '/certificates/vpn/create', policyBody())).status).toBe(202)
    expect(await tell('GET', '/secrets')).toMatchObject({
      status: 403,
      body: {
        error: {
          code: 'Forbidden',
          message: expect.stringContaining('does not have secrets list permission on key vault'),
          innererror: { code: 'AccessDenied' },
        },
      },
    })
    await tell('DELETE', '/certificates/vpn')
    expect((await tell('DELETE', '/deletedcertificates/vpn')).status).toBe(403)
    const owner = await test.tell('GET', '/secrets/one', { host: 'policed.vault.example' })
    expect(owner.status).toBe(403)
  })

  it('are what a vault goes by whose maker gives some and says nothing else', async () => {
    await test.makeVault('policed', { accessPolicies: [policy({ secrets: ['list'] })] })
    expect((await tell('GET', '/secrets')).status).toBe(200)
    expect((await tell('GET', '/certificates')).status).toBe(403)
  })

  it('are added to, replaced and removed one by one, and hold at once', async () => {
    await test.makeVault('policed', { enableRbacAuthorization: false })
    const put = (kind: string, permissions: object) =>
      test.ask('PUT', `${VAULT.replace('contoso', 'policed')}/accessPolicies/${kind}`, {
        body: { properties: { accessPolicies: [policy(permissions)] } },
        version: '2023-07-01',
      })
    expect((await tell('GET', '/secrets')).status).toBe(403)
    expect((await put('add', { secrets: ['list'] })).status).toBe(200)
    const both = await put('add', { secrets: ['get'], certificates: ['list'] })
    expect(both.body.properties.accessPolicies).toMatchObject([
      { objectId: PEOPLE.nobody, permissions: { secrets: ['list', 'get'], certificates: ['list'] } },
    ])
    expect((await tell('GET', '/secrets')).status).toBe(200)
    await put('remove', { secrets: ['list'] })
    expect((await tell('GET', '/secrets')).status).toBe(403)
    expect((await tell('GET', '/certificates')).status).toBe(200)
    await put('replace', { secrets: ['list'] })
    expect((await tell('GET', '/certificates')).status).toBe(403)
    const none = await put('remove', { secrets: ['list'] })
    expect(none.body.properties.accessPolicies).toEqual([])
    expect((await put('explode', {})).status).toBe(501)
  })
})
