import type { AppliedTemplate, DeployedResource } from '@causeway/api-contract'
import type { ManagementPort } from '@causeway/gateway'
import { openMemoryStore, type SqliteDocumentStore, StoreError } from '@causeway/store'
import { createPrincipalStore, type PrincipalStore } from '@causeway/token-service'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { GROUP, NOW, SUB, SUBSCRIPTION, TENANT } from '../management-api.suite.ts'
import { RoleStore } from '../rights/role-store.ts'
import { createOperatorCommands } from './operator-commands.ts'

const applied: AppliedTemplate = {
  deployment: 'd',
  group: 'rg',
  state: 'Succeeded',
  resources: [],
  outputs: {},
}

let store: SqliteDocumentStore
let principals: PrincipalStore
let roles: RoleStore
let commands: ManagementPort

beforeEach(async () => {
  store = await openMemoryStore()
  principals = createPrincipalStore(store, () => NOW)
  roles = await RoleStore.open(store)
  const deploy = async (_: unknown, onProgress: (resource: DeployedResource) => void) => {
    onProgress({ id: 'x', type: 't', state: 'Running' })
    return applied
  }
  const refuse = () => Promise.reject(new Error('not asked here'))
  const certificates = {
    importCertificate: refuse,
    issueCertificate: refuse,
    listCertificates: refuse,
    showCertificate: refuse,
  }
  const sites = { certificates, diagnose: refuse }
  const ids = { tenantId: TENANT, subscriptionId: SUBSCRIPTION }
  const now = () => NOW
  commands = createOperatorCommands({ principals, roles, documents: store, ...ids, ...sites, deploy, now })
  onTestFinished(() => {
    roles.close()
    return store.close()
  })
})

const fullDisk = () => Promise.reject(new StoreError('ERR_STORE_WRITE', 'the disk is full'))
const names = async () => (await principals.servicePrincipals()).map(({ displayName }) => displayName)

describe('adding a principal', () => {
  it('gives it a secret and its role at the subscription', async () => {
    const added = await commands.addPrincipal({ name: 'ci', role: 'network contributor', validDays: 30 })
    expect(added).toMatchObject({
      name: 'ci',
      tenantId: TENANT,
      role: 'Network Contributor',
      scope: SUB,
      endsAt: NOW + 30 * 86_400,
      secret: expect.stringMatching(/^[\w-]{43}$/),
    })
    const right = 'Microsoft.Network/virtualNetworks/write'
    const decide = (scope: string) =>
      roles.decide({ principalIds: [added.objectId], action: right, scope, kind: 'action' }).type
    expect(decide(`${GROUP}/providers/Microsoft.Network/virtualNetworks/n`)).toBe('allow')
    expect(decide('/')).toBe('deny')
  })

  it('is in the history, without the secret', async () => {
    const { secret, clientId } = await commands.addPrincipal({ name: 'ci', role: 'Reader', scope: '/' })
    const history = await store.history()
    expect(history.map(({ who, action, target }) => [who, action, target.split('/')[0]])).toEqual([
      ['installation', 'principals/write', 'principals'],
      ['installation', 'Microsoft.Authorization/roleAssignments/write', 'role-assignments'],
    ])
    expect(history[0]?.target).toBe(`principals/${clientId}`)
    expect(JSON.stringify(history)).not.toContain(secret)
  })

  it('gives no rights without a role', async () => {
    const added = await commands.addPrincipal({ name: 'ci' })
    expect(added).not.toHaveProperty('role')
    expect(roles.assignments()).toEqual([])
  })

  it('finds roles by GUID, and scopes that are there', async () => {
    await store.write(`resources${GROUP.toLowerCase()}`, {}, 0)
    const role = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
    expect(await commands.addPrincipal({ name: 'a', role, scope: GROUP })).toMatchObject({
      role: 'Reader',
      scope: GROUP,
    })
    expect(
      await commands.addPrincipal({
        name: 'b',
        role,
        scope: SUB.toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions'),
      }),
    ).toMatchObject({ role: 'Reader' })
  })

  it.each([
    [
      { role: 'Boss' },
      'InvalidParameter',
      /there is no role 'Boss'; use one of Owner, Contributor, Reader, /,
    ],
    [{ role: 'Reader', scope: 'rg' }, 'InvalidParameter', /the scope 'rg' is not a path/],
    [
      { role: 'Reader', scope: `${SUB}/resourceGroups/none` },
      'InvalidParameter',
      /is not there: the subscription is/,
    ],
    [{ role: 'Reader', scope: '/subscriptions/other' }, 'InvalidParameter', /is not there/],
  ])('refuses %j, and makes nothing', async (wanted, code, message) => {
    const attempt = commands.addPrincipal({ name: 'ci', ...wanted })
    await expect(attempt).rejects.toMatchObject({
      name: 'CommandError',
      code,
      message: expect.stringMatching(message),
    })
    expect(await names()).toEqual([])
  })

  it('gives a name once, even when it is asked twice at a time', async () => {
    const twice = [commands.addPrincipal({ name: 'ci' }), commands.addPrincipal({ name: 'CI' })]
    const [first, second] = await Promise.allSettled(twice)
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected'])
    expect(await names()).toEqual(['ci'])
  })

  it('leaves nothing behind when the disk is full', async () => {
    const full = vi.spyOn(store, 'commit').mockImplementation(fullDisk)
    await expect(commands.addPrincipal({ name: 'ci', role: 'Reader' })).rejects.toThrow('the disk is full')
    full.mockRestore()
    expect([await names(), roles.assignments()]).toEqual([[], []])
  })
})

