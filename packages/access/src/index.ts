/** Role-based access control: Azure's roles, assignments and scopes as data, and decisions by them. */

export type { ActionPattern } from './action-pattern.ts'
export { compileActionPattern, isAction, isPattern, matchesAction, prepareAction } from './action-pattern.ts'
export {
  ASSIGNMENT_LIMITS,
  type JudgedAssignment,
  judgeAssignmentRemoval,
  judgePrincipalRemoval,
  judgeRoleAssignment,
  type ProposedAssignment,
} from './assignment-rules.ts'
export { authorizationFailedMessage, type RefusedClient } from './authorization-failed.ts'
export { BUILT_IN_ROLE_IDS, BUILT_IN_ROLES, type BuiltInRoleName } from './built-in-roles.ts'
export {
  type AccessDecision,
  type AccessIndex,
  type AccessQuestion,
  type AccessRules,
  createAccessIndex,
  decide,
  type Grant,
} from './decision.ts'
export {
  DEFINITION_LIMITS,
  judgeDefinitionRemoval,
  judgeRoleDefinition,
  type ProposedDefinition,
} from './definition-rules.ts'
export { ACCESS_REFUSAL_STATUS, type AccessRefusal, type AccessRefusalCode } from './refusal.ts'
export { PRINCIPAL_TYPES, type PrincipalType, type RoleAssignment } from './role-assignment.ts'
export {
  isGuid,
  ROLE_DEFINITION_TYPE,
  ROLE_TYPES,
  type RoleDefinition,
  type RolePermission,
  type RoleType,
  roleDefinitionGuid,
} from './role-definition.ts'
export {
  coversScope,
  normalizeScope,
  readScope,
  type Scope,
  type ScopeFault,
  type ScopeKind,
} from './scope.ts'
