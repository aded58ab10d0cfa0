import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from '../document-fault.ts'
import { NAME_RULES, nameFault, normalLocation } from './name-rule.ts'
import { ARM_OPERATIONS } from './operations.ts'
import {
  definitionOf,
  judgeApiVersion,
  providerNamespace,
  providerTypes,
  RESOURCE_TYPE_DEFINITIONS,
  readResourceBody,
  resourceTypeDefinition,
} from './resource-types.ts'
import { RESOURCE_TYPES, resourceTypeName } from './type-names.ts'

const GATEWAYS = definitionOf('Microsoft.Network/virtualNetworkGateways')

describe('the registry', () => {
  it('defines every type once, children after their parents', () => {
    const types = RESOURCE_TYPE_DEFINITIONS.map(({ type }) => type)
    expect(types.toSorted()).toEqual([...RESOURCE_TYPES].toSorted())
    for (const { type, parent } of RESOURCE_TYPE_DEFINITIONS)
      if (parent) expect(type.startsWith(`${parent}/`)).toBe(true)
  })

  it('finds a type in any case', () => {
    expect(resourceTypeDefinition('microsoft.network/CONNECTIONS')?.type).toBe(
      'Microsoft.Network/connections',
    )
    expect(resourceTypeName('MICROSOFT.KEYVAULT/VAULTS')).toBe('Microsoft.KeyVault/vaults')
    expect(resourceTypeDefinition('Microsoft.Network/wheels')).toBeUndefined()
    expect(providerNamespace('microsoft.keyvault')).toBe('Microsoft.KeyVault')
    expect(providerNamespace('Contoso.Thing')).toBeUndefined()
  })

  it('has the operations that clients of P2S and S2S send, by the words of their paths', () => {
    const words = ARM_OPERATIONS.filter(({ kind }) => kind === 'action').map(
      ({ method, path }) => `${method} ${path.split('}/').at(-1)}`,
    )
    expect(words).toEqual(
      expect.arrayContaining([
        'POST generatevpnprofile',
        'POST generatevpnclientpackage',
        'POST getvpnprofilepackageurl',
        'POST getVpnClientConnectionHealth',
        'POST disconnectVirtualNetworkGatewayVpnConnections',
        'POST setvpnclientipsecparameters',
        'POST getvpnclientipsecparameters',
        'POST resetvpnclientsharedkey',
        'POST listRadiusSecrets',
        'POST reset',
        'GET sharedkey',
        'PUT sharedkey',
        'POST sharedkey/reset',
        'POST getikesas',
        'POST resetconnection',
        'POST supportedvpndevices',
        'POST vpndeviceconfigurationscript',
        'POST startPacketCapture',
        'POST stopPacketCapture',
        'POST getBgpPeerStatus',
        'POST getLearnedRoutes',
        'POST getAdvertisedRoutes',
        'GET connections',
      ]),
    )
  })

  it('ends operations as ARM does: PUT and PATCH by the resource, POST and DELETE by Location', () => {
    const ends = new Map(ARM_OPERATIONS.map(({ id, longRunning }) => [id, longRunning]))
    expect(ends.get('VirtualNetworkGateways_CreateOrUpdate')).toBe('azure-async-operation')
    expect(ends.get('VirtualNetworkGateways_UpdateTags')).toBe('azure-async-operation')
    expect(ends.get('LocalNetworkGateways_UpdateTags')).toBeUndefined()
    expect(ends.get('VirtualNetworkGateways_Delete')).toBe('location')
    expect(ends.get('VirtualNetworkGateways_GenerateVpnProfile')).toBe('location')
    expect(ends.get('VirtualNetworkGatewayConnections_SetSharedKey')).toBe('azure-async-operation')
    expect(ends.get('VirtualNetworkGateways_SupportedVpnDevices')).toBeUndefined()
    expect(ends.get('UserAssignedIdentities_CreateOrUpdate')).toBeUndefined()
  })

  it('names the right that each operation needs, and no secret is behind a right to read', () => {
    const rights = new Map(ARM_OPERATIONS.map(({ id, right }) => [id, right]))
    expect(rights.get('ResourceGroups_Delete')).toBe(
      'Microsoft.Resources/subscriptions/resourceGroups/delete',
    )
    expect(rights.get('VirtualNetworkGateways_Reset')).toBe(
      'Microsoft.Network/virtualNetworkGateways/reset/action',
    )
    expect(rights.get('Vaults_CheckNameAvailability')).toBe('Microsoft.KeyVault/checkNameAvailability/read')
    for (const secret of [
      'VirtualNetworkGateways_ListRadiusSecrets',
      'VirtualNetworkGatewayConnections_GetSharedKey',
    ])
      expect(rights.get(secret)).toMatch(/\/action$/)
    for (const [id, right] of rights)
      expect(right, id).toMatch(/^Microsoft\.[\w/]+\/(read|write|delete|action)$/)
  })

  it('has one definition for a model, wherever it stands', () => {
    const models = new Map<string, string>()
    const visit = (schema: Record<string, unknown>): void => {
      const { title, readOnly, writeOnly, since, ...shape } = schema
      if (typeof title === 'string') {
        const text = JSON.stringify(shape)
        expect(models.get(title) ?? text, title).toBe(text)
        models.set(title, text)
      }
      const { properties = {}, patternProperties = {}, items } = shape as Record<string, object>
      for (const part of [
        ...Object.values(properties),
        ...Object.values(patternProperties),
        ...(items ? [items] : []),
      ])
        visit(part as Record<string, unknown>)
    }
    for (const { body = {}, result = {} } of ARM_OPERATIONS)
      for (const schema of [body, result]) visit({ ...schema })
    expect(models.size).toBeGreaterThan(100)
  })

  it('tells what a provider has, the newest api-version first', () => {
    const types = providerTypes('microsoft.network')
    expect(types.map(({ resourceType }) => resourceType)).toContain('virtualNetworks/subnets')
    expect(types[0]?.apiVersions[0]).toBe('2026-01-01')
  })
})

