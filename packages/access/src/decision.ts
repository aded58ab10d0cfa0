import {
  type ActionPattern,
  compileActionPattern,
  isAction,
  matchesAction,
  prepareAction,
} from './action-pattern.ts'
import type { RoleAssignment } from './role-assignment.ts'
import { type RoleDefinition, roleDefinitionGuid } from './role-definition.ts'
import { normalizeScope, scopesUpwards } from './scope.ts'

/** What somebody wants to do, and where. */
export interface AccessQuestion {
  /** Object ids of the caller and of the groups that it is in. */
  readonly principalIds: readonly string[]
  readonly scope: string
  /** One action, without wildcards: `Microsoft.Network/virtualNetworkGateways/write`. */
  readonly action: string
  /** `dataAction`: on what is inside a resource. A role's actions say nothing of them. */
  readonly kind: 'action' | 'dataAction'
}

export type AccessDecision =
  | { readonly type: 'allow'; readonly by: Grant }
  /** For the log; what the caller is told is `authorizationFailedMessage`. */
  | { readonly type: 'deny'; readonly reason: string }

/** The assignment that allows something: the first that was found, from the inside out. */
export interface Grant {
  readonly assignmentId: string
  readonly principalId: string
  readonly roleDefinitionId: string
  readonly roleName: string
  readonly scope: string
}

/** Definitions and assignments as they were at one moment, made ready to decide by. */
export interface AccessIndex {
  decide(question: AccessQuestion): AccessDecision
  /**
   * Patterns of everything that the principals hold at a scope, as ARM's `permissions` list answers it: one entry for
   * each role.
   */
  rolesAt(principalIds: readonly string[], scope: string): readonly RoleDefinition[]
}

export interface AccessRules {
  /** Built-in ones and custom ones. */
  readonly definitions: readonly RoleDefinition[]
  readonly assignments: readonly RoleAssignment[]
}

/**
 * Makes an index, which keeps nothing of what changes later: make another one after each change of a definition or an
 * assignment (1,000 assignments take about a millisecond), and the change holds from the next decision on.
 * Assignments of roles that are gone, or at what is no scope, grant nothing.
 */
export function createAccessIndex({ definitions, assignments }: AccessRules): AccessIndex {
  const roles = new Map(definitions.map(definition => [definition.id.toLowerCase(), compileRole(definition)]))
  const places = new Map<string, Holding[]>()
  for (const assignment of assignments) {
    const role = roles.get(roleDefinitionGuid(assignment.roleDefinitionId) ?? '')
    const scope = normalizeScope(assignment.scope)
    if (!role || scope === undefined) continue
    const key = placeKey(assignment.principalId, scope)
    const held = places.get(key)
    if (held) held.push({ assignment, role })
    else places.set(key, [{ assignment, role }])
  }
  return {
    decide: question => decideBy(places, question),
    rolesAt: (principalIds, scope) => [
      ...new Set(
        [...holdingsAt(places, principalIds, normalizeScope(scope))].map(({ role }) => role.definition),
      ),
    ],
  }
}

/** One decision by definitions and assignments that are used once; {@link createAccessIndex} is for many. */
export function decide(rules: AccessRules & AccessQuestion): AccessDecision {
  return createAccessIndex(rules).decide(rules)
}

/** A role whose patterns are ready. What it takes away is taken from all of it. */
interface CompiledRole {
  readonly definition: RoleDefinition
  readonly action: Patterns
  readonly dataAction: Patterns
}

interface Patterns {
  readonly granted: readonly ActionPattern[]
  readonly taken: readonly ActionPattern[]
}

interface Holding {
  readonly assignment: RoleAssignment
  readonly role: CompiledRole
}

function compileRole(definition: RoleDefinition): CompiledRole {
  const all = (
    list: (permission: RoleDefinition['permissions'][number]) => readonly string[],
  ): ActionPattern[] => definition.permissions.flatMap(list).map(compileActionPattern)
  return {
    definition,
    action: { granted: all(({ actions }) => actions), taken: all(({ notActions }) => notActions) },
    dataAction: {
      granted: all(({ dataActions }) => dataActions),
      taken: all(({ notDataActions }) => notDataActions),
    },
  }
}

function decideBy(places: ReadonlyMap<string, readonly Holding[]>, question: AccessQuestion): AccessDecision {
  const { action, kind, principalIds } = question
  if (!isAction(action)) return { type: 'deny', reason: 'what is asked for is no action' }
  const scope = normalizeScope(question.scope)
  if (scope === undefined) return { type: 'deny', reason: 'where it is asked for is no scope' }
  const prepared = prepareAction(action)
  let held = 0
  for (const { assignment, role } of holdingsAt(places, principalIds, scope)) {
    held++
    if (grants(role[kind], prepared)) return { type: 'allow', by: grantOf(assignment, role.definition) }
  }
  const reason = held === 0 ? 'no role at this scope or above' : `none of ${held} roles here has this ${kind}`
  return { type: 'deny', reason }
}

function* holdingsAt(
  places: ReadonlyMap<string, readonly Holding[]>,
  principalIds: readonly string[],
  scope: string | undefined,
): Iterable<Holding> {
  if (scope === undefined) return
  for (const place of scopesUpwards(scope))
    for (const principalId of principalIds) yield* places.get(placeKey(principalId, place)) ?? []
}

function grants({ granted, taken }: Patterns, prepared: string): boolean {
  const matches = (pattern: ActionPattern): boolean => matchesAction(pattern, prepared)
  return granted.some(matches) && !taken.some(matches)
}

function grantOf(assignment: RoleAssignment, role: RoleDefinition): Grant {
  const { id: assignmentId, principalId, scope } = assignment
  return { assignmentId, principalId, roleDefinitionId: role.id, roleName: role.roleName, scope }
}

function placeKey(principalId: string, scope: string): string {
  return `${principalId.toLowerCase()} ${scope}`
}
