import { randomUUID } from 'node:crypto'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addPrincipal, type ManagedScenario, openManaged, type Principal } from '../harness/management.ts'
import { LifeBodies } from './life-bodies.ts'
import { forgerOf, strangerOf } from './life-forged-token.ts'
import { type OpenApi, undocumented } from './life-openapi.ts'
import { SdkProgram } from './life-sdk.ts'

// Who may do what: roles by @azure/arm-authorization, for people whom the operator makes on the command line.

const SITES = 'localNetworkGateways'
const GROUP = 'roles'
const sdk = 'network39'

let scenario: ManagedScenario
let sdks: SdkProgram
let bodies: LifeBodies
let groupScope: string
let ci: Principal

beforeAll(async () => {
  scenario = await openManaged(1)
  sdks = await SdkProgram.start(scenario)
  bodies = new LifeBodies(scenario.place, GROUP)
  groupScope = bodies.groupPath.replace(/\?.*/, '')
  await sdks.call('arm', '.PUT', [bodies.groupPath, { location: 'local' }])
  await sdks.call(sdk, `${SITES}.createOrUpdate`, [GROUP, 'lng', bodies.localGateway()])
  ci = await addPrincipal(scenario.gateway, 'ci')
})

afterAll(async () => {
  await sdks?.stop()
  await scenario?.close()
})

/** Gives somebody a role; answers how it is taken away. */
async function grant(who: Principal, role: string, scope = groupScope): Promise<() => Promise<void>> {
  const { subscriptionId } = scenario.place
  const roleDefinitionId = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`
  const body = { principalId: who.objectId, principalType: 'ServicePrincipal', roleDefinitionId }
  const name = randomUUID()
  const made = await sdks.call('authorization', 'roleAssignments.create', [scope, name, body])
  expect(made).toMatchObject({ name, scope, principalId: who.objectId })
  return () => sdks.call('authorization', 'roleAssignments.delete', [scope, name])
}

const read = (as: Principal) => sdks.outcome({ sdk, as, group: SITES, call: 'get', with: [GROUP, 'lng'] })

it('nobody reads or writes without a role', async () => {
  for (const [call, parameters, action] of [
    ['get', [GROUP, 'lng'], 'read'],
    ['list', [GROUP], 'read'],
    ['createOrUpdate', [GROUP, 'lng', bodies.localGateway()], 'write'],
    ['delete', [GROUP, 'lng'], 'delete'],
  ] as const) {
    const refusal = await sdks.refused(sdk, `${SITES}.${call}`, parameters, { as: ci })
    expect(refusal, call).toMatchObject({ status: 403, code: 'AuthorizationFailed' })
    expect(refusal.message, call).toContain(`Microsoft.Network/localNetworkGateways/${action}`)
    expect(refusal.message, call).toContain(ci.objectId)
  }
})

it('a Reader reads and does not write, until the next call after the role is taken away', async () => {
  const takeAway = await grant(ci, BUILT_IN_ROLE_IDS.reader)
  expect(await read(ci)).toMatchObject({ type: 'value', value: { name: 'lng' } })
  const listed = await sdks.call(sdk, `${SITES}.list`, [GROUP], { as: ci })
  expect(listed).toMatchObject([{ name: 'lng' }])
  const write = await sdks.refused(sdk, `${SITES}.createOrUpdate`, [GROUP, 'lng', bodies.localGateway()], {
    as: ci,
  })
  expect(write).toMatchObject({ status: 403, code: 'AuthorizationFailed' })
  await takeAway()
  expect(await read(ci)).toMatchObject({ type: 'error', status: 403, code: 'AuthorizationFailed' })
})

it('a role of our own allows what it lists', async () => {
  const { subscriptionId } = scenario.place
  const scope = `/subscriptions/${subscriptionId}`
  const role = randomUUID()
  const definition = {
    roleName: 'Site Keeper',
    description: 'Keeps sites, and does not delete them.',
    roleType: 'CustomRole',
    permissions: [
      {
        actions: ['Microsoft.Network/localNetworkGateways/*'],
        notActions: ['Microsoft.Network/localNetworkGateways/delete'],
      },
    ],
    assignableScopes: [scope],
  }
  const definitions = 'roleDefinitions'
  const made = await sdks.call('authorization', `${definitions}.createOrUpdate`, [scope, role, definition])
  expect(made).toMatchObject({ name: role, roleName: 'Site Keeper' })
  const takeAway = await grant(ci, role)
  const changed = bodies.localGateway({ gatewayIpAddress: '203.0.113.2' })
  await sdks.call(sdk, `${SITES}.createOrUpdate`, [GROUP, 'lng', changed], { as: ci })
  const removal = await sdks.refused(sdk, `${SITES}.delete`, [GROUP, 'lng'], { as: ci })
  expect(removal).toMatchObject({ status: 403, code: 'AuthorizationFailed' })
  const inUse = await sdks.refused('authorization', `${definitions}.delete`, [scope, role])
  expect(inUse).toMatchObject({ code: 'RoleDefinitionHasAssignments' })
  const mine = await sdks.call('authorization', 'roleAssignments.listForScope', [groupScope])
  expect(mine.some((each: { principalId: string }) => each.principalId === ci.objectId)).toBe(true)
  await takeAway()
  await sdks.call('authorization', `${definitions}.delete`, [scope, role])
  expect((await read(ci)).type).toBe('error')
})

it('nobody gives rights without the right to', async () => {
  const takeAway = await grant(ci, BUILT_IN_ROLE_IDS.contributor)
  const body = {
    principalId: ci.objectId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${BUILT_IN_ROLE_IDS.owner}`,
  }
  const refusal = await sdks.refused(
    'authorization',
    'roleAssignments.create',
    [groupScope, randomUUID(), body],
    { as: ci },
  )
  expect(refusal).toMatchObject({ status: 403, code: 'AuthorizationFailed' })
  await takeAway()
})

