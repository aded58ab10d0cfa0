import { describe, expect, it } from 'vitest'
import { ALICE, assign, VAULT } from './access.suite.ts'
import { isPattern } from './action-pattern.ts'
import { BUILT_IN_ROLE_IDS, BUILT_IN_ROLES, type BuiltInRoleName } from './built-in-roles.ts'
import { type AccessQuestion, decide } from './decision.ts'
import { isGuid } from './role-definition.ts'

const ACTIONS = {
  readGateway: ['action', 'Microsoft.Network/virtualNetworkGateways/read'],
  writeGateway: ['action', 'Microsoft.Network/virtualNetworkGateways/write'],
  package: ['action', 'Microsoft.Network/virtualNetworkGateways/generatevpnclientpackage/action'],
  writeVault: ['action', 'Microsoft.KeyVault/vaults/write'],
  readVault: ['action', 'Microsoft.KeyVault/vaults/read'],
  purgeVault: ['action', 'Microsoft.KeyVault/locations/deletedVaults/purge/action'],
  writeIdentity: ['action', 'Microsoft.ManagedIdentity/userAssignedIdentities/write'],
  readIdentity: ['action', 'Microsoft.ManagedIdentity/userAssignedIdentities/read'],
  assignIdentity: ['action', 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'],
  readRoles: ['action', 'Microsoft.Authorization/roleAssignments/read'],
  assignRoles: ['action', 'Microsoft.Authorization/roleAssignments/write'],
  removeRoles: ['action', 'Microsoft.Authorization/roleAssignments/delete'],
  writeGroup: ['action', 'Microsoft.Resources/subscriptions/resourceGroups/write'],
  deploy: ['action', 'Microsoft.Resources/deployments/write'],
  readCertificate: ['dataAction', 'Microsoft.KeyVault/vaults/certificates/read'],
  importCertificate: ['dataAction', 'Microsoft.KeyVault/vaults/certificates/import/action'],
  purgeCertificate: ['dataAction', 'Microsoft.KeyVault/vaults/certificates/purge/action'],
  listSecrets: ['dataAction', 'Microsoft.KeyVault/vaults/secrets/readMetadata/action'],
  readSecret: ['dataAction', 'Microsoft.KeyVault/vaults/secrets/getSecret/action'],
  writeSecret: ['dataAction', 'Microsoft.KeyVault/vaults/secrets/setSecret/action'],
  readKey: ['dataAction', 'Microsoft.KeyVault/vaults/keys/read'],
} as const satisfies Record<string, readonly [AccessQuestion['kind'], string]>

const MANAGE_ALL = Object.entries(ACTIONS).flatMap(([name, [kind]]) => (kind === 'action' ? [name] : []))
const DATA_ALL = Object.entries(ACTIONS).flatMap(([name, [kind]]) => (kind === 'dataAction' ? [name] : []))
const READING = ['readGateway', 'readVault', 'readIdentity', 'readRoles']

/** All of the actions above that a role allows. */
const INTENT: Record<BuiltInRoleName, readonly string[]> = {
  owner: MANAGE_ALL,
  contributor: MANAGE_ALL.filter(name => name !== 'assignRoles' && name !== 'removeRoles'),
  reader: READING,
  userAccessAdministrator: [...READING, 'assignRoles', 'removeRoles'],
  networkContributor: ['readGateway', 'writeGateway', 'package', 'readRoles', 'deploy'],
  managedIdentityContributor: ['writeIdentity', 'readIdentity', 'readRoles', 'deploy'],
  managedIdentityOperator: ['readIdentity', 'assignIdentity', 'readRoles', 'deploy'],
  keyVaultContributor: ['writeVault', 'readVault', 'readRoles', 'deploy'],
  keyVaultAdministrator: ['readVault', 'readRoles', 'deploy', ...DATA_ALL],
  keyVaultReader: ['readVault', 'readRoles', 'deploy', 'readCertificate', 'listSecrets', 'readKey'],
  keyVaultCertificatesOfficer: [
    'readVault',
    'readRoles',
    'deploy',
    'readCertificate',
    'importCertificate',
    'purgeCertificate',
  ],
  keyVaultCertificateUser: ['readCertificate', 'listSecrets', 'readSecret', 'readKey'],
  keyVaultSecretsOfficer: ['readVault', 'readRoles', 'deploy', 'listSecrets', 'readSecret', 'writeSecret'],
  keyVaultSecretsUser: ['listSecrets', 'readSecret'],
}

describe('the built-in roles', () => {
  it.each(Object.keys(INTENT) as BuiltInRoleName[])('%s allows what it is for, and nothing else', name => {
    const assignments = [assign(BUILT_IN_ROLE_IDS[name], '/')]
    const allowed = Object.entries(ACTIONS).flatMap(([label, [kind, action]]) => {
      const question = { principalIds: [ALICE], scope: VAULT, kind, action }
      return decide({ definitions: BUILT_IN_ROLES, assignments, ...question }).type === 'allow' ? [label] : []
    })
    expect(allowed.sort()).toEqual([...INTENT[name]].sort())
  })

  it('have an id and a name of their own, and patterns that can match', () => {
    expect(new Set(BUILT_IN_ROLES.map(({ id }) => id)).size).toBe(Object.keys(BUILT_IN_ROLE_IDS).length)
    expect(new Set(BUILT_IN_ROLES.map(({ roleName }) => roleName)).size).toBe(BUILT_IN_ROLES.length)
    for (const { id, permissions, assignableScopes } of BUILT_IN_ROLES) {
      expect(isGuid(id)).toBe(true)
      expect(assignableScopes).toEqual(['/'])
      for (const lists of permissions)
        for (const pattern of Object.values(lists).flat()) expect(isPattern(pattern)).toBe(true)
    }
  })
})
