import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import {
  type Asked,
  apiWithGroup,
  assignment,
  GROUP,
  NOW,
  PEOPLE,
  type Person,
  TENANT,
  type TestApi,
  type Told,
  vaultPlane,
} from '../management-api.suite.ts'
import { RoleStore } from '../rights/role-store.ts'

export const DOMAIN = 'vault.example'
export const VAULTS = `${GROUP}/providers/Microsoft.KeyVault/vaults`
export const VAULT = `${VAULTS}/contoso`
export const HOST = `contoso.${DOMAIN}:8443`
export const URL_OF_VAULT = `https://${HOST}`
export const DAY = 86_400

/** The API with vaults, whose clock a test sets. */
export interface VaultTest extends TestApi {
  setTime(unixSeconds: number): void
  /** One request to a vault's data plane, as the owner; `host` names another vault. */
  tell(method: string, path: string, asked?: Asked & { readonly host?: string }): Promise<Told>
  makeVault(name: string, properties?: object): Promise<Told>
  /** Gives a role, and answers what takes it away again. */
  give(person: Person, roleDefinitionId: string, scope?: string): Promise<() => Promise<void>>
}

/** With the vault `contoso`, whose administrator is the owner. */
export async function vaultTest(): Promise<VaultTest> {
  let now = NOW
  const made = await apiWithGroup({ vaults: vaultPlane(DOMAIN), now: () => now })
  const roles = await RoleStore.open(made.store)
  let assignments = 100
  const test: VaultTest = {
    ...made,
    setTime: time => {
      now = time
    },
    tell: (method, path, { host = HOST, ...asked } = {}) =>
      made.ask(method, path, { version: '7.4', ...asked, headers: { host, ...asked.headers } }),
    makeVault: (name, properties = {}) =>
      made.ask('PUT', `${VAULTS}/${name}`, { body: vaultBody(properties), version: '2023-07-01' }),
    async give(person, roleDefinitionId, scope = VAULT) {
      assignments += 1
      const given = assignment(assignments, PEOPLE[person], roleDefinitionId, scope)
      await made.store.commit([roles.putAssignment(given)])
      return async () => void (await made.store.commit([roles.removeAssignment(given.id)]))
    },
  }
  await test.give('owner', BUILT_IN_ROLE_IDS.keyVaultAdministrator, GROUP)
  const told = await test.makeVault('contoso')
  if (told.status !== 201) throw new Error(JSON.stringify(told.body))
  return test
}

export function vaultBody(properties: object = {}): object {
  return {
    location: 'local',
    properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, ...properties },
  }
}

/** What makes a self-signed certificate. */
export function policyBody(changes: object = {}): object {
  return {
    policy: {
      issuer: { name: 'Self' },
      key_props: { kty: 'EC', crv: 'P-256' },
      x509_props: { subject: 'CN=vpn.example.org' },
      ...changes,
    },
  }
}
