import { describe, expect, it } from 'vitest'
import {
  childOf,
  formatResourceId,
  isSameResource,
  isWithin,
  parentOf,
  parseResourceId,
  type ResourceId,
  resourceGroupOf,
  resourceKey,
  resourceName,
  resourceTypeOf,
  scopesOf,
  subscriptionOf,
} from './resource-id.ts'

const GROUP = '/subscriptions/s/resourceGroups/RG-One'
const GATEWAY = `${GROUP}/providers/Microsoft.Network/virtualNetworkGateways/Gw`

function idOf(text: string): ResourceId {
  const parsed = parseResourceId(text)
  if (parsed.type === 'bad') throw new Error(parsed.fault.problem)
  return parsed.id
}

describe('an id', () => {
  it.each([
    ['/', 'Microsoft.Resources/tenants', ''],
    ['/subscriptions/s', 'Microsoft.Resources/subscriptions', 's'],
    [GROUP, 'Microsoft.Resources/resourceGroups', 'RG-One'],
    [GATEWAY, 'Microsoft.Network/virtualNetworkGateways', 'Gw'],
    [`${GATEWAY}/natRules/x`, 'Microsoft.Network/virtualNetworkGateways/natRules', 'x'],
    [
      `${GATEWAY}/providers/Microsoft.Authorization/roleAssignments/a1`,
      'Microsoft.Authorization/roleAssignments',
      'a1',
    ],
    [
      '/providers/Microsoft.Authorization/roleDefinitions/d1',
      'Microsoft.Authorization/roleDefinitions',
      'd1',
    ],
    ['/subscriptions/s/providers/Microsoft.Network/locations/local', 'Microsoft.Network/locations', 'local'],
    [`${GROUP}/providers/Contoso.Thing/wheels/w`, 'Contoso.Thing/wheels', 'w'],
  ])('%s is a %s named %s, and is written as it was read', (text, type, name) => {
    const id = idOf(text)
    expect([resourceTypeOf(id), resourceName(id), formatResourceId(id)]).toEqual([type, name, text])
  })

  it('spells the fixed words as ARM does, and names as their creator did', () => {
    const wild =
      '/SUBSCRIPTIONS/s/resourcegroups/RG-One/PROVIDERS/microsoft.network/VIRTUALNETWORKGATEWAYS/Gw/NATRULES/Nat'
    expect(formatResourceId(idOf(wild))).toBe(`${GATEWAY}/natRules/Nat`)
    expect(formatResourceId(idOf(`${GATEWAY}/IPCONFIGURATIONS/Default`))).toBe(
      `${GATEWAY}/ipConfigurations/Default`,
    )
  })

  it('is the same in any case, and has one key', () => {
    const loud = idOf(GATEWAY.toUpperCase())
    expect(isSameResource(loud, idOf(GATEWAY))).toBe(true)
    expect(resourceKey(loud)).toBe(GATEWAY.toLowerCase())
    expect(isSameResource(loud, idOf(`${GATEWAY}2`))).toBe(false)
  })

  it('is in its parent, group, subscription and tenant', () => {
    const rule = idOf(`${GATEWAY}/natRules/x`)
    expect(scopesOf(rule).map(formatResourceId)).toEqual([
      `${GATEWAY}/natRules/x`,
      GATEWAY,
      GROUP,
      '/subscriptions/s',
      '/',
    ])
    expect(resourceGroupOf(rule)?.name).toBe('RG-One')
    expect(subscriptionOf(rule)).toBe('s')
    expect(isWithin(rule, idOf(GROUP.toLowerCase()))).toBe(true)
    expect(isWithin(idOf(GROUP), rule)).toBe(false)
    expect(isWithin(idOf(`${GROUP}2`), idOf(GROUP))).toBe(false)
    expect([parentOf({ type: 'tenant' }), resourceGroupOf(idOf('/')), subscriptionOf(idOf('/'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('has children', () => {
    const gateway = idOf(GATEWAY)
    if (gateway.type !== 'resource') throw new Error('no resource')
    expect(formatResourceId(childOf(gateway, 'natRules', 'x'))).toBe(`${GATEWAY}/natRules/x`)
  })
})

describe('what is not an id', () => {
  it.each([
    '',
    'subscriptions/s',
    '//subscriptions/s',
    '/subscriptions',
    '/subscriptions/s/',
    '/subscriptions/s/resourceGroups',
    '/subscriptions/s/resourceGroups/..',
    '/subscriptions/s/resourceGroups/../providers/Microsoft.Network/connections/c',
    '/subscriptions/s/resourceGroups/a%2Fb',
    '/subscriptions/s/resourceGroups/a\u0000b',
    '/subscriptions/s/resourceGroups/a\u202eb',
    '/subscriptions/s/resourceGroups/a\\b',
    '/subscriptions/s/resourceGroups/rg?x=1',
    '/subscriptions/s/wheels/w',
    `${GROUP}/providers`,
    `${GROUP}/providers/Microsoft.Network`,
    `${GROUP}/providers/Microsoft.Network/virtualNetworkGateways`,
    `${GATEWAY}/natRules`,
    `${GATEWAY}/providers/Microsoft.Authorization`,
    `/subscriptions/${'s'.repeat(261)}`,
    `/subscriptions/s${'/a/b'.repeat(20)}`,
    `/${'a'.repeat(3000)}`,
    'https://management.azure.com/subscriptions/s',
  ])('%j is refused with a line that says so', text => {
    const parsed = parseResourceId(text, 'properties.peer.id')
    expect(parsed).toMatchObject({ type: 'bad', fault: { path: 'properties.peer.id' } })
    expect(parsed.type === 'bad' && parsed.fault.problem).not.toMatch(/\p{C}/u)
  })
})
