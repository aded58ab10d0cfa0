import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coversScope, normalizeScope, readScope, scopesUpwards } from './scope.ts'

const RG = '/subscriptions/0a1b/resourceGroups/Rg'
const GATEWAY = `${RG}/providers/Microsoft.Network/virtualNetworkGateways/gw`

describe('scopes', () => {
  it.each([
    ['/', 'root'],
    ['/subscriptions/0a1b', 'subscription'],
    ['/subscriptions/0a1b/', 'subscription'],
    [RG, 'resourceGroup'],
    [GATEWAY, 'resource'],
    [`${GATEWAY}/natRules/one`, 'resource'],
    [`${GATEWAY}/providers/Microsoft.Insights/diagnosticSettings/x`, 'resource'],
    ['/providers/Microsoft.Management/managementGroups/all', 'resource'],
    ['/subscriptions/0a1b/providers/Microsoft.Web/sites/x', 'resource'],
  ])('%s is a %s', (text, kind) => expect(readScope(text)).toMatchObject({ type: 'scope', kind }))

  it.each([
    '',
    'subscriptions/x',
    '//',
    '/subscriptions',
    '/subscriptions//resourceGroups/x',
    '/subscriptions/x/resourceGroups',
    '/subscriptions/x/resourceGroups/y/providers/Microsoft.Network',
    '/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/virtualNetworks',
    '/subscriptions/x/resourceGroups/y/../z',
    '/subscriptions/x/%2e%2e',
    '/subscriptions/x\n',
    '/subscriptions/x?y',
    '/elsewhere/x',
    `/subscriptions/${'x'.repeat(3_000)}`,
  ])('%j is none', text => expect(readScope(text)).toMatchObject({ type: 'fault' }))

  it('cover what is below by whole segments, whatever the case', () => {
    expect(coversScope(RG, GATEWAY.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'))).toBe(true)
    expect(coversScope(RG, `${RG}2`)).toBe(false)
    expect(coversScope(RG, RG)).toBe(true)
    expect(coversScope(GATEWAY, RG)).toBe(false)
    expect(coversScope('/', RG)).toBe(true)
    expect(coversScope(RG, '/')).toBe(false)
    expect(coversScope('/', 'no scope')).toBe(false)
  })

  const name = fc.stringMatching(/^[a-zA-Z0-9._()-]{1,6}$/).filter(text => !/^\.\.?$/.test(text))
  const path = fc.array(name, { maxLength: 6 }).map(names => `/${names.join('/')}`)

  it('cover exactly what is reached by going down', () => {
    fc.assert(
      fc.property(path, path, (outer, inner) => {
        const [above, below] = [names(outer), names(inner)]
        const isBelow = above.every((text, at) => text === below[at])
        expect(coversScope(outer, inner)).toBe(isBelow)
        expect(coversScope(outer, outer === '/' ? inner : `${outer}${inner}`)).toBe(true)
      }),
    )
  })

  it('list those above, innermost first, and each covers', () => {
    expect([...scopesUpwards('/subscriptions/s/resourcegroups/r')]).toEqual([
      '/subscriptions/s/resourcegroups/r',
      '/subscriptions/s/resourcegroups',
      '/subscriptions/s',
      '/subscriptions',
      '/',
    ])
    expect([...scopesUpwards('/')]).toEqual(['/'])
    fc.assert(
      fc.property(path, inner => {
        const upwards = [...scopesUpwards(normalizeScope(inner) ?? '')]
        expect(upwards).toHaveLength(names(inner).length + 1)
        for (const outer of upwards) expect(coversScope(outer, inner)).toBe(true)
      }),
    )
  })
})

function names(scope: string): string[] {
  return scope
    .toLowerCase()
    .split('/')
    .filter(text => text !== '')
}