it('an identity is assigned to a gateway by whoever may assign it', async () => {
  const identity = await sdks.call('msi', 'userAssignedIdentities.createOrUpdate', [
    GROUP,
    'reads',
    { location: 'local' },
  ])
  expect(identity).toMatchObject({ principalId: expect.any(String), clientId: expect.any(String) })
  expect(await sdks.call('msi', 'userAssignedIdentities.listByResourceGroup', [GROUP])).toHaveLength(1)
  await sdks.call(sdk, 'virtualNetworks.createOrUpdate', [GROUP, 'net', bodies.network()])
  await sdks.call(sdk, 'publicIPAddresses.createOrUpdate', [GROUP, 'pip', bodies.publicAddress()])
  await grant(ci, BUILT_IN_ROLE_IDS.networkContributor)
  const body = bodies.gateway({
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity.id]: {} } },
  })
  const path = 'virtualNetworkGateways.createOrUpdate'
  const refusal = await sdks.refused(sdk, path, [GROUP, 'gw', body], { as: ci })
  expect(refusal).toMatchObject({ status: 403, code: 'LinkedAuthorizationFailed' })
  expect(refusal.message).toContain('Microsoft.ManagedIdentity/userAssignedIdentities/assign/action')
  await grant(ci, BUILT_IN_ROLE_IDS.managedIdentityOperator, identity.id)
  const made = await sdks.call(sdk, path, [GROUP, 'gw', body], { as: ci })
  const [assigned] = Object.entries(made.identity.userAssignedIdentities)
  const { principalId, clientId } = identity
  expect(assigned).toEqual([identity.id, { principalId, clientId }])
})

it('the OpenAPI document has all that was asked', async () => {
  const document = (await sdks.call('arm', '.GET', ['/openapi.json'])) as OpenApi
  const asked = sdks.requests.filter(({ path }) => path !== '/openapi.json')
  expect(undocumented(document, asked)).toEqual([])
})

it('tokens of another audience, issuer, tenant, age or key are refused, and the good one is not', async () => {
  const { place, gateway } = scenario
  const token = await sdks.call('arm', '.TOKEN', [`${place.baseUrl}/.default`])
  const forVaults = await sdks.call('arm', '.TOKEN', [`https://${place.vaultDomain}/.default`])
  await gateway.stop()
  const forge = await forgerOf(gateway.data, token)
  await gateway.restart()
  const stranger = await strangerOf(token, decodeProtectedHeader(token).kid ?? '')
  const now = Math.floor(Date.now() / 1_000)
  const rows = [
    [forVaults, 'InvalidAuthenticationTokenAudience'],
    [await forge({ aud: 'https://vault.azure.net' }), 'InvalidAuthenticationTokenAudience'],
    [await forge({ iss: 'https://login.example/x/v2.0' }), 'InvalidAuthenticationTokenTenant'],
    [await forge({ iat: now - 7_200, nbf: now - 7_200, exp: now - 3_600 }), 'ExpiredAuthenticationToken'],
    [await stranger({}), 'InvalidAuthenticationToken'],
    ['not-a-token', 'InvalidAuthenticationToken'],
  ] as const
  for (const [wrong, code] of rows) {
    const refusal = await sdks.refused(sdk, `${SITES}.get`, [GROUP, 'lng'], { as: { token: wrong } })
    expect(refusal).toMatchObject({ status: 401, code })
  }
  const good = { as: { token: await forge({}) } }
  expect(await sdks.call(sdk, `${SITES}.get`, [GROUP, 'lng'], good)).toMatchObject({ name: 'lng' })
})

it('a principal that the operator removes is nobody from the next call on', async () => {
  const late = await addPrincipal(scenario.gateway, 'late', 'Reader')
  expect(await read(late)).toMatchObject({ type: 'value' })
  await scenario.gateway.cliOk('principal', 'remove', 'late')
  expect(await read(late)).toMatchObject({ type: 'error', status: 401 })
})
