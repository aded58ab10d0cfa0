import { randomUUID } from 'node:crypto'
import { BUILT_IN_ROLE_IDS, type RoleAssignment } from '@causeway/access'
import type { PrincipalRefusal, PrincipalStore, ServicePrincipal } from '@causeway/token-service'
import type { RoleStore } from '../rights/role-store.ts'

/** Who may do everything, shown once. */
export interface FirstAdministrator {
  readonly clientId: string
  readonly clientSecret: string
}

const NAME = 'administrator'

/**
 * Makes the first administrator of an installation where nobody has any role: Owner of everything. `undefined`: there is
 * somebody already. Errors: the store's.
 */
export async function ensureAdministrator(
  principals: PrincipalStore,
  roles: RoleStore,
  now: () => number,
): Promise<FirstAdministrator | undefined> {
  if (roles.assignments().length > 0) return undefined
  const { appId, objectId } = await administrator(principals)
  const { secretText } = accepted(await principals.addSecret(appId, { displayName: 'first' }))
  const { type } = await roles.commit([
    roles.putAssignment(ownership(objectId, new Date(now() * 1_000).toISOString())),
  ])
  if (type === 'conflict') throw new Error('ERR_API_CONTENDED: the first role could not be stored')
  return { clientId: appId, clientSecret: secretText }
}

/** The one of a start that was cut short, or a new one. */
async function administrator(principals: PrincipalStore): Promise<ServicePrincipal> {
  const all = await principals.servicePrincipals()
  const present = all.find(({ displayName }) => displayName === NAME)
  return present ?? accepted(await principals.addServicePrincipal({ displayName: NAME })).principal
}

function ownership(principalId: string, at: string): RoleAssignment {
  return {
    id: randomUUID(),
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: BUILT_IN_ROLE_IDS.owner,
    scope: '/',
    createdOn: at,
    updatedOn: at,
    createdBy: '',
    updatedBy: '',
  }
}

function accepted<Value extends { readonly type: string }>(
  outcome: Value | PrincipalRefusal,
): Exclude<Value, PrincipalRefusal> {
  if (outcome.type === 'refused')
    throw new Error(`ERR_API_ADMINISTRATOR: ${(outcome as PrincipalRefusal).message}`)
  return outcome as Exclude<Value, PrincipalRefusal>
}
