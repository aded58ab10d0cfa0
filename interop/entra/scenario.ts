import { readFileSync } from 'node:fs'
import type { AuthenticationType, GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { Profiles } from '../harness/causeway.ts'
import { type Credential, createAuthority, issue } from '../harness/certificates.ts'
import { createSigningKey, EntraTenant } from '../harness/entra-tenant.ts'
import type { TenantApp, TenantEndpoint } from '../harness/entra-tenant-document.ts'
import { ipBatch } from '../harness/namespace.ts'
import {
  applyGateway,
  applySettings,
  gatewayDocument,
  openScenario,
  type Scenario,
} from '../harness/scenario.ts'
import { AUDIENCE, ISSUER, PEOPLE, TENANT } from './people.ts'

/** Where the tenant is: somewhere on the internet, for clients and gateway alike. */
export const TENANT_ADDRESS = '10.77.9.9'

export interface EntraScenario extends Scenario {
  readonly tenant: EntraTenant
  /** Whose root the tenant's certificate leads to. */
  readonly authority: Credential
  /** The profile of somebody who has a certificate too. */
  readonly profiles: Profiles
}

export interface EntraScenarioOptions {
  readonly clients?: number
  readonly endpoints: readonly TenantEndpoint[]
  readonly apps?: readonly TenantApp[]
}

/** Entra's own endpoints of a tenant: version 1.0, and 2.0. */
export function entraEndpoints(tenantId: string, issuer: string): readonly [TenantEndpoint, TenantEndpoint] {
  const path = `/${tenantId}`
  const v2 = { tenantId, path: `${path}/v2.0`, issuer: `https://login.microsoftonline.com${path}/v2.0` }
  return [{ tenantId, path, issuer }, v2]
}

/** A tenant, and a gateway that is not told of it yet. */
export async function openEntra(options: EntraScenarioOptions): Promise<EntraScenario> {
  const { clients = 1, endpoints, apps = [] } = options
  const [authority, key, scenario] = await Promise.all([
    createAuthority('Tenant Root', 'ecp-256'),
    createSigningKey('first'),
    openScenario({ clients }),
  ])
  try {
    const { topology, gateway } = scenario
    await ipBatch(topology.router, [`addr add ${TENANT_ADDRESS}/32 dev lo`])
    const [tenant, profiles] = await Promise.all([
      EntraTenant.start({
        namespace: topology.router,
        address: TENANT_ADDRESS,
        credential: await tenantCredential(authority),
        endpoints,
        users: PEOPLE,
        // Asks for tokens by itself.
        apps: [{ clientId: AUDIENCE, redirectUris: [] }, ...apps],
        keys: [key],
      }),
      gateway.addClient('carol'),
    ])
    return { ...scenario, tenant, authority, profiles }
  } catch (error) {
    await scenario.close()
    throw error
  }
}

function tenantCredential(authority: Credential): Promise<Credential> {
  const names = { commonName: 'login.example', alternativeNames: [`IP:${TENANT_ADDRESS}`] }
  return issue(authority, { ...names, usage: 'serverAuth', key: 'ecp-256' })
}

/** The Entra part of the settings: how the tenant is found in place of Microsoft's hosts, and trusted. */
export function entraSettings(
  { authority }: Pick<EntraScenario, 'authority'>,
  more: GatewaySettings['entra'] = {},
): GatewaySettings {
  const httpsAuthority = readFileSync(authority.certificatePath, 'utf8')
  return { entra: { httpsAuthority, ...more } }
}

export interface EntraChoice {
  readonly aadTenant: string
  readonly aadIssuer: string
  readonly aadAudience: string
  /** Entra ID alone by default. */
  readonly types?: readonly AuthenticationType[]
}

/** At Microsoft's public cloud. */
export const PUBLIC_CHOICE: EntraChoice = {
  aadTenant: `https://login.microsoftonline.com/${TENANT}`,
  aadIssuer: ISSUER,
  aadAudience: AUDIENCE,
}

/** The ARM resource with Entra ID. */
export function entraDocument(scenario: Scenario, choice: EntraChoice): VirtualNetworkGateway {
  const { types = ['AAD'], ...aad } = choice
  const document = gatewayDocument(scenario.gateway, [])
  const { vpnClientConfiguration = {}, ...properties } = document.properties
  return {
    ...document,
    properties: {
      ...properties,
      vpnClientConfiguration: { ...vpnClientConfiguration, ...aad, vpnAuthenticationTypes: [...types] },
    },
  }
}

/** The gateway takes tokens of a tenant from here on, and fetches its keys anew. */
export async function serveEntra(
  scenario: EntraScenario,
  choice: EntraChoice,
  settings: GatewaySettings,
): Promise<void> {
  await applyGateway(scenario.gateway, entraDocument(scenario, choice))
  await applySettings(scenario.gateway, settings)
}

/** A session as `causeway sessions --json` lists it. */
export interface ListedSession {
  readonly id: string
  readonly user: string
  readonly protocol: string
  readonly innerAddresses: readonly string[]
}

export async function sessionsOf({ gateway }: Scenario): Promise<readonly ListedSession[]> {
  const { sessions } = await gateway.json<{ sessions: ListedSession[] }>('sessions')
  return sessions
}