describe('api-versions', () => {
  it.each([
    ['Microsoft.Network/virtualNetworkGateways', '2022-01-01', 'az 2.45'],
    ['Microsoft.Network/localNetworkGateways', '2021-08-01', 'az'],
    ['Microsoft.Network/publicIPAddresses', '2022-05-01', 'az 2.45'],
    ['Microsoft.Network/virtualNetworkGateways', '2024-07-01', 'az 2.74'],
    ['Microsoft.Network/virtualNetworkGateways', '2023-09-01', 'az 2.74'],
    ['Microsoft.Network/virtualNetworks', '2024-05-01', 'az 2.74'],
    ['Microsoft.Network/connections', '2015-06-15', "az's template of a connection"],
    ['Microsoft.Network/connections', '2025-05-01', 'SDK 36'],
    ['Microsoft.Network/connections', '2025-07-01', 'SDK 37'],
    ['Microsoft.Network/connections', '2025-09-01', 'SDK 38'],
    ['Microsoft.Network/connections', '2026-01-01', 'SDK 39'],
    ['Microsoft.Network/virtualNetworkGateways', '2025-01-01', 'azurerm'],
    ['Microsoft.Resources/resourceGroups', '2021-04-01', 'az 2.45'],
    ['Microsoft.Resources/deployments', '2024-11-01', 'az 2.74'],
    ['Microsoft.Resources/subscriptions', '2019-11-01', 'az 2.45'],
    ['Microsoft.Resources/subscriptions', '2022-12-01', 'az 2.74'],
    ['Microsoft.Resources/subscriptions', '2015-11-01', 'az keyvault list'],
    ['Microsoft.ManagedIdentity/userAssignedIdentities', '2022-01-31-preview', 'az 2.45'],
    ['Microsoft.ManagedIdentity/userAssignedIdentities', '2023-01-31', 'az 2.74'],
    ['Microsoft.ManagedIdentity/userAssignedIdentities', '2024-11-30', 'arm-msi'],
    ['Microsoft.KeyVault/vaults', '2022-07-01', 'az 2.45'],
    ['Microsoft.KeyVault/vaults', '2023-02-01', 'az 2.74'],
    ['Microsoft.KeyVault/vaults', '2026-02-01', 'arm-keyvault 5'],
    ['Microsoft.Authorization/roleAssignments', '2022-04-01', 'arm-authorization 9'],
  ] as const)('%s is spoken to in %s, by %s', (type, version, _client) => {
    expect(judgeApiVersion(definitionOf(type), version)).toBeUndefined()
  })

  it('must be there, be dates, and be ones that there have been', () => {
    expect(judgeApiVersion(GATEWAYS, undefined)?.code).toBe('MissingApiVersionParameter')
    expect(judgeApiVersion(GATEWAYS, 'latest')).toMatchObject({
      code: 'InvalidApiVersionParameter',
      message: expect.stringContaining('2026-01-01'),
    })
    expect(judgeApiVersion(GATEWAYS, '1999-01-01', 'local')).toMatchObject({
      code: 'NoRegisteredProviderFound',
      message: expect.stringMatching(
        /^No registered resource provider found for location 'local' and API version '1999-01-01' for type 'Microsoft.Network\/virtualNetworkGateways'. The supported api-versions are '.*2022-01-01, /,
      ),
    })
  })

  it.each(RESOURCE_TYPE_DEFINITIONS)('of $type are dates in order, each once', ({ apiVersions }) => {
    expect(apiVersions.toSorted()).toEqual(apiVersions)
    expect(new Set(apiVersions).size).toBe(apiVersions.length)
    for (const version of apiVersions) expect(version).toMatch(/^\d{4}-\d{2}-\d{2}(-preview)?$/)
  })
})

