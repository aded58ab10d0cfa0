import type { ErrorBody } from '@causeway/api-contract'
import type { Target } from '../envelope/target.ts'
import { type Caller, judgeRight } from './caller.ts'
import type { RoleStore } from './role-store.ts'

/**
 * Why a caller may not make a call; `undefined`: it may. What ARM lists to everybody who is somebody there is judged by
 * whether they are: the list itself shows them what they may read.
 */
export function judgeCall(
  roles: RoleStore,
  caller: Caller,
  { operation, definition, scope, words }: Extract<Target, { type: 'operation' }>,
): ErrorBody | undefined {
  switch (definition.type) {
    case 'Microsoft.Resources/tenants':
      return undefined
    case 'Microsoft.Resources/subscriptions':
    case 'Microsoft.Resources/locations':
    case 'Microsoft.Resources/providers': {
      const isReading = operation.method === 'GET'
      const isListing = isReading && words.length <= 1
      const place = words[0]?.toLowerCase() === 'subscriptions' ? `/${words.slice(0, 2).join('/')}` : '/'
      if (isListing || (isReading && roles.isVisible(caller.principalIds, place))) return undefined
      return judgeRight(roles, caller, operation.right, scope)
    }
    case 'Microsoft.Resources/resourceGroups':
      if (
        (operation.kind === 'list' || operation.action?.method === 'GET') &&
        roles.isVisible(caller.principalIds, scope)
      )
        return undefined
      return judgeRight(roles, caller, operation.right, scope)
    default:
      return judgeRight(roles, caller, operation.right, scope)
  }
}
