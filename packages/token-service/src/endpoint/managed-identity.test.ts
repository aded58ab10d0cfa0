import { describe, expect, it } from 'vitest'
import type { ManagedIdentity } from '../principals/principal.ts'
import { BASE, GATEWAY, NOW, TENANT, testService, tokenOf, VAULT } from '../token-service.suite.ts'
import { holderOf } from './managed-identity.ts'

const IDENTITY =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/'
const SECRET = 'header-secret-of-the-gateway'

function identity(name: string, kind: ManagedIdentity['kind'] = 'userAssigned'): ManagedIdentity {
  const digit = String(name.length)
  const guid = (first: string) => `${first.repeat(8)}-0000-4000-8000-00000000000${digit}`
  return { clientId: guid('c'), principalId: guid('d'), resourceId: `${IDENTITY}${name}`, kind }
}

const ONE = identity('one')
const OTHER = identity('other')
const OWN = identity('itself', 'systemAssigned')

async function serviceOf(identities: readonly ManagedIdentity[]) {
  const { service } = await testService({
    hosts: {
      headerSecrets: async () => [
        { resourceId: '/elsewhere', secret: 'another-secret' },
        { resourceId: GATEWAY, secret: SECRET },
      ],
      identitiesOf: async resourceId => (resourceId === GATEWAY ? identities : []),
    },
  })
  const query = (parameters: Readonly<Record<string, string>>, version: string) =>
    new URLSearchParams({ 'api-version': version, resource: `${VAULT}/`, ...parameters })
  return {
    appService: (parameters = {}, headers: Record<string, string> = { 'x-identity-header': SECRET }) =>
      service.appService({ query: query(parameters, '2019-08-01'), headers }),
    imds: (parameters = {}, headers: Record<string, string> = { metadata: 'true' }, resourceId = GATEWAY) =>
      service.imds({ query: query(parameters, '2018-02-01'), headers }, resourceId),
  }
}

describe("App Service's form", () => {
  it('gives a token of the identity, with what clients read', async () => {
    const { appService } = await serviceOf([ONE])
    const answer = await appService({ client_id: ONE.clientId.toUpperCase() })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        resource: `${VAULT}/`,
        client_id: ONE.clientId,
        expires_on: String(NOW + 3_599),
        not_before: String(NOW),
      },
    })
    expect(tokenOf(answer).claims).toMatchObject({
      aud: `${VAULT}/`,
      iss: `${BASE}/${TENANT}/`,
      appid: ONE.clientId,
      appidacr: '2',
      oid: ONE.principalId,
      sub: ONE.principalId,
      tid: TENANT,
      idtyp: 'app',
      xms_mirid: ONE.resourceId,
    })
  })

  it.each([
    ['client_id', OTHER.clientId],
    ['mi_res_id', OTHER.resourceId.toUpperCase()],
    ['object_id', OTHER.principalId],
    ['principal_id', OTHER.principalId],
  ])('knows an identity by %s', async (name, value) => {
    const { appService } = await serviceOf([ONE, OTHER])
    expect((await appService({ [name]: value })).body).toMatchObject({ client_id: OTHER.clientId })
  })

  it.each([
    [{}],
    [{ 'x-identity-header': '' }],
    [{ 'x-identity-header': `${SECRET}x` }],
    [{ metadata: 'true' }],
  ])('wants its secret: %j', async (headers: Record<string, string>) => {
    const { appService } = await serviceOf([ONE])
    const answer = await appService({}, headers)
    expect(answer).toMatchObject({ status: 401, body: { statusCode: 401 } })
    expect(JSON.stringify(answer)).not.toContain(SECRET)
  })

  it('serves whoever has the secret, with what is assigned there', async () => {
    const { appService } = await serviceOf([ONE])
    const answer = await appService({ client_id: ONE.clientId }, { 'x-identity-header': 'another-secret' })
    const message = expect.stringMatching('Identity not found')
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, message } })
  })

  it.each([
    [{ 'api-version': '2017-09-01' }, 'api-version'],
    [{ resource: '' }, "'resource' is missing"],
    [{ resource: 'https://graph.microsoft.com' }, 'was not found'],
    [{ client_id: ONE.clientId, mi_res_id: ONE.resourceId }, 'one identity'],
    [{ mi_res_id: `${IDENTITY}third` }, 'Identity not found'],
    [{ client_id: 'x'.repeat(3_000) }, 'characters'],
  ])('%j is refused', async (parameters, message) => {
    const { appService } = await serviceOf([ONE])
    const body = { message: expect.stringMatching(message) }
    expect(await appService(parameters)).toMatchObject({ status: 400, body })
  })
})

describe("IMDS's form", () => {
  it('gives a token, its times as text', async () => {
    const { imds } = await serviceOf([ONE])
    expect(await imds({ msi_res_id: ONE.resourceId })).toMatchObject({
      status: 200,
      body: {
        expires_in: '3599',
        expires_on: String(NOW + 3_599),
        token_type: 'Bearer',
        client_id: ONE.clientId,
      },
    })
  })

  it.each([[{}], [{ metadata: 'false' }], [{ metadata: 'true', 'x-forwarded-for': '192.0.2.1' }]])(
    'is not for requests that somebody else had sent: %j',
    async (headers: Record<string, string>) => {
      const { imds } = await serviceOf([ONE])
      expect(await imds({}, headers)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    },
  )

  it("takes the resource's own identity when none is named, or the only one", async () => {
    const chosen = async (identities: readonly ManagedIdentity[]) => {
      const { imds } = await serviceOf(identities)
      return (await imds()).body
    }
    expect(await chosen([ONE, OWN])).toMatchObject({ client_id: OWN.clientId })
    expect(await chosen([ONE])).toMatchObject({ client_id: ONE.clientId })
    expect(await chosen([ONE, OTHER])).toMatchObject({
      error_description: expect.stringMatching('Multiple user'),
    })
    expect(await chosen([])).toMatchObject({ error_description: expect.stringMatching('Identity not found') })
  })

  it('serves nothing that is not assigned', async () => {
    const { imds } = await serviceOf([ONE])
    expect(await imds({ client_id: ONE.clientId }, undefined, '/elsewhere')).toMatchObject({ status: 400 })
    expect(await imds({ object_id: OTHER.principalId })).toMatchObject({ status: 400 })
    expect(await imds({ resource: 'https://graph.microsoft.com' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_resource' },
    })
  })
})

describe('the secret of a header', () => {
  it('is never the empty one', () => {
    expect(holderOf('', [{ resourceId: GATEWAY, secret: '' }])).toBeUndefined()
    expect(holderOf(undefined, [{ resourceId: GATEWAY, secret: '' }])).toBeUndefined()
    expect(holderOf(SECRET, [{ resourceId: GATEWAY, secret: SECRET }])).toBe(GATEWAY)
  })
})
