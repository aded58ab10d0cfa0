import { describe, expect, it } from 'vitest'
import { createOpenIdProvider } from '../provider/open-id-provider.ts'
import {
  createFakeProvider,
  createSigningKey,
  NOW,
  signToken,
  TENANT,
} from '../testing/fake-provider.suite.ts'
import { createTokenValidator } from '../token/token-validator.ts'
import { audienceRows, checkAudience } from './audiences.ts'
import { cloudNames, clouds, issuerV1, issuerV2 } from './clouds.ts'
import { type EntraConfiguration, readEntraConfiguration } from './entra-settings.ts'

const MICROSOFT_REGISTERED = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'
const CUSTOM = '0f0f0f0f-1111-4222-8333-444444444444'

const good: EntraConfiguration = {
  aadTenant: `https://login.microsoftonline.com/${TENANT}`,
  aadIssuer: `https://sts.windows.net/${TENANT}/`,
  aadAudience: MICROSOFT_REGISTERED,
}

describe('the table of audiences', () => {
  it('is that of the seed', () => {
    const lines = audienceRows.map(({ registration, cloud, audience, clients }) => {
      return [registration, cloud && clouds[cloud].name, audience, clients.join(' ')]
        .filter(Boolean)
        .join(' | ')
    })
    expect(lines).toEqual([
      'microsoft | Azure Public | c632b3df-fb67-4d84-bdcf-b95ad541b5c8 | Linux Windows macOS',
      'manual | Azure Public | 41b23e61-6c1e-4545-b367-cd054e0ed4b4 | Windows macOS',
      'manual | Azure Government | 51bb15d4-3a4f-4ebf-9dca-40096fe32426 | Windows macOS',
      'manual | Azure Germany | 538ee9e6-310a-468d-afef-ea97365856a9 | Windows macOS',
      'manual | Microsoft Azure operated by 21Vianet | 49f817b6-84ae-4cc0-928c-73f27289b3aa | Windows macOS',
      'custom | Linux Windows macOS',
    ])
  })

  it.each(audienceRows.flatMap(row => (row.audience ? [[row.audience, row] as const] : [])))(
    'knows %s, which tokens name as it is',
    (audience, row) => {
      expect(checkAudience(audience, row.cloud)).toEqual({ type: 'audience', row, accepted: [audience] })
      expect(checkAudience(audience.toUpperCase(), undefined)).toMatchObject({ accepted: [audience] })
    },
  )

  it.each([
    [CUSTOM, [CUSTOM, `api://${CUSTOM}`]],
    [CUSTOM.toUpperCase(), [CUSTOM, `api://${CUSTOM}`]],
    [`api://${CUSTOM}`, [CUSTOM, `api://${CUSTOM}`]],
    ['api://contoso.example/vpn', ['api://contoso.example/vpn']],
  ])('takes the custom app %s', (audience, accepted) => {
    const row = { registration: 'custom', clients: ['Linux', 'Windows', 'macOS'] }
    expect(checkAudience(audience, 'AzurePublic')).toMatchObject({ type: 'audience', row, accepted })
  })

  it.each([
    '',
    'vpn',
    'https://contoso.example',
    'api://',
    'api://a b',
    `{${CUSTOM}}`,
    `api://${'x'.repeat(300)}`,
  ])('refuses %j', audience => {
    const reason = expect.stringContaining('it is an App ID (a GUID) or an App ID URI (api://')
    expect(checkAudience(audience, 'AzurePublic')).toEqual({ type: 'fault', reason })
  })

  it('refuses the audience of another cloud, and says which is right', () => {
    expect(checkAudience('51bb15d4-3a4f-4ebf-9dca-40096fe32426', 'AzurePublic')).toEqual({
      type: 'fault',
      reason:
        'audience 51bb15d4-3a4f-4ebf-9dca-40096fe32426 is for Azure Government, the tenant is in Azure Public: use c632b3df-fb67-4d84-bdcf-b95ad541b5c8 or 41b23e61-6c1e-4545-b367-cd054e0ed4b4',
    })
    expect(checkAudience(MICROSOFT_REGISTERED, 'AzureChina').type).toBe('fault')
  })
})

