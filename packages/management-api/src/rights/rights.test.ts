import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  apiWithGroup,
  GATEWAYS,
  GROUP,
  gatewayBody,
  PEOPLE,
  SUB,
  type TestApi,
} from '../management-api.suite.ts'

const VERSION = '2022-04-01'
const ROLES = '/providers/Microsoft.Authorization'
const NAME = 'dddddddd-0000-4000-8000-000000000001'

let api: TestApi

beforeEach(async () => {
  api = await apiWithGroup()
  for (const objectId of Object.values(PEOPLE))
    await api.principals.addServicePrincipal({ displayName: 'somebody', objectId })
})

const assign = (
  scope: string,
  principalId: string,
  role: string,
  as: 'owner' | 'reader' | 'network' = 'owner',
) =>
  api.ask('PUT', `${scope}${ROLES}/roleAssignments/${NAME}`, {
    as,
    version: VERSION,
    body: { properties: { roleDefinitionId: `${SUB}${ROLES}/roleDefinitions/${role}`, principalId } },
  })

describe('a call', () => {
  it('needs a token, whatever it asks for', async () => {
    for (const path of [GATEWAYS, '/subscriptions', '/nothing', '/'])
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'POST']) {
        const told = await api.ask(method, path, { as: undefined })
        expect([told.status, told.body.error.code]).toEqual([401, 'AuthenticationFailed'])
        expect(told.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=/)
      }
  })

  it("needs the right to it where it is, and is refused in ARM's words", async () => {
    const told = await api.ask('PUT', `${GATEWAYS}/lng`, { as: 'reader', body: gatewayBody() })
    expect(told.status).toBe(403)
    expect(told.body.error).toEqual({
      code: 'AuthorizationFailed',
      message: `The client 'reader' with object id '${PEOPLE.reader}' does not have authorization to perform action 'Microsoft.Network/localNetworkGateways/write' over scope '${GATEWAYS}/lng' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    })
    expect((await api.ask('GET', GATEWAYS, { as: 'reader' })).status).toBe(200)
  })

  it('is judged before anything is said of what there is', async () => {
    for (const method of ['GET', 'DELETE']) {
      const told = await api.ask(method, `${GATEWAYS}/nothing`, { as: 'nobody' })
      expect([told.status, told.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    }
    expect((await api.ask('GET', GATEWAYS, { as: 'nobody' })).body.error.message).toContain(
      `over scope '${GROUP}/providers/Microsoft.Network'`,
    )
  })

  it('sees of what everybody may list only what is theirs', async () => {
    const version = '2022-12-01'
    const listed = async (as: 'nobody' | 'network' | 'owner') =>
      (await api.ask('GET', '/subscriptions', { as, version })).body.value.length
    expect([await listed('nobody'), await listed('network'), await listed('owner')]).toEqual([0, 1, 1])
    await api.ask('PUT', `${SUB}/resourceGroups/other`, {
      body: { location: 'local' },
      version: '2021-04-01',
    })
    const groups = async (as: 'nobody' | 'network' | 'owner') =>
      (await api.ask('GET', `${SUB}/resourcegroups`, { as, version: '2021-04-01' })).body.value?.length
    expect([await groups('nobody'), await groups('network'), await groups('owner')]).toEqual([
      undefined,
      1,
      2,
    ])
    const everything = async (as: 'reader' | 'network') =>
      (await api.ask('GET', `${SUB}/resources`, { as, version: '2021-04-01' })).body.value.length
    const elsewhere = GATEWAYS.replace('/rg/', '/other/')
    await api.ask('PUT', `${elsewhere}/a`, { body: gatewayBody() })
    await api.ask('PUT', `${GATEWAYS}/b`, { body: gatewayBody() })
    expect([await everything('reader'), await everything('network')]).toEqual([2, 1])
    expect((await api.ask('GET', `${SUB}/providers`, { as: 'network', version: '2021-04-01' })).status).toBe(
      200,
    )
    expect((await api.ask('GET', `${SUB}/providers`, { as: 'nobody', version: '2021-04-01' })).status).toBe(
      403,
    )
  })
})

describe('role assignments', () => {
  it('hold from the next call on, and not after the call that removes them', async () => {
    const made = await assign(GROUP, PEOPLE.nobody, BUILT_IN_ROLE_IDS.networkContributor)
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      id: `${GROUP}${ROLES}/roleAssignments/${NAME}`,
      name: NAME,
      type: 'Microsoft.Authorization/roleAssignments',
      properties: {
        principalId: PEOPLE.nobody,
        principalType: 'ServicePrincipal',
        scope: GROUP,
        createdBy: PEOPLE.owner,
      },
    })
    const put = () => api.ask('PUT', `${GATEWAYS}/lng`, { as: 'nobody', body: gatewayBody() })
    expect((await put()).status).toBe(201)
    const path = `${GROUP}${ROLES}/roleAssignments/${NAME}`
    expect((await api.ask('DELETE', path, { version: VERSION })).status).toBe(200)
    expect((await put()).status).toBe(403)
    expect((await api.ask('DELETE', path, { version: VERSION })).status).toBe(204)
  })

  it('are given only by who may', async () => {
    expect((await assign(GROUP, PEOPLE.nobody, BUILT_IN_ROLE_IDS.owner, 'network')).status).toBe(403)
    expect((await assign(GROUP, PEOPLE.network, BUILT_IN_ROLE_IDS.owner, 'network')).status).toBe(403)
  })

  it.each([
    [
      'nobody there is',
      'ffffffff-0000-4000-8000-000000000009',
      BUILT_IN_ROLE_IDS.reader,
      'PrincipalNotFound',
    ],
    ['what is no id', 'me', BUILT_IN_ROLE_IDS.reader, 'InvalidPrincipalId'],
    ['no role', PEOPLE.nobody, 'ffffffff-0000-4000-8000-000000000009', 'RoleDefinitionDoesNotExist'],
  ])('are not given to %s', async (_, principalId, role, code) => {
    const told = await assign(GROUP, principalId, role)
    expect(told.body.error.code).toBe(code)
    expect(told.body.error.target).toMatch(/^properties\./)
  })

  it('are listed at, above and below a scope, as the filter says', async () => {
    await assign(GROUP, PEOPLE.nobody, BUILT_IN_ROLE_IDS.reader)
    const principals = async (scope: string, filter?: string) => {
      const query = filter === undefined ? '' : `?$filter=${encodeURIComponent(filter)}`
      const told = await api.ask('GET', `${scope}${ROLES}/roleAssignments${query}`, { version: VERSION })
      return told.body.value
        .map((each: { properties: { principalId: string } }) => each.properties.principalId)
        .sort()
    }
    const { owner, reader, network, nobody } = PEOPLE
    expect(await principals(GROUP)).toEqual([owner, reader, network, nobody].sort())
    expect(await principals(SUB, 'atScope()')).toEqual([owner, reader])
    expect(await principals(SUB, `principalId eq '${nobody}'`)).toEqual([nobody])
    expect(await principals('', 'atScope()')).toEqual([owner])
  })

  it('go with the resource that they are of', async () => {
    await api.ask('PUT', `${GATEWAYS}/lng`, { body: gatewayBody() })
    await assign(`${GATEWAYS}/lng`, PEOPLE.nobody, BUILT_IN_ROLE_IDS.reader)
    expect((await api.ask('GET', `${GATEWAYS}/lng`, { as: 'nobody' })).status).toBe(200)
    await api.ask('DELETE', `${GATEWAYS}/lng`)
    await api.ask('PUT', `${GATEWAYS}/lng`, { body: gatewayBody() })
    expect((await api.ask('GET', `${GATEWAYS}/lng`, { as: 'nobody' })).status).toBe(403)
  })

  it('leave somebody who may give them', async () => {
    const root = await api.ask('GET', `${ROLES}/roleAssignments?$filter=atScope()`, { version: VERSION })
    const told = await api.ask('DELETE', root.body.value[0].id, { version: VERSION })
    expect([told.status, told.body.error.code]).toEqual([409, 'LastOwnerRequired'])
  })
})

describe('role definitions', () => {
  const path = `${SUB}${ROLES}/roleDefinitions`
  const custom = (changes: object = {}) => ({
    properties: {
      roleName: 'Gateway Resetter',
      permissions: [{ actions: ['Microsoft.Network/localNetworkGateways/read'] }],
      assignableScopes: [SUB],
      ...changes,
    },
  })

  it('are found by name', async () => {
    const filter = encodeURIComponent("roleName eq 'Network Contributor'")
    const told = await api.ask('GET', `${path}?$filter=${filter}`, { version: VERSION })
    expect(told.body.value).toHaveLength(1)
    expect(told.body.value[0]).toMatchObject({
      name: BUILT_IN_ROLE_IDS.networkContributor,
      properties: { type: 'BuiltInRole' },
    })
    const wrong = await api.ask('GET', `${path}?$filter=${encodeURIComponent("colour eq 'red'")}`, {
      version: VERSION,
    })
    expect([wrong.status, wrong.body.error.target]).toEqual([400, '$filter'])
  })

  it('are made, given, kept while they are given, and removed', async () => {
    expect((await api.ask('PUT', `${path}/${NAME}`, { version: VERSION, body: custom() })).status).toBe(201)
    await assign(GROUP, PEOPLE.nobody, NAME)
    expect((await api.ask('GET', GATEWAYS, { as: 'nobody' })).status).toBe(200)
    const held = await api.ask('DELETE', `${path}/${NAME}`, { version: VERSION })
    expect([held.status, held.body.error.code]).toEqual([409, 'RoleDefinitionHasAssignments'])
    await api.ask('DELETE', `${GROUP}${ROLES}/roleAssignments/${NAME}`, { version: VERSION })
    expect((await api.ask('DELETE', `${path}/${NAME}`, { version: VERSION })).status).toBe(200)
    expect((await api.ask('GET', `${path}/${NAME}`, { version: VERSION })).status).toBe(404)
  })

  it('are not made for places where one may not', async () => {
    const as = 'network'
    const wide = await api.ask('PUT', `${GROUP}${ROLES}/roleDefinitions/${NAME}`, {
      as,
      version: VERSION,
      body: custom(),
    })
    expect(wide.status).toBe(403)
    const told = await api.ask('PUT', `${path}/${NAME}`, {
      version: VERSION,
      body: custom({ assignableScopes: ['/'] }),
    })
    expect([told.status, told.body.error.target]).toEqual([400, 'properties.assignableScopes[0]'])
  })
})
