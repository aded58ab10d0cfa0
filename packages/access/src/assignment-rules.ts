import { BUILT_IN_ROLE_IDS } from './built-in-roles.ts'
import { isObject } from './json-value.ts'
import { quote } from './quote.ts'
import { type AccessRefusal, refused } from './refusal.ts'
import { PRINCIPAL_TYPES, type PrincipalType, type RoleAssignment } from './role-assignment.ts'
import { isGuid, type RoleDefinition, roleDefinitionGuid } from './role-definition.ts'
import { coversScope, normalizeScope, readScope } from './scope.ts'

/** Azure's limits: role assignments of one subscription, and the text beside one. */
export const ASSIGNMENT_LIMITS = { assignments: 4_000, descriptionCharacters: 1_024 } as const

/** A role that somebody is to be given, with what there is already. */
export interface ProposedAssignment {
  /** ARM's `name` in the URL: a GUID. */
  readonly id: string
  /** Where: the part of the URL before `/providers/Microsoft.Authorization`. */
  readonly scope: string
  /** `properties` of the request's body, as it came. */
  readonly properties: unknown
  readonly definitions: readonly RoleDefinition[]
  readonly assignments: readonly RoleAssignment[]
  /** The type of a principal by its object id; `undefined`: there is none. An external tenant's are not known: `'unknown'`. */
  readonly principalType: (objectId: string) => PrincipalType | 'unknown' | undefined
  /** ISO 8601. */
  readonly now: string
  /** Object id of whoever asks. */
  readonly by: string
}

export type JudgedAssignment =
  | {
      readonly type: 'good'
      readonly assignment: RoleAssignment
      /** `created`: 201; `present`: the same is there already, 200 or 201 as it was the first time. */
      readonly outcome: 'created' | 'present'
    }
  | AccessRefusal

/**
 * Judges an assignment that is to be made. The caller has to see to it that whoever asks has
 * `Microsoft.Authorization/roleAssignments/write` at the scope.
 */
export function judgeRoleAssignment(proposed: ProposedAssignment): JudgedAssignment {
  const id = proposed.id.toLowerCase()
  if (!isGuid(id))
    return refused(
      'InvalidRoleAssignmentId',
      `The role assignment ID ${quote(proposed.id)} is not valid. The role assignment ID must be a GUID.`,
      'name',
    )
  const request = readRequest(proposed.properties)
  if (request.type === 'refused') return request
  const role = judgeRole(request.roleDefinitionId, proposed)
  if (role.type === 'refused') return role
  const principal = judgePrincipal(request, proposed)
  if (principal.type === 'refused') return principal
  const { now, by, scope } = proposed
  const stamps = { createdOn: now, updatedOn: now, createdBy: by, updatedBy: by }
  const { principalId, roleDefinitionId, description } = request
  const assignment: RoleAssignment = {
    id,
    principalId,
    principalType: principal.principalType,
    roleDefinitionId,
    scope,
    ...(description !== undefined && { description }),
    ...stamps,
  }
  return judgeAmong(assignment, proposed.assignments)
}

/**
 * Judges the removal of an assignment: `undefined` when it may go. The last Owner at the root stays: nobody else could
 * ever give that role again. `isLiving`: whether a principal can still sign in; whoever cannot does not count.
 */
export function judgeAssignmentRemoval(
  id: string,
  assignments: readonly RoleAssignment[],
  isLiving: (principalId: string) => boolean,
): AccessRefusal | undefined {
  const guid = id.toLowerCase()
  const assignment = assignments.find(present => present.id === guid)
  if (!assignment) return refused('RoleAssignmentNotFound', `The role assignment ${quote(id)} is not found.`)
  return judgeOwners([assignment], assignments, isLiving)
}

/** Judges the removal, or the disabling, of a principal: `undefined` when an Owner at the root remains. */
export function judgePrincipalRemoval(
  principalId: string,
  assignments: readonly RoleAssignment[],
  isLiving: (principalId: string) => boolean,
): AccessRefusal | undefined {
  const wanted = principalId.toLowerCase()
  const held = assignments.filter(assignment => assignment.principalId.toLowerCase() === wanted)
  return judgeOwners(held, assignments, isLiving)
}

function judgeOwners(
  leaving: readonly RoleAssignment[],
  assignments: readonly RoleAssignment[],
  isLiving: (principalId: string) => boolean,
): AccessRefusal | undefined {
  const isOwner = (assignment: RoleAssignment): boolean =>
    isRootOwner(assignment) && isLiving(assignment.principalId)
  if (!leaving.some(isOwner)) return undefined
  if (assignments.some(other => !leaving.includes(other) && isOwner(other))) return undefined
  return refused(
    'LastOwnerRequired',
    "This is the last Owner at the scope '/'. Give Owner there to another user or service principal first.",
  )
}

/** A group does not count: it may be empty. */
function isRootOwner({ roleDefinitionId, scope, principalType }: RoleAssignment): boolean {
  const isPerson = principalType === 'User' || principalType === 'ServicePrincipal'
  return (
    isPerson &&
    roleDefinitionGuid(roleDefinitionId) === BUILT_IN_ROLE_IDS.owner &&
    normalizeScope(scope) === '/'
  )
}