describe('readResourceBody', () => {
  it('makes of a body what is kept', () => {
    const body = {
      location: 'West Europe',
      etag: 'x',
      properties: { sku: { name: 'vpngw1' }, gatewayType: 'vpn' },
    }
    expect(readResourceBody(GATEWAYS, body)).toEqual({
      type: 'good',
      value: { location: 'westeurope', properties: { sku: { name: 'VpnGw1' }, gatewayType: 'Vpn' } },
    })
  })

  it('keeps of the former what an older client cannot have removed', () => {
    const former = { location: 'local', properties: {}, identity: { type: 'UserAssigned' } }
    const read = readResourceBody(
      GATEWAYS,
      { location: 'local', properties: {} },
      { former, apiVersion: '2022-01-01' },
    )
    expect(read).toMatchObject({ value: { identity: { type: 'UserAssigned' } } })
  })

  it.each([[{ properties: {} }], [{ location: ' ', properties: {} }]])('wants a location: %j', body => {
    const read = readResourceBody(GATEWAYS, body)
    expect(read.type === 'bad' && read.faults.map(formatDocumentFault)).toEqual([
      'location: is missing; say where the resource is, as local',
    ])
  })

  it('wants none of a child, and an object of anything', () => {
    const rule = { properties: { type: 'static' } }
    expect(readResourceBody(definitionOf('Microsoft.Network/virtualNetworkGateways/natRules'), rule)).toEqual(
      {
        type: 'good',
        value: { properties: { type: 'Static' } },
      },
    )
    for (const body of [null, undefined, 1, 'x', []])
      expect(readResourceBody(GATEWAYS, body).type).toBe('bad')
  })
})

describe('names', () => {
  it.each([
    [
      'network',
      ['a', 'gw', 'Gw_1.x-y_', '0', 'a'.repeat(80)],
      ['', '_a', '-a', 'a-', 'a.', 'a b', 'é', 'a/b', 'a'.repeat(81)],
    ],
    ['virtualNetwork', ['ab', 'vnet-1'], ['a', 'a'.repeat(65)]],
    [
      'resourceGroup',
      ['rg', '(Ünïcode)_1', '.a', 'a'.repeat(90)],
      ['', 'a.', 'a/b', 'a b', 'a'.repeat(91), '..'],
    ],
    ['deployment', ['vpn_connection_deploy_A1b2', '(x).y'], ['', 'a b', 'a'.repeat(65)]],
    ['identity', ['abc', 'id-1_x'], ['ab', '-abc', 'a.c', 'a'.repeat(129)]],
    ['vault', ['abc', 'kv-1-x'], ['ab', '1kv', 'kv-', 'k--v', 'k_v', 'a'.repeat(25)]],
    [
      'guid',
      ['3F2504E0-4F89-41D3-9A0C-0305E82C3301'],
      ['', '3f2504e0', '3f2504e0-4f89-41d3-9a0c-0305e82c330g'],
    ],
    ['location', ['local', 'West Europe'], ['', 'a/b', ' x']],
    ['namespace', ['Microsoft.Network'], ['', '.x', 'a..b', 'a b']],
  ] as const)('of the rule %s', (rule, good, bad) => {
    for (const name of good) expect(nameFault(NAME_RULES[rule], name), name).toBeUndefined()
    for (const name of bad) {
      const fault = nameFault(NAME_RULES[rule], name)
      expect(fault, name).toBeDefined()
      expect(fault && formatDocumentFault(fault)).toContain('is not a name of this type; give ')
    }
  })

  it('are judged in no time, whatever they hold', () => {
    const hostile = [`${'a'.repeat(50_000)}!`, `${'a-'.repeat(25_000)}!`, `${'.'.repeat(50_000)}`]
    for (const rule of Object.values(NAME_RULES))
      for (const name of hostile) expect(nameFault(rule, name)).toBeDefined()
  })

  it('of places are the same with and without spaces', () => {
    expect(normalLocation('West Europe')).toBe('westeurope')
  })
})
