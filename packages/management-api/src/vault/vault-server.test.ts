import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { beforeEach, describe, expect, it } from 'vitest'
import { GROUP, NOW, type Person, SUB, TENANT, type Told } from '../management-api.suite.ts'
import {
  DAY,
  DOMAIN,
  HOST,
  policyBody,
  VAULT,
  VAULTS,
  type VaultTest,
  vaultBody,
  vaultTest,
} from './vault.suite.ts'

const VERSION = '2023-07-01'
const KEY_VAULT = `${SUB}/providers/Microsoft.KeyVault`
const DELETED = `${KEY_VAULT}/locations/local/deletedVaults`

let test: VaultTest

beforeEach(async () => {
  test = await vaultTest()
})

const ask = (method: string, path: string, body?: object): Promise<Told> =>
  test.ask(method, path, { version: VERSION, ...(body && { body }) })

describe('a vault as a resource', () => {
  it('says where it is and what holds for it', async () => {
    const { body } = await ask('GET', VAULT)
    expect(body.properties).toEqual({
      tenantId: TENANT,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      vaultUri: `https://${HOST}/`,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enableRbacAuthorization: true,
      provisioningState: 'Succeeded',
    })
  })

  it('goes by roles or by policies as who may give roles says, not who may merely write it', async () => {
    await test.give('nobody', BUILT_IN_ROLE_IDS.keyVaultContributor)
    const policies = { enableRbacAuthorization: false, accessPolicies: [] }
    const put = (as: Person, method: string, body: object): Promise<Told> =>
      test.ask(method, VAULT, { as, version: VERSION, body })
    for (const told of [
      await put('nobody', 'PUT', vaultBody(policies)),
      await put('nobody', 'PATCH', { properties: policies }),
    ])
      expect(told).toMatchObject({
        status: 403,
        body: {
          error: { code: 'AuthorizationFailed', message: expect.stringContaining('roleAssignments/write') },
        },
      })
    expect((await put('nobody', 'PUT', vaultBody())).status).toBe(200)
    expect((await put('owner', 'PATCH', { properties: policies })).status).toBe(200)
    expect((await put('nobody', 'PATCH', { properties: { enableRbacAuthorization: true } })).status).toBe(403)
  })

  it.each([
    [{ tenantId: '99999999-2222-4333-8444-555555555555' }, 'properties.tenantId', TENANT],
    [{ sku: { family: 'A', name: 'gold' } }, 'properties.sku.name', 'standard, premium'],
    [{ enableSoftDelete: false }, 'properties.enableSoftDelete', 'true'],
    [{ softDeleteRetentionInDays: 6 }, 'properties.softDeleteRetentionInDays', '7'],
    [{ softDeleteRetentionInDays: 91 }, 'properties.softDeleteRetentionInDays', '90'],
    [{ networkAcls: { defaultAction: 'Deny' } }, 'properties.networkAcls.defaultAction', 'firewall'],
    [{ publicNetworkAccess: 'disabled' }, 'properties.publicNetworkAccess', 'firewall'],
    [{ createMode: 'purgeAndRecover' }, 'properties.createMode', 'recover'],
    [{ createMode: 'recover' }, 'properties.createMode', 'default'],
    [
      { accessPolicies: [{ tenantId: TENANT, objectId: TENANT, permissions: { secrets: ['look'] } }] },
      'properties.accessPolicies[0].permissions.secrets[0]',
      'get, list, set',
    ],
    [
      {
        accessPolicies: [
          { tenantId: TENANT, objectId: TENANT, applicationId: TENANT, permissions: { secrets: ['get'] } },
        ],
      },
      'properties.accessPolicies[0].applicationId',
      'leave it out',
    ],
  ])('is not made with %j', async (properties, target, remedy) => {
    const { status, body } = await test.makeVault('fabrikam', properties)
    expect([status, body.error.target]).toEqual([400, target])
    expect(body.error.message).toContain(remedy)
    expect((await ask('GET', `${VAULTS}/fabrikam`)).status).toBe(404)
  })

  it('has a name that no other vault of the installation has, in any case', async () => {
    await test.ask('PUT', `${SUB}/resourceGroups/other`, {
      body: { location: 'local' },
      version: '2021-04-01',
    })
    const path = `${SUB}/resourceGroups/other/providers/Microsoft.KeyVault/vaults/CONTOSO`
    const { status, body } = await ask('PUT', path, vaultBody())
    expect([status, body.error.code]).toEqual([409, 'VaultAlreadyExists'])
    expect((await ask('GET', path)).status).toBe(404)
  })

  it('is one when two are made of one name at once', async () => {
    const groups = ['x', 'y', 'z'].map(name => `${SUB}/resourceGroups/${name}`)
    for (const group of groups)
      await test.ask('PUT', group, { body: { location: 'local' }, version: '2021-04-01' })
    const told = await Promise.all(
      groups.map(group => ask('PUT', `${group}/providers/Microsoft.KeyVault/vaults/fabrikam`, vaultBody())),
    )
    expect(told.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  })

  it('keeps what protects it from who may write it', async () => {
    await test.makeVault('contoso', { enablePurgeProtection: true })
    const off = await test.makeVault('contoso', { enablePurgeProtection: false })
    expect([off.status, off.body.error.target]).toEqual([400, 'properties.enablePurgeProtection'])
    const other = await test.makeVault('contoso', { softDeleteRetentionInDays: 7 })
    expect([other.status, other.body.error.target]).toEqual([400, 'properties.softDeleteRetentionInDays'])
    const again = await test.makeVault('contoso')
    expect(again.body.properties).toMatchObject({
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
    })
  })

  it('is asked for by name before it is made', async () => {
    const question = (name: string) =>
      ask('POST', `${KEY_VAULT}/checkNameAvailability`, { name, type: 'Microsoft.KeyVault/vaults' })
    expect((await question('fabrikam')).body).toEqual({ nameAvailable: true })
    expect((await question('Contoso')).body).toMatchObject({
      nameAvailable: false,
      reason: 'AlreadyExists',
    })
    expect((await question('1')).body).toMatchObject({ nameAvailable: false, reason: 'AccountNameInvalid' })
    await ask('DELETE', VAULT)
    expect((await question('contoso')).body.message).toContain('deleted vault')
  })
})

describe('a deleted vault', () => {
  beforeEach(async () => {
    await test.tell('PUT', '/secrets/one', { body: { value: 'hunter2' } })
    await test.tell('POST', '/certificates/vpn/create', { body: policyBody() })
    await ask('PATCH', VAULT, { tags: { team: 'one' } })
    expect((await ask('DELETE', VAULT)).status).toBe(200)
  })

  it('is closed, listed and kept', async () => {
    expect((await test.tell('GET', '/secrets/one')).body.error.code).toBe('VaultNotFound')
    expect((await ask('GET', VAULT)).status).toBe(404)
    const deleted = {
      id: `${DELETED}/contoso`,
      name: 'contoso',
      type: 'Microsoft.KeyVault/deletedVaults',
      properties: {
        vaultId: VAULT,
        location: 'local',
        tags: { team: 'one' },
        deletionDate: new Date(NOW * 1_000).toISOString(),
        scheduledPurgeDate: new Date((NOW + 90 * DAY) * 1_000).toISOString(),
        purgeProtectionEnabled: false,
      },
    }
    expect((await ask('GET', `${KEY_VAULT}/deletedVaults`)).body).toEqual({ value: [deleted] })
    expect((await ask('GET', `${DELETED}/Contoso`)).body).toEqual(deleted)
    expect((await ask('GET', `${DELETED}/fabrikam`)).status).toBe(404)
  })

  it('keeps its name', async () => {
    const { status, body } = await test.makeVault('contoso')
    expect([status, body.error.code]).toEqual([409, 'Conflict'])
    expect(body.error.message).toContain("createMode 'recover'")
  })

  it('comes back as it was, with all that was in it', async () => {
    const { status, body } = await test.makeVault('contoso', { createMode: 'recover' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ tags: { team: 'one' }, properties: { softDeleteRetentionInDays: 90 } })
    expect(body.properties).not.toHaveProperty('createMode')
    expect((await test.tell('GET', '/secrets/one')).body.value).toBe('hunter2')
    expect((await ask('GET', `${KEY_VAULT}/deletedVaults`)).body.value).toEqual([])
  })

  it('does not come back somewhere else', async () => {
    await test.ask('PUT', `${SUB}/resourceGroups/other`, {
      body: { location: 'local' },
      version: '2021-04-01',
    })
    const path = `${SUB}/resourceGroups/other/providers/Microsoft.KeyVault/vaults/contoso`
    const { status, body } = await ask('PUT', path, vaultBody({ createMode: 'recover' }))
    expect([status, body.error.code]).toEqual([409, 'Conflict'])
    expect(body.error.message).toContain(VAULT)
  })

  it('is purged with all that was in it', async () => {
    expect((await ask('POST', `${DELETED}/contoso/purge`)).status).toBe(200)
    expect((await ask('GET', `${DELETED}/contoso`)).status).toBe(404)
    expect((await test.makeVault('contoso')).status).toBe(201)
    expect((await test.tell('GET', '/secrets/one')).status).toBe(404)
    expect((await test.tell('GET', '/deletedsecrets')).body.value).toEqual([])
    expect(await test.store.scan('vaults/contoso')).toEqual([])
    const [entry] = await test.store.history({ limit: 1, target: 'vault-names/contoso' })
    expect(entry?.action).toBe('Microsoft.KeyVault/locations/deletedVaults/purge/action')
  })

  it('goes by itself when its time has come', async () => {
    expect(await test.api.tendVaults()).toEqual({ renewed: [], purged: [] })
    test.setTime(NOW + 90 * DAY)
    expect(await test.api.tendVaults()).toEqual({ renewed: [], purged: ['contoso'] })
    expect(await test.store.scan('vaults')).toEqual([])
    expect(await test.store.scan('vault-names')).toEqual([])
  })

  it('goes with its group, and is kept all the same', async () => {
    await test.makeVault('contoso', { createMode: 'recover' })
    await test.ended(await test.ask('DELETE', GROUP, { version: '2021-04-01' }))
    expect((await ask('GET', `${DELETED}/contoso`)).status).toBe(200)
  })

  it('is seen and purged by nobody who has no right to', async () => {
    const told = await test.ask('POST', `${DELETED}/contoso/purge`, { as: 'reader', version: VERSION })
    expect([told.status, told.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    const seen = await test.ask('GET', `${DELETED}/contoso`, { as: 'network', version: VERSION })
    expect(seen.status).toBe(403)
  })
})

describe('a vault under purge protection', () => {
  it('is not purged, deleted as it is, before its time', async () => {
    await test.makeVault('guarded', { enablePurgeProtection: true, softDeleteRetentionInDays: 7 })
    await test.tell('PUT', '/secrets/one', { host: `guarded.${DOMAIN}`, body: { value: 'hunter2' } })
    await ask('DELETE', `${VAULTS}/guarded`)
    const { status, body } = await ask('POST', `${DELETED}/guarded/purge`)
    expect([status, body.error.code]).toEqual([409, 'Conflict'])
    test.setTime(NOW + 7 * DAY)
    expect((await test.api.tendVaults()).purged).toEqual(['guarded'])
  })
})

describe('tending', () => {
  it('renews certificates and purges what was deleted', async () => {
    await test.tell('POST', '/certificates/vpn/create', { body: policyBody() })
    await test.tell('PUT', '/secrets/one', { body: { value: 'hunter2' } })
    await test.tell('DELETE', '/secrets/one')
    test.setTime(NOW + 300 * DAY)
    expect(await test.api.tendVaults()).toEqual({ renewed: ['contoso/vpn'], purged: ['contoso/one'] })
    expect((await test.tell('GET', '/certificates/vpn/versions')).body.value).toHaveLength(2)
    expect(await test.api.tendVaults()).toEqual({ renewed: [], purged: [] })
  })
})