describe('a configuration', () => {
  it('gives what a validator needs', () => {
    expect(readEntraConfiguration(good)).toEqual({
      type: 'settings',
      authority: `https://login.microsoftonline.com/${TENANT}`,
      tenant: TENANT,
      cloud: 'AzurePublic',
      issuers: [`https://sts.windows.net/${TENANT}/`],
      audiences: [MICROSOFT_REGISTERED],
      rows: [audienceRows[0]],
      browser: {
        authority: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      },
    })
  })

  it('judges tokens with what it gives', async () => {
    const settings = readEntraConfiguration(good)
    if (settings.type === 'refused') throw new Error('refused')
    const key = await createSigningKey('key-1')
    const keys = createOpenIdProvider({ ...settings, fetch: createFakeProvider(key).fetch })
    const validator = createTokenValidator({ ...settings, keys })
    expect(await validator.validate(await signToken(key), NOW)).toMatchObject({ type: 'allow' })
  })

  it('may end the tenant with a slash, and have it in capitals', () => {
    const aadTenant = 'https://login.microsoftonline.com/AAAAAAAA-2222-3333-4444-555555555555/'
    const aadIssuer = 'https://sts.windows.net/aaaaaaaa-2222-3333-4444-555555555555/'
    expect(readEntraConfiguration({ ...good, aadTenant, aadIssuer })).toMatchObject({
      authority: 'https://login.microsoftonline.com/aaaaaaaa-2222-3333-4444-555555555555',
      tenant: 'aaaaaaaa-2222-3333-4444-555555555555',
    })
  })

  it('may accept more audiences and v2 tokens', () => {
    const settings = readEntraConfiguration({
      ...good,
      furtherAudiences: ['41b23e61-6c1e-4545-b367-cd054e0ed4b4', `api://${CUSTOM}`],
      acceptV2Issuer: true,
    })
    expect(settings).toMatchObject({
      issuers: [good.aadIssuer, `https://login.microsoftonline.com/${TENANT}/v2.0`],
      audiences: [MICROSOFT_REGISTERED, '41b23e61-6c1e-4545-b367-cd054e0ed4b4', CUSTOM, `api://${CUSTOM}`],
    })
  })

  it.each(cloudNames.flatMap(cloud => clouds[cloud].authorityHosts.map(host => [host, cloud] as const)))(
    'of %s is in %s',
    (host, cloud) => {
      const aadAudience = audienceRows.find(row => row.cloud === cloud)?.audience ?? ''
      const aadTenant = `https://${host}/${TENANT}`
      const issuer = issuerV2(cloud, TENANT)
      for (const [aadIssuer, authority] of [
        [issuerV1(cloud, TENANT), aadTenant],
        [issuer, `${aadTenant}/v2.0`],
      ] as const) {
        const settings = readEntraConfiguration({ aadTenant, aadIssuer, aadAudience })
        const browser = { authority: `${aadTenant}/v2.0`, issuer }
        expect(settings).toMatchObject({ type: 'settings', cloud, authority, issuers: [aadIssuer], browser })
      }
    },
  )

  it('of another provider has its own issuer', () => {
    const aadTenant = `https://login.contoso.example:8443/${TENANT}/`
    const aadIssuer = 'https://issuer.contoso.example'
    expect(readEntraConfiguration({ aadTenant, aadIssuer, aadAudience: CUSTOM })).toMatchObject({
      authority: `https://login.contoso.example:8443/${TENANT}`,
      tenant: TENANT,
      cloud: undefined,
      issuers: [aadIssuer],
      browser: { authority: `https://login.contoso.example:8443/${TENANT}`, issuer: aadIssuer },
    })
    const bare = { aadTenant: 'https://login.contoso.example', aadIssuer, aadAudience: CUSTOM }
    expect(readEntraConfiguration(bare)).toMatchObject({ tenant: undefined })
  })

  it.each<[Partial<EntraConfiguration>, keyof EntraConfiguration, RegExp]>([
    [{ aadTenant: TENANT }, 'aadTenant', /not a URL: it looks like https:\/\/login/],
    [{ aadTenant: `http://login.microsoftonline.com/${TENANT}` }, 'aadTenant', /not an https URL/],
    [{ aadTenant: 'https://login.microsoftonline.com/common' }, 'aadTenant', /does not end in the id/],
    [{ aadTenant: 'https://login.microsoftonline.com/' }, 'aadTenant', /does not end in the id/],
    [{ aadTenant: `${good.aadTenant}/v2.0` }, 'aadTenant', /does not end in the id/],
    [{ aadTenant: `${good.aadTenant}?x=1` }, 'aadTenant', /goes on after the tenant/],
    [{ aadIssuer: good.aadIssuer.slice(0, -1) }, 'aadIssuer', /\(the slash at the end is missing\)$/],
    [{ aadIssuer: `https://sts.windows.net/${CUSTOM}/` }, 'aadIssuer', /not the issuer of this tenant/],
    [
      { aadIssuer: `https://sts.chinacloudapi.cn/${TENANT}/` },
      'aadIssuer',
      /in Azure Public: https:\/\/sts.windows/,
    ],
    [{ aadIssuer: 'me' }, 'aadIssuer', /not a URL/],
    [{ aadAudience: 'vpn' }, 'aadAudience', /no audience/],
    [{ furtherAudiences: ['49f817b6-84ae-4cc0-928c-73f27289b3aa'] }, 'furtherAudiences', /21Vianet/],
    [
      { furtherAudiences: Array.from({ length: 16 }, (_, i) => `api://app-${i}`) },
      'furtherAudiences',
      /at most 16 audiences/,
    ],
  ])('%j is refused', (changes, property, message) => {
    const problems = [{ property, message: expect.stringMatching(message) }]
    expect(readEntraConfiguration({ ...good, ...changes })).toEqual({ type: 'refused', problems })
  })

  it('is refused with all that is wrong', () => {
    const refused = readEntraConfiguration({ aadTenant: 'a', aadIssuer: 'b', aadAudience: 'c' })
    expect(refused.type === 'refused' && refused.problems.map(({ property }) => property)).toEqual([
      'aadTenant',
      'aadIssuer',
      'aadAudience',
    ])
  })
})