describe('principals that are there', () => {
  it('are listed with their roles, without secrets', async () => {
    const { secret, clientId, objectId, keyId, endsAt } = await commands.addPrincipal({
      name: 'ci',
      role: 'Reader',
    })
    const listed = await commands.listPrincipals()
    expect(listed).toEqual([
      {
        name: 'ci',
        clientId,
        objectId,
        isEnabled: true,
        roles: [{ role: 'Reader', scope: SUB }],
        secrets: [{ keyId, endsAt }],
        certificates: 0,
      },
    ])
    expect(JSON.stringify(listed)).not.toContain(secret)
  })

  it('get further secrets, by name or client id', async () => {
    const first = await commands.addPrincipal({ name: 'ci' })
    const second = await commands.addPrincipalSecret({ name: first.clientId, validDays: 1 })
    expect(second).toMatchObject({ name: 'ci', clientId: first.clientId, endsAt: NOW + 86_400 })
    expect(second.secret).not.toBe(first.secret)
    const [listed] = await commands.listPrincipals()
    expect(listed?.secrets.map(({ keyId }) => keyId)).toEqual([first.keyId, second.keyId])
    expect((await store.history())[0]).toMatchObject({ action: 'principals/secrets/write' })
  })

  it('keep no secret that nobody was shown', async () => {
    await commands.addPrincipal({ name: 'ci' })
    const full = vi.spyOn(store, 'commit').mockImplementation(fullDisk)
    await expect(commands.addPrincipalSecret({ name: 'ci' })).rejects.toThrow('the disk is full')
    full.mockRestore()
    expect((await commands.listPrincipals())[0]?.secrets).toHaveLength(1)
  })

  it('go with their roles', async () => {
    const { clientId, objectId } = await commands.addPrincipal({ name: 'ci', role: 'Owner' })
    expect(await commands.removePrincipal({ name: 'ci' })).toEqual({ name: 'ci', clientId, objectId })
    expect([await names(), roles.assignments()]).toEqual([[], []])
    expect((await store.history()).map(({ action }) => action)).toContain('principals/delete')
  })

  it('stay while they are the last that can give roles', async () => {
    await commands.addPrincipal({ name: 'first', role: 'Owner', scope: '/' })
    await expect(commands.removePrincipal({ name: 'first' })).rejects.toMatchObject({
      code: 'Conflict',
      message: expect.stringMatching(/last Owner at '\/'.*principal add NAME --role Owner --scope \/$/),
    })
    await commands.addPrincipal({ name: 'second', role: 'Owner', scope: '/' })
    await commands.removePrincipal({ name: 'first' })
    expect(await names()).toEqual(['second'])
  })

  it('are told from those that are not', async () => {
    const nobody = { code: 'ResourceNotFound', message: expect.stringContaining("'eve'") }
    await expect(commands.removePrincipal({ name: 'eve' })).rejects.toMatchObject(nobody)
    await expect(commands.addPrincipalSecret({ name: 'eve' })).rejects.toMatchObject(nobody)
  })

  it('that share a name are told apart by their client ids', async () => {
    for (const appId of ['a', 'b'].map(digit => `${digit.repeat(8)}-0000-4000-8000-000000000000`))
      await principals.addServicePrincipal({ displayName: 'ci', appId })
    await expect(commands.removePrincipal({ name: 'ci' })).rejects.toThrow(/several .* give the client id/)
    await commands.removePrincipal({ name: 'bbbbbbbb-0000-4000-8000-000000000000' })
    expect((await principals.servicePrincipals()).map(({ appId }) => appId[0])).toEqual(['a'])
  })
})

it('hands templates on, and their progress back', async () => {
  const seen: DeployedResource[] = []
  expect(await commands.applyTemplate({ document: {} }, resource => seen.push(resource))).toBe(applied)
  expect(seen).toEqual([{ id: 'x', type: 't', state: 'Running' }])
})
