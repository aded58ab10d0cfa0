export const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'] as const

export type PrincipalType = (typeof PRINCIPAL_TYPES)[number]

/** `Microsoft.Authorization/roleAssignments` without its envelope: who has which role where. */
export interface RoleAssignment {
  /** The GUID that is ARM's `name` of the resource, in lower case. */
  readonly id: string
  /** Object id of the user, group, service principal or managed identity. */
  readonly principalId: string
  readonly principalType: PrincipalType
  /** The role's GUID or ARM id: `roleDefinitionGuid` reads both. */
  readonly roleDefinitionId: string
  /** Where the role holds, and everywhere below. */
  readonly scope: string
  readonly description?: string
  /** ISO 8601, UTC. */
  readonly createdOn: string
  readonly updatedOn: string
  /** Object ids; empty: the installation itself. */
  readonly createdBy: string
  readonly updatedBy: string
}
