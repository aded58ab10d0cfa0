/** Codes with which a change of roles is refused, ARM's where the comment does not say ours, and their HTTP status. */
export const ACCESS_REFUSAL_STATUS = {
  /** A property is missing or has another type than it must have. */
  InvalidRequestContent: 400,
  InvalidRoleDefinitionId: 400,
  InvalidRoleDefinitionName: 400,
  InvalidActionOrNotAction: 400,
  InvalidAssignableScope: 400,
  RoleDefinitionWithSameNameExists: 409,
  RoleDefinitionLimitExceeded: 400,
  RoleDefinitionDoesNotExist: 404,
  RoleDefinitionHasAssignments: 409,
  /** Ours: Azure's own roles can be neither changed nor removed. */
  BuiltInRoleNotChangeable: 409,
  InvalidRoleAssignmentId: 400,
  InvalidPrincipalId: 400,
  InvalidScope: 400,
  PrincipalNotFound: 400,
  UnmatchedPrincipalType: 400,
  RoleAssignmentScopeNotAssignableToRoleDefinition: 400,
  RoleAssignmentUpdateNotPermitted: 400,
  RoleAssignmentExists: 409,
  RoleAssignmentLimitExceeded: 400,
  RoleAssignmentNotFound: 404,
  /** Ours: somebody must be left who can give roles. */
  LastOwnerRequired: 409,
} as const

export type AccessRefusalCode = keyof typeof ACCESS_REFUSAL_STATUS

/** A change of roles that is not made. */
export interface AccessRefusal {
  readonly type: 'refused'
  readonly code: AccessRefusalCode
  readonly status: number
  /** One line: what is wrong, and what to do. */
  readonly message: string
  /** The property, as `properties.permissions[0].actions[2]`. */
  readonly target?: string
}

export function refused(code: AccessRefusalCode, message: string, target?: string): AccessRefusal {
  const status = ACCESS_REFUSAL_STATUS[code]
  return { type: 'refused', code, status, message, ...(target !== undefined && { target }) }
}
