import { readFileSync } from 'node:fs'
import { createAuthority, issue } from '../harness/certificates.ts'
import { createSigningKey, EntraTenant } from '../harness/entra-tenant.ts'
import { ipBatch, type Namespace } from '../harness/namespace.ts'
import { TENANT_USER } from './people.ts'

/** Where it is: somewhere on the internet, for clients and gateway alike. */
const ADDRESS = '10.77.9.9'
const TENANT = '11111111-2222-4333-8444-555555555555'
const ISSUER = `https://sts.windows.net/${TENANT}/`
/** The Azure VPN Client that Microsoft has registered. */
const AUDIENCE = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'

/** An Entra tenant as gateway and clients see it. */
export interface Tenant {
  /** `aadTenant`, `aadIssuer` and `aadAudience` of the gateway's document. */
  readonly properties: {
    readonly aadTenant: string
    readonly aadIssuer: string
    readonly aadAudience: string
  }
  /** `entra` of the settings: where it really is. */
  readonly settings: { readonly authority: string; readonly httpsAuthority: string }
  /** An access token for what a profile names. Errors: the profile names another tenant, or what the tenant answers. */
  token(tenant: string, audience: string): Promise<string>
  /** One that the gateway takes, for whoever has no profile. */
  anyToken(): Promise<string>
}

export async function startTenant(namespace: Namespace): Promise<Tenant> {
  await ipBatch(namespace, [`addr add ${ADDRESS}/32 dev lo`])
  const [authority, key] = await Promise.all([
    createAuthority('Tenant Root', 'ecp-256'),
    createSigningKey('first'),
  ])
  const names = { commonName: 'login.example', alternativeNames: [`IP:${ADDRESS}`] }
  const tenant = await EntraTenant.start({
    namespace,
    address: ADDRESS,
    credential: await issue(authority, { ...names, usage: 'serverAuth', key: 'ecp-256' }),
    endpoints: [{ tenantId: TENANT, path: `/${TENANT}`, issuer: ISSUER }],
    users: [TENANT_USER],
    apps: [{ clientId: AUDIENCE, redirectUris: [] }],
    keys: [key],
  })
  const url = `https://${ADDRESS}/${TENANT}`
  return {
    properties: {
      aadTenant: `https://login.microsoftonline.com/${TENANT}`,
      aadIssuer: ISSUER,
      aadAudience: AUDIENCE,
    },
    settings: { authority: url, httpsAuthority: readFileSync(authority.certificatePath, 'utf8') },
    token: async (wanted, audience) => {
      if (wanted !== `${url}/`) throw new Error(`${wanted} is not the tenant ${url}/`)
      return tenant.accessToken(TENANT_USER, audience)
    },
    anyToken: () => tenant.accessToken(TENANT_USER, AUDIENCE),
  }
}
