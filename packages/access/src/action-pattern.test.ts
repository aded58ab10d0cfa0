import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileActionPattern, isAction, isPattern, matchesAction, prepareAction } from './action-pattern.ts'

const matches = (pattern: string, action: string) =>
  matchesAction(compileActionPattern(pattern), prepareAction(action))

describe('patterns of actions', () => {
  it.each([
    ['*', 'Microsoft.Network/virtualNetworks/read'],
    ['*/read', 'Microsoft.Network/virtualNetworks/subnets/read'],
    ['Microsoft.Network/*', 'Microsoft.Network/virtualNetworks/subnets/join/action'],
    ['microsoft.network/VIRTUALNETWORKS/READ', 'Microsoft.Network/virtualNetworks/read'],
    ['Microsoft.Network/virtualNetworks/*/read', 'Microsoft.Network/virtualNetworks/subnets/read'],
    ['Microsoft.Network/*/subnets/*', 'Microsoft.Network/virtualNetworks/subnets/join/action'],
    ['Microsoft.Network/virtual*/write', 'Microsoft.Network/virtualNetworkGateways/write'],
    // Between slashes an asterisk may be nothing: Azure's roles rely on it.
    ['Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaults/read'],
    ['a/*/assign/action', 'a/assign/action'],
    ['a/*/b/*/c', 'a/b/c'],
  ])('%s matches %s', (pattern, action) => expect(matches(pattern, action)).toBe(true))

  it.each([
    ['*/read', 'Microsoft.Network/virtualNetworks/write'],
    ['*/read', 'Microsoft.Network/virtualNetworks/unread'],
    ['Microsoft.Network/*', 'Microsoft.NetworkAnalytics/x/read'],
    ['Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/read/action'],
    ['Microsoft.Network/virtualNetworks', 'Microsoft.Network/virtualNetworks/read'],
    ['Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaultsx/read'],
    ['Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaults/xread'],
    ['a/*/b/*/b', 'a/b'],
    ['ab*ba', 'aba'],
    ['', 'a/b'],
  ])('%s does not match %s', (pattern, action) => expect(matches(pattern, action)).toBe(false))

  it('take a dot for a dot', () =>
    expect(matches('Microsoft.Network/*', 'MicrosoftxNetwork/x/read')).toBe(false))

  it('say the same as a matcher that tries everything', () => {
    const segment = fc.stringMatching(/^[ab]{1,2}$/)
    const action = fc.array(segment, { minLength: 1, maxLength: 5 }).map(names => names.join('/'))
    const piece = fc.oneof(
      { weight: 3, arbitrary: segment },
      { weight: 2, arbitrary: fc.stringMatching(/^[ab]?\*[ab]?$/) },
    )
    const pattern = fc
      .array(piece, { minLength: 1, maxLength: 5 })
      .map(names => names.join('/'))
      .filter(text => !text.includes('/*/*/'))
    fc.assert(
      fc.property(pattern, action, (some, one) => {
        expect(matches(some, one)).toBe(triesEverything(some, one))
      }),
      { numRuns: 5_000 },
    )
  })

  it('are matched in a time that grows with their length alone', () => {
    const pattern = compileActionPattern(`${'a*'.repeat(250)}b`)
    const action = prepareAction('a'.repeat(100_000))
    const started = performance.now()
    expect(matchesAction(pattern, action)).toBe(false)
    expect(performance.now() - started).toBeLessThan(200)
  })

  it('are told from texts that are none', () => {
    for (const good of ['*', '*/read', 'Microsoft.Network/*', 'A/b/c*d']) expect(isPattern(good)).toBe(true)
    for (const bad of [
      '',
      '/',
      'a',
      'a//b',
      '/a',
      'a/',
      'a b/c',
      'a/?',
      'a/(b+)+',
      `a/${'b'.repeat(600)}`,
      'ä/b',
    ])
      expect(isPattern(bad)).toBe(false)
    expect(isAction('Microsoft.Network/virtualNetworks/read')).toBe(true)
    for (const bad of ['*', 'a/*', 'a', '', 'a//b']) expect(isAction(bad)).toBe(false)
  })
})

/** Plain recursion over both texts, and over every way in which an asterisk between slashes is nothing. */
function triesEverything(pattern: string, action: string): boolean {
  if (globs(pattern, action)) return true
  for (let at = pattern.indexOf('/*/'); at >= 0; at = pattern.indexOf('/*/', at + 1))
    if (triesEverything(`${pattern.slice(0, at)}/${pattern.slice(at + 3)}`, action)) return true
  return false
}

function globs(pattern: string, action: string): boolean {
  if (pattern === '') return action === ''
  if (pattern[0] === '*')
    return globs(pattern.slice(1), action) || (action !== '' && globs(pattern, action.slice(1)))
  return pattern[0] === action[0] && action !== '' && globs(pattern.slice(1), action.slice(1))
}
