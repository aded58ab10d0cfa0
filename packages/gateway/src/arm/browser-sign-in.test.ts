import type { GatewaySettings } from '@causeway/api-contract'
import { describe, expect, it } from 'vitest'
import { type Change, configurationOf, faultsOf } from './documents.suite.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'

const entra = (
  vpnAuthenticationTypes = ['AAD'],
  aadTenant = `https://login.microsoftonline.com/${TENANT}`,
) => ({
  clients: {
    vpnAuthenticationTypes,
    aadTenant,
    aadIssuer: `https://sts.windows.net/${TENANT}/`,
    aadAudience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
  },
})
type Browser = NonNullable<NonNullable<GatewaySettings['entra']>['browser']>
const browser = (changes: Partial<Browser> = {}, settings: GatewaySettings = {}): GatewaySettings => ({
  hostNames: ['vpn.example'],
  ...settings,
  entra: { ...settings.entra, browser: { clientId: 'vpn', ...changes } },
})
const read = (settings: GatewaySettings, change: Change = entra()) => configurationOf(change, settings).entra

describe('sign-in through the browser', () => {
  it('is off where the settings say nothing of it', () => {
    expect(read({})?.browser).toBeUndefined()
  })

  it('is at the first name of the gateway by default', () => {
    expect(read(browser())?.browser).toEqual({
      clientId: 'vpn',
      publicUrl: 'https://vpn.example',
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      timeoutSeconds: 180,
      recheckSeconds: 900,
      sameAddress: true,
    })
  })

  it.each([
    [['198.51.100.7'], 'https://198.51.100.7:8443'],
    [['2001:db8::7'], 'https://[2001:db8::7]:8443'],
  ])('names the port of the TCP listener after %j', (hostNames, url) => {
    const listeners = [{ transport: 'tcp', address: '0.0.0.0', port: 8443 }] as const
    const settings = browser({}, { hostNames, listeners: [...listeners] })
    expect(read(settings)?.browser?.publicUrl).toBe(url)
  })

  it('takes an origin, with or without the slash', () => {
    const publicUrl = 'https://VPN.example:444/'
    expect(read(browser({ publicUrl }))?.browser?.publicUrl).toBe('https://vpn.example:444')
  })

  it('is at version 2.0 of Entra, and at a provider of its own where that is', () => {
    const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
    expect(read(browser())?.signInAt).toEqual({ authority: v2, issuer: v2 })
    const authority = 'https://login.test/t'
    expect(read(browser({}, { entra: { authority } }))?.signInAt).toEqual({
      authority,
      issuer: `https://sts.windows.net/${TENANT}/`,
    })
  })

  it.each([
    [
      'no AAD',
      browser(),
      entra(['Certificate']),
      'entra.browser: is for gateways where AAD serves OpenVPN; add',
    ],
    [
      'a secret that is not told',
      browser({ clientSecret: '[secret]' }),
      entra(),
      'clientSecret: is [secret], and',
    ],
    ['no openid', browser({ scopes: ['profile'] }), entra(), 'entra.browser.scopes: has no openid; add it'],
    [
      'too many questions',
      browser({ recheckSeconds: 9 }),
      entra(),
      'recheckSeconds: 9 is too often; give 10',
    ],
    ['no name', browser({}, { hostNames: [] }), entra(), 'publicUrl: is missing, and so are hostNames; give'],
    [
      'a path',
      browser({ publicUrl: 'https://a.test/vpn' }),
      entra(),
      "'https://a.test/vpn' is not an https URL",
    ],
    ['no TLS', browser({ publicUrl: 'http://a.test' }), entra(), "'http://a.test' is not an https URL"],
    ['a user', browser({ publicUrl: 'https://u@a.test' }), entra(), "'https://u@a.test' is not an https URL"],
    [
      'no TCP',
      browser({}, { listeners: [{ transport: 'udp', address: '0.0.0.0', port: 443 }] }),
      entra(),
      'listeners: has no TCP port, which browsers need; add one',
    ],
  ])('is refused with %s', (_what, settings, change, line) => {
    const lines = faultsOf(change, settings)
    expect(lines.filter(text => text.includes(line))).toHaveLength(1)
  })
})
