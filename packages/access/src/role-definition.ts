/** What a role allows and takes away again, in patterns of actions such as `Microsoft.KeyVault/vaults/read` or `*`. */
export interface RolePermission {
  /** Management operations. */
  readonly actions: readonly string[]
  /** Taken away from `actions` of this role; another role may still grant them. */
  readonly notActions: readonly string[]
  /** Operations on data inside a resource: a vault's secrets. */
  readonly dataActions: readonly string[]
  readonly notDataActions: readonly string[]
}

export const ROLE_TYPES = ['BuiltInRole', 'CustomRole'] as const

export type RoleType = (typeof ROLE_TYPES)[number]

/** `Microsoft.Authorization/roleDefinitions` without its envelope. */
export interface RoleDefinition {
  /** The GUID that is ARM's `name` of the resource, in lower case. */
  readonly id: string
  /** Unique among all roles, whatever its case. */
  readonly roleName: string
  readonly description: string
  readonly type: RoleType
  readonly permissions: readonly RolePermission[]
  /** Scopes at or below which the role may be assigned. Only built-in roles have `/`. */
  readonly assignableScopes: readonly string[]
}

export const ROLE_DEFINITION_TYPE = 'Microsoft.Authorization/roleDefinitions'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether `text` is a GUID, in either case and without braces. */
export function isGuid(text: string): boolean {
  return GUID.test(text)
}

/**
 * The GUID, in lower case, of a role definition named by its GUID or by its ARM id at any scope
 * (`/subscriptions/S/providers/Microsoft.Authorization/roleDefinitions/GUID`): clients write either. `undefined`
 * when it is neither.
 */
export function roleDefinitionGuid(id: string): string | undefined {
  const at = id.lastIndexOf('/')
  const guid = id.slice(at + 1).toLowerCase()
  if (!isGuid(guid)) return undefined
  const isNamed =
    at < 0 || id.slice(0, at).toLowerCase().endsWith(`/providers/${ROLE_DEFINITION_TYPE.toLowerCase()}`)
  return isNamed ? guid : undefined
}
