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

export function callerOf({ objectId, displayName, groups }: TokenIdentity): Caller {
  return { objectId, name: displayName, principalIds: [objectId, ...groups] }
}

/** Why a caller may not do something; `undefined`: it may. */
export function judgeRight(
  roles: RoleStore,
  { name, objectId, principalIds }: Caller,
  action: string,
  scope: string,
): ErrorBody | undefined {
  const decision = roles.decide({ principalIds, scope, action, kind: 'action' })
  return decision.type === 'allow' ? undefined : armErrors.authorizationFailed(name, objectId, action, scope)
}

/** Whether a caller may do something. */
export function mayDo(roles: RoleStore, { principalIds }: Caller, action: string, scope: string): boolean {
  return roles.decide({ principalIds, scope, action, kind: 'action' }).type === 'allow'
}