interface AssignmentRequest {
  readonly type: 'request'
  readonly principalId: string
  readonly principalType: PrincipalType | undefined
  readonly roleDefinitionId: string
  readonly description: string | undefined
}

function readRequest(properties: unknown): AssignmentRequest | AccessRefusal {
  if (!isObject(properties)) return content('is missing; give the properties of the assignment', 'properties')
  const { roleDefinitionId, principalId, principalType, description, condition } = properties
  if (typeof roleDefinitionId !== 'string') return content('is missing', 'properties.roleDefinitionId')
  if (typeof principalId !== 'string' || !isGuid(principalId))
    return refused(
      'InvalidPrincipalId',
      'A valid principal ID must be provided for role assignment: the object ID, which is a GUID.',
      'properties.principalId',
    )
  const type = PRINCIPAL_TYPES.find(known => known.toLowerCase() === String(principalType).toLowerCase())
  if (principalType !== undefined && principalType !== null && !type)
    return content(`must be one of ${PRINCIPAL_TYPES.join(', ')}`, 'properties.principalType')
  const most = ASSIGNMENT_LIMITS.descriptionCharacters
  const text = description ?? undefined
  if (text !== undefined && (typeof text !== 'string' || text.length > most))
    return content(`must be text of at most ${most} characters`, 'properties.description')
  if (condition !== undefined && condition !== null)
    return content('is not supported here: leave it out, and use a narrower scope', 'properties.condition')
  const ids = { principalId: principalId.toLowerCase(), roleDefinitionId }
  return { type: 'request', ...ids, principalType: type, description: text }
}

function judgeRole(
  id: string,
  { definitions, scope: text }: ProposedAssignment,
): RoleDefinition | AccessRefusal {
  const scope = readScope(text)
  if (scope.type === 'fault')
    return refused('InvalidScope', `The scope ${quote(text)} ${scope.problem}.`, 'scope')
  const guid = roleDefinitionGuid(id)
  const role = definitions.find(definition => definition.id === guid)
  if (!role)
    return refused(
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID ${quote(guid ?? id)} does not exist.`,
      'properties.roleDefinitionId',
    )
  if (role.assignableScopes.some(assignable => coversScope(assignable, text))) return role
  return refused(
    'RoleAssignmentScopeNotAssignableToRoleDefinition',
    `The role ${quote(role.roleName)} cannot be assigned at the scope ${quote(text)}. ` +
      `Its assignable scopes are ${role.assignableScopes.map(quote).join(', ')}.`,
    'scope',
  )
}

function judgePrincipal(
  { principalId, principalType: said }: AssignmentRequest,
  { principalType: lookUp }: ProposedAssignment,
): { readonly type: 'principal'; readonly principalType: PrincipalType } | AccessRefusal {
  const known = lookUp(principalId)
  if (known === undefined)
    return refused(
      'PrincipalNotFound',
      `Principal ${principalId} does not exist in the directory. Give the object ID, not the client ID.`,
      'properties.principalId',
    )
  if (known === 'unknown') return { type: 'principal', principalType: said ?? 'User' }
  if (said === undefined || said === known) return { type: 'principal', principalType: known }
  return refused(
    'UnmatchedPrincipalType',
    `The PrincipalId '${principalId}' has type '${known}', which is different from the specified PrincipalType '${said}'.`,
    'properties.principalType',
  )
}

function judgeAmong(assignment: RoleAssignment, assignments: readonly RoleAssignment[]): JudgedAssignment {
  const present = assignments.find(({ id }) => id === assignment.id)
  if (present) return judgeChange(present, assignment)
  if (assignments.some(other => isSameGrant(other, assignment)))
    return refused('RoleAssignmentExists', 'The role assignment already exists.')
  if (assignments.length >= ASSIGNMENT_LIMITS.assignments)
    return refused(
      'RoleAssignmentLimitExceeded',
      `No more role assignments can be created: there are ${assignments.length}. Remove some, or assign groups.`,
    )
  return { type: 'good', assignment, outcome: 'created' }
}

/** Of an assignment nothing but its description changes. */
function judgeChange(present: RoleAssignment, wanted: RoleAssignment): JudgedAssignment {
  if (!isSameGrant(present, wanted))
    return refused(
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, role definition and scope are not allowed to be updated. Remove the assignment and make another one.',
    )
  const { createdOn, createdBy, updatedOn, updatedBy } = present
  const isChanged = present.description !== wanted.description
  const stamps = isChanged ? { createdOn, createdBy } : { createdOn, createdBy, updatedOn, updatedBy }
  return { type: 'good', assignment: { ...wanted, ...stamps }, outcome: 'present' }
}

function isSameGrant(a: RoleAssignment, b: RoleAssignment): boolean {
  return (
    a.principalId.toLowerCase() === b.principalId.toLowerCase() &&
    roleDefinitionGuid(a.roleDefinitionId) === roleDefinitionGuid(b.roleDefinitionId) &&
    normalizeScope(a.scope) === normalizeScope(b.scope)
  )
}

function content(problem: string, target: string): AccessRefusal {
  return refused('InvalidRequestContent', `${target} ${problem}.`, target)
}
