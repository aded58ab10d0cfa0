import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TenantUser } from '../harness/entra-tenant-directory.ts'
import type { TenantEndpoint } from '../harness/entra-tenant-document.ts'
import { applyGateway, applySettings, expectInside } from '../harness/scenario.ts'
import { ALICE, AUDIENCE, BOB, GRACE, SALES, TENANT } from './people.ts'
import {
  type EntraChoice,
  type EntraScenario,
  entraDocument,
  entraSettings,
  openEntra,
  PUBLIC_CHOICE,
  serveEntra,
  TENANT_ADDRESS,
} from './scenario.ts'
import { dialWithToken, expectRefused } from './token-client.ts'

// Each row of Azure's table of audiences, and the groups of users, at one gateway that is configured anew for each.

interface Cloud extends TenantEndpoint {
  readonly name: string
  /** Host of `aadTenant`. */
  readonly host: string
}

const cloud = (name: string, host: string, issuerHost: string): Cloud => {
  const issuer = `https://${issuerHost}/${TENANT}/`
  return { name, host, tenantId: TENANT, path: `/${name}/${TENANT}`, issuer }
}

const PUBLIC = cloud('public', 'login.microsoftonline.com', 'sts.windows.net')
const GOVERNMENT = cloud('government', 'login.microsoftonline.us', 'sts.windows.net')
const GERMANY = cloud('germany', 'login.microsoftonline.de', 'sts.microsoftonline.de')
const CHINA = cloud('china', 'login.partner.microsoftonline.cn', 'sts.chinacloudapi.cn')
const CLOUDS = [PUBLIC, GOVERNMENT, GERMANY, CHINA]

const CUSTOM = '5e1c9a70-0d4b-4a55-8f3c-7b2f6c1d9e42'
const CUSTOM_URI = 'api://vpn.corp.example/gateway'

let scenario: EntraScenario

beforeAll(async () => {
  scenario = await openEntra({ endpoints: CLOUDS })
})

afterAll(async () => {
  await scenario?.tenant.stop()
  await scenario?.close()
})

function settingsOf({ path }: Cloud, more: GatewaySettings['entra'] = {}): GatewaySettings {
  return entraSettings(scenario, { authority: `https://${TENANT_ADDRESS}${path}`, ...more })
}

function choiceOf({ host, issuer }: Cloud, aadAudience: string): EntraChoice {
  return { aadTenant: `https://${host}/${TENANT}`, aadIssuer: issuer, aadAudience }
}

async function expectLetIn(user: TenantUser, audience: string, place: Cloud): Promise<void> {
  const mark = scenario.gateway.process.mark()
  const client = dialWithToken(scenario, await scenario.tenant.accessToken(user, audience, place))
  await client.connected()
  await expectInside(client)
  await scenario.gateway.logged(new RegExp(`"msg":"${user.upn} connected"`), 5_000, mark)
  await client.stop()
}

