import { isPattern } from './action-pattern.ts'
import { isObject, isTextList } from './json-value.ts'
import { quote } from './quote.ts'
import { type AccessRefusal, refused } from './refusal.ts'
import type { RoleAssignment } from './role-assignment.ts'
import { isGuid, type RoleDefinition, type RolePermission, roleDefinitionGuid } from './role-definition.ts'
import { readScope } from './scope.ts'

/** Azure's limits: Microsoft Learn, "Azure custom roles". */
export const DEFINITION_LIMITS = {
  customRoles: 5_000,
  nameCharacters: 512,
  descriptionCharacters: 2_048,
  /** Ours, as are the following: a definition is looked at whole. */
  permissions: 16,
  patterns: 1_000,
  assignableScopes: 2_000,
} as const

/** A custom role as somebody puts it, with what there is already. */
export interface ProposedDefinition {
  /** ARM's `name` in the URL: a GUID. */
  readonly id: string
  /** `properties` of the request's body, as it came. */
  readonly properties: unknown
  /** All definitions, built-in ones and custom ones. */
  readonly definitions: readonly RoleDefinition[]
}

/**
 * Judges a custom role that is to be made or changed. The caller has to see to it that whoever asks has
 * `Microsoft.Authorization/roleDefinitions/write` at every scope of `assignableScopes` of the answer, and, for a change,
 * of the present definition.
 */
export function judgeRoleDefinition(
  proposed: ProposedDefinition,
): { readonly type: 'good'; readonly definition: RoleDefinition } | AccessRefusal {
  const id = proposed.id.toLowerCase()
  if (!isGuid(id))
    return refused(
      'InvalidRoleDefinitionId',
      `The role definition ID ${quote(proposed.id)} is not valid. The role definition ID must be a GUID.`,
      'name',
    )
  const present = proposed.definitions.find(definition => definition.id === id)
  if (present?.type === 'BuiltInRole') return builtIn(present)
  const definition = readDefinition(id, proposed.properties)
  if (definition.type === 'refused') return definition
  return judgeAmong(definition, proposed.definitions, present !== undefined) ?? { type: 'good', definition }
}

/** Judges the removal of a role: `undefined` when it may go. */
export function judgeDefinitionRemoval(
  id: string,
  definitions: readonly RoleDefinition[],
  assignments: readonly RoleAssignment[],
): AccessRefusal | undefined {
  const guid = id.toLowerCase()
  const definition = definitions.find(present => present.id === guid)
  if (!definition) return refused('RoleDefinitionDoesNotExist', `There is no role definition ${quote(id)}.`)
  if (definition.type === 'BuiltInRole') return builtIn(definition)
  const holders = assignments.filter(({ roleDefinitionId }) => roleDefinitionGuid(roleDefinitionId) === guid)
  if (holders.length === 0) return undefined
  return refused(
    'RoleDefinitionHasAssignments',
    `There are existing role assignments referencing role ${quote(definition.roleName)} (${holders.length}). Remove them first.`,
  )
}

function builtIn({ roleName }: RoleDefinition): AccessRefusal {
  return refused(
    'BuiltInRoleNotChangeable',
    `${quote(roleName)} is a built-in role, which cannot be changed or removed. Make a custom role under another ID.`,
    'name',
  )
}

function judgeAmong(
  { id, roleName }: RoleDefinition,
  definitions: readonly RoleDefinition[],
  isChange: boolean,
): AccessRefusal | undefined {
  const folded = roleName.toLowerCase()
  if (definitions.some(other => other.id !== id && other.roleName.toLowerCase() === folded))
    return refused(
      'RoleDefinitionWithSameNameExists',
      `A role definition cannot be updated with a name that already exists: ${quote(roleName)}. Use another roleName.`,
      'properties.roleName',
    )
  const custom = definitions.filter(({ type }) => type === 'CustomRole').length
  if (!isChange && custom >= DEFINITION_LIMITS.customRoles)
    return refused(
      'RoleDefinitionLimitExceeded',
      `There are ${custom} custom roles, which is the most. Remove one that is not used.`,
    )
  return undefined
}

