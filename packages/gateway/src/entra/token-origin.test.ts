import { expect, test } from 'vitest'
import type { TokenOrigin } from '../authentication/identity.ts'
import type { EntraConfiguration } from '../configuration.ts'
import { isAccepted, sameOrigins } from './token-origin.ts'

const CONFIGURATION: EntraConfiguration = {
  authority: 'https://login.test/one',
  tenantId: 'one',
  issuer: 'https://sts.test/one/',
  audience: 'a',
  audiences: ['a', 'b'],
  sessionSecondsPastExpiry: 0,
  signInAt: { authority: 'https://login.test/one/v2.0', issuer: 'https://login.test/one/v2.0' },
  browser: {
    clientId: 'vpn',
    publicUrl: 'https://vpn.test',
    scopes: ['openid'],
    timeoutSeconds: 180,
    recheckSeconds: 900,
    sameAddress: true,
  },
}
const { browser: _, ...WITHOUT_BROWSER } = CONFIGURATION
const TOKEN: TokenOrigin = { issuer: 'https://sts.test/one/', tenant: 'one', audiences: ['b'] }
const ID_TOKEN: TokenOrigin = { issuer: 'https://login.test/one/v2.0', tenant: 'one', audiences: ['vpn'] }

test.each([
  ['as it was', CONFIGURATION, true, true],
  ['another issuer', { ...CONFIGURATION, issuer: 'https://sts.test/two/' }, false, true],
  ['another tenant', { ...CONFIGURATION, tenantId: 'two' }, false, false],
  ['an audience less', { ...CONFIGURATION, audiences: ['a'] }, false, true],
  ['no browser any more', WITHOUT_BROWSER, true, false],
])(
  '%s: whether a token, and whether a sign-in through the browser, is still accepted',
  (_what, changed, token, idToken) => {
    expect([isAccepted(changed, TOKEN), isAccepted(changed, ID_TOKEN)]).toEqual([token, idToken])
    expect(sameOrigins(CONFIGURATION, changed)).toBe(token && idToken)
  },
)

test('a token for the gateway as a client of the provider is no access token, nor the other way round', () => {
  expect(isAccepted(CONFIGURATION, { ...TOKEN, audiences: ['vpn'] })).toBe(false)
  expect(isAccepted(CONFIGURATION, { ...ID_TOKEN, audiences: ['a'] })).toBe(false)
})

test('how long sessions last, and how often they are asked about, is no matter of trust', () => {
  expect(sameOrigins(CONFIGURATION, { ...CONFIGURATION, sessionSecondsPastExpiry: 7 })).toBe(true)
  expect(sameOrigins(CONFIGURATION, undefined)).toBe(false)
  expect(sameOrigins(undefined, undefined)).toBe(true)
})