describe('an audience', () => {
  interface Row {
    readonly registration: string
    readonly place: Cloud
    readonly audience: string
    /** What tokens may name instead. */
    readonly alternative?: string
  }

  // The table of Azure's pages on P2S with Entra ID.
  test.each<Row>([
    { registration: 'of Microsoft', place: PUBLIC, audience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8' },
    { registration: 'by hand', place: PUBLIC, audience: '41b23e61-6c1e-4545-b367-cd054e0ed4b4' },
    { registration: 'by hand', place: GOVERNMENT, audience: '51bb15d4-3a4f-4ebf-9dca-40096fe32426' },
    { registration: 'by hand', place: GERMANY, audience: '538ee9e6-310a-468d-afef-ea97365856a9' },
    { registration: 'by hand', place: CHINA, audience: '49f817b6-84ae-4cc0-928c-73f27289b3aa' },
    { registration: 'of one’s own', place: CHINA, audience: CUSTOM_URI },
    { registration: 'of one’s own', place: PUBLIC, audience: CUSTOM, alternative: `api://${CUSTOM}` },
  ])('registered $registration, cloud $place.name: $audience', async row => {
    const { place, audience, alternative } = row
    await serveEntra(scenario, choiceOf(place, audience), settingsOf(place))
    await expectLetIn(ALICE, audience, place)
    if (alternative !== undefined) await expectLetIn(ALICE, alternative, place)

    const other = audience === AUDIENCE ? CUSTOM : AUDIENCE
    const token = await scenario.tenant.accessToken(ALICE, other, place)
    const wanted = [audience, ...(alternative === undefined ? [] : [alternative])]
    const logged = `audience "${other}" is not ${wanted.map(text => `"${text}"`).join(' or ')}`
    await expectRefused(scenario, token, { told: 'token for another application', logged })
  })

  test('of another cloud than the tenant is refused when it is configured', async () => {
    const choice = choiceOf(CHINA, AUDIENCE)
    await expect(applyGateway(scenario.gateway, entraDocument(scenario, choice))).rejects.toThrow(
      /audience c632b3df-\S+ is for Azure Public, the tenant is in Microsoft Azure operated by 21Vianet/,
    )
  })

  test('may be one of several, where the settings name more', async () => {
    const additionalAudiences = ['41b23e61-6c1e-4545-b367-cd054e0ed4b4']
    await serveEntra(scenario, PUBLIC_CHOICE, settingsOf(PUBLIC, { additionalAudiences }))
    for (const audience of [AUDIENCE, ...additionalAudiences]) await expectLetIn(ALICE, audience, PUBLIC)
  })
})

describe('a policy group', () => {
  const SALES_POOL = '172.20.0.'
  const EVERYBODY_POOL = '172.21.0.'

  beforeAll(async () => {
    await applySettings(scenario.gateway, settingsOf(PUBLIC))
    await applyGateway(scenario.gateway, withGroups(entraDocument(scenario, PUBLIC_CHOICE)))
  })

  /** Sales people have addresses of their own. */
  function withGroups(document: VirtualNetworkGateway): VirtualNetworkGateway {
    const { vpnClientConfiguration = {}, ...properties } = document.properties
    const policyMembers = [{ name: 'sales', attributeType: 'AADGroupId', attributeValue: SALES }]
    return {
      ...document,
      properties: {
        ...properties,
        virtualNetworkGatewayPolicyGroups: [
          { name: 'sales', properties: { isDefault: false, priority: 10, policyMembers } },
          { name: 'everybody', properties: { isDefault: true, priority: 20, policyMembers: [] } },
        ],
        vpnClientConfiguration: {
          ...vpnClientConfiguration,
          vngClientConnectionConfigurations: [
            connection('sales', `${SALES_POOL}0/24`),
            connection('everybody', `${EVERYBODY_POOL}0/24`),
          ],
        },
      },
    }
  }

  function connection(group: string, prefix: string) {
    const id = `/virtualNetworkGateways/interop/virtualNetworkGatewayPolicyGroups/${group}`
    return {
      name: group,
      properties: {
        vpnClientAddressPool: { addressPrefixes: [prefix] },
        virtualNetworkGatewayPolicyGroups: [{ id }],
      },
    }
  }

  const tokenOf = (user: TenantUser): Promise<string> => scenario.tenant.accessToken(user, AUDIENCE, PUBLIC)

  test('is that of one of the groups in the token', async () => {
    const client = dialWithToken(scenario, await tokenOf(BOB))
    expect((await client.connected()).address).toContain(SALES_POOL)
    await expectInside(client)
  })

  test('is the default one for who is in none', async () => {
    const client = dialWithToken(scenario, await tokenOf(ALICE))
    expect((await client.connected()).address).toContain(EVERYBODY_POOL)
  })

  test('is the default one for who is in more than fit into the token, and the log says so', async () => {
    const token = await tokenOf(GRACE)
    expect(token.length).toBeLessThan(1_700)
    const client = dialWithToken(scenario, token)
    expect((await client.connected()).address).toContain(EVERYBODY_POOL)
    await scenario.gateway.logged(new RegExp(`${GRACE.upn} has more groups than fit into the token`))
  })
})
