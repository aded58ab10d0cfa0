import type { RoleAssignment } from './role-assignment.ts'
import type { RoleDefinition, RolePermission } from './role-definition.ts'

/** The places and people that the tests speak of. */
export const SUBSCRIPTION = '/subscriptions/11111111-0000-4000-8000-000000000001'
export const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`
export const GATEWAY = `${GROUP}/providers/Microsoft.Network/virtualNetworkGateways/gw`
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv`
export const ALICE = 'aaaaaaaa-0000-4000-8000-000000000001'
export const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
export const TEAM = 'cccccccc-0000-4000-8000-000000000003'
export const NOW = '2026-11-22T12:00:00Z'

let made = 0

/** A GUID that no other call gave. */
export function newGuid(): string {
  made++
  return `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`
}

export function assign(
  roleDefinitionId: string,
  scope: string,
  principalId: string = ALICE,
  changes: Partial<RoleAssignment> = {},
): RoleAssignment {
  const stamps = { createdOn: NOW, updatedOn: NOW, createdBy: '', updatedBy: '' }
  return { id: newGuid(), principalId, principalType: 'User', roleDefinitionId, scope, ...stamps, ...changes }
}

export function customRole(
  permission: Partial<RolePermission>,
  changes: Partial<RoleDefinition> = {},
): RoleDefinition {
  return {
    id: newGuid(),
    roleName: `Custom ${made}`,
    description: '',
    type: 'CustomRole',
    permissions: [{ actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission }],
    assignableScopes: [SUBSCRIPTION],
    ...changes,
  }
}
