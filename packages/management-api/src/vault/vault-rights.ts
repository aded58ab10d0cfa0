import { dataActions, type VaultOperation } from '@causeway/key-vault'
import type { TokenIdentity } from '@causeway/token-service'
import type { Answer } from '../envelope/answer.ts'
import type { RoleStore } from '../rights/role-store.ts'
import { permissionText, policiesAllow } from './access-policies.ts'
import { vaultRefusal } from './vault-answer.ts'
import type { LiveVault } from './vaults.ts'

/** What somebody wants to do in a vault: to an object, or to all of a kind. */
export interface VaultWish {
  readonly operation: VaultOperation
  /** `…/secrets/NAME` below the vault; absent: the vault as a whole. */
  readonly object?: string
}

/** Why somebody may not do it; `undefined`: they may. By what is stored now: a role that was removed is gone. */
export function judgeVaultRight(
  roles: RoleStore,
  vault: LiveVault,
  identity: TokenIdentity,
  { operation, object }: VaultWish,
): Answer | undefined {
  const { objectId, groups, tenant } = identity
  const principalIds = [objectId, ...groups]
  const { isRbac, policies } = vault.properties
  if (!isRbac)
    return policiesAllow(policies, principalIds, tenant, operation)
      ? undefined
      : vaultRefusal('Forbidden', policyMessage(vault, identity, operation), { innererror: 'AccessDenied' })
  const action = dataActions[operation]
  const scope = object === undefined ? vault.id : `${vault.id}/${object}`
  const decision = roles.decide({ principalIds, scope, action, kind: 'dataAction' })
  if (decision.type === 'allow') return undefined
  const message = roleMessage(vault, identity, action, scope)
  return vaultRefusal('Forbidden', message, { innererror: 'ForbiddenByRbac' })
}

function policyMessage(vault: LiveVault, identity: TokenIdentity, operation: VaultOperation): string {
  return `The user, group or application '${callerText(identity)}' does not have ${permissionText(operation)} permission on key vault '${vault.name};location=${vault.location}'. Give it an access policy.`
}

function roleMessage(vault: LiveVault, identity: TokenIdentity, action: string, scope: string): string {
  const about = `Caller: ${callerText(identity)} Action: '${action}' Resource: '${scope.toLowerCase()}'`
  return `Caller is not authorized to perform action on resource. ${about} Assignment: (not found) Vault: ${vault.name};location=${vault.location}`
}

function callerText({ appId, objectId }: TokenIdentity): string {
  return `${appId === undefined ? '' : `appid=${appId};`}oid=${objectId}`
}
