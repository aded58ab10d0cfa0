import { armErrors, type ErrorBody } from '@causeway/api-contract'
import type { TokenIdentity } from '@causeway/token-service'
import type { RoleStore } from './role-store.ts'

/** Who makes a request, as its token says. */
export interface Caller {
  readonly objectId: string
  /** As ARM names them in a refusal. */
  readonly name: string
  /** Whose roles count: their own and those of their groups. */
  readonly principalIds: readonly string[]
}

/**
 * The installation itself, which may do everything. It is known by being this object: no token makes a caller who is,
 * and an object id that reads like this one is none.
 */
export const INSTALLATION: Caller = { objectId: 'installation', name: 'installation', principalIds: [] }

export function callerOf({ objectId, displayName, groups }: TokenIdentity): Caller {
  return { objectId, name: displayName, principalIds: [objectId, ...groups] }
}

/** Why a caller may not do something; `undefined`: it may. */
export function judgeRight(
  roles: RoleStore,
  caller: Caller,
  action: string,
  scope: string,
): ErrorBody | undefined {
  const { name, objectId } = caller
  if (mayDo(roles, caller, action, scope)) return undefined
  return armErrors.authorizationFailed(name, objectId, action, scope)
}

/** Whether a caller may do something. */
export function mayDo(roles: RoleStore, caller: Caller, action: string, scope: string): boolean {
  if (caller === INSTALLATION) return true
  const { principalIds } = caller
  return roles.decide({ principalIds, scope, action, kind: 'action' }).type === 'allow'
}