function readDefinition(id: string, properties: unknown): RoleDefinition | AccessRefusal {
  if (!isObject(properties)) return content('is missing; give the properties of the role', 'properties')
  const { roleName, description = '', type = 'CustomRole', permissions, assignableScopes } = properties
  if (typeof type !== 'string' || type.toLowerCase() !== 'customrole')
    return content("must be 'CustomRole'", 'properties.type')
  if (typeof roleName !== 'string' || roleName.trim() === '')
    return refused(
      'InvalidRoleDefinitionName',
      'properties.roleName is missing; give the role a name.',
      'properties.roleName',
    )
  if (roleName.length > DEFINITION_LIMITS.nameCharacters)
    return refused(
      'InvalidRoleDefinitionName',
      `properties.roleName has more than ${DEFINITION_LIMITS.nameCharacters} characters.`,
      'properties.roleName',
    )
  if (typeof description !== 'string' || description.length > DEFINITION_LIMITS.descriptionCharacters)
    return content(
      `must be text of at most ${DEFINITION_LIMITS.descriptionCharacters} characters`,
      'properties.description',
    )
  const scopes = readAssignableScopes(assignableScopes)
  if ('type' in scopes) return scopes
  const read = readPermissions(permissions)
  if ('type' in read) return read
  return { id, roleName, description, type: 'CustomRole', permissions: read, assignableScopes: scopes }
}

function readAssignableScopes(value: unknown): readonly string[] | AccessRefusal {
  const target = 'properties.assignableScopes'
  const most = DEFINITION_LIMITS.assignableScopes
  if (!isTextList(value) || value.length === 0 || value.length > most)
    return content(`must be a list of 1 to ${most} scopes, such as '/subscriptions/ID'`, target)
  for (const [at, text] of value.entries()) {
    const scope = readScope(text)
    if (scope.type === 'fault' || scope.kind === 'root') {
      const problem = scope.type === 'fault' ? scope.problem : 'is the root, which only built-in roles have'
      return refused(
        'InvalidAssignableScope',
        `The assignable scope ${quote(text)} ${problem}. Use '/subscriptions/ID' or a resource group or resource below it.`,
        `${target}[${at}]`,
      )
    }
  }
  return value
}

const LISTS = ['actions', 'notActions', 'dataActions', 'notDataActions'] as const

function readPermissions(value: unknown): readonly RolePermission[] | AccessRefusal {
  const target = 'properties.permissions'
  const most = DEFINITION_LIMITS.permissions
  if (!Array.isArray(value) || value.length === 0 || value.length > most)
    return content(`must be a list of 1 to ${most} objects with ${LISTS.join(', ')}`, target)
  const permissions: RolePermission[] = []
  for (const [at, entry] of value.entries()) {
    const permission = readPermission(entry, `${target}[${at}]`)
    if ('type' in permission) return permission
    permissions.push(permission)
  }
  if (permissions.every(({ actions, dataActions }) => actions.length + dataActions.length === 0))
    return content('must grant something: give actions or dataActions', target)
  return permissions
}

function readPermission(value: unknown, target: string): RolePermission | AccessRefusal {
  if (!isObject(value)) return content(`must be an object with ${LISTS.join(', ')}`, target)
  const { condition } = value
  if (condition !== undefined && condition !== null)
    return content('is not supported here: leave it out, and grant less instead', `${target}.condition`)
  const permission = { actions: [], notActions: [], dataActions: [], notDataActions: [] } as Record<
    (typeof LISTS)[number],
    readonly string[]
  >
  for (const name of LISTS) {
    const list = readPatterns(value[name] ?? [], `${target}.${name}`)
    if ('type' in list) return list
    permission[name] = list
  }
  return permission
}

function readPatterns(value: unknown, target: string): readonly string[] | AccessRefusal {
  const most = DEFINITION_LIMITS.patterns
  if (!isTextList(value) || value.length > most)
    return content(`must be a list of at most ${most} actions`, target)
  const wrong = value.findIndex(pattern => !isPattern(pattern))
  if (wrong < 0) return value
  return refused(
    'InvalidActionOrNotAction',
    `${quote(value[wrong] ?? '')} does not match any of the actions supported by the providers. ` +
      "Use 'Microsoft.Network/virtualNetworkGateways/read', or '*' for any part of it.",
    `${target}[${wrong}]`,
  )
}

function content(problem: string, target: string): AccessRefusal {
  return refused('InvalidRequestContent', `${target} ${problem}.`, target)
}
