import { randomUUID } from 'node:crypto'
import {
  type AccessRefusal,
  judgeRoleAssignment,
  ROLE_DEFINITION_TYPE,
  type RoleAssignment,
  type RoleDefinition,
  readScope,
} from '@causeway/access'
import { type ErrorCode, parseResourceId, quote } from '@causeway/api-contract'
import { CommandError } from '@causeway/gateway'
import type { DocumentStore } from '@causeway/store'
import { documentKey } from '../resources/document.ts'
import type { RoleStore } from '../rights/role-store.ts'

/** Where roles are, and what they hold for. */
export interface GrantSurroundings {
  readonly roles: RoleStore
  readonly documents: DocumentStore
  /** Where roles hold unless a scope is given. */
  readonly subscriptionId: string
  /** Unix seconds. */
  readonly now: () => number
}

/** A role that somebody may be given. */
export interface Grant {
  readonly role: RoleDefinition
  readonly assignment: RoleAssignment
}

/**
 * What a role is for a service principal that is to be made. Nothing is stored. Errors: `CommandError`, where there is
 * no such role or scope.
 *
 * @param roleText name or id of the role
 */
export async function judgeGrant(
  surroundings: GrantSurroundings,
  objectId: string,
  roleText: string,
  scopeText: string | undefined,
): Promise<Grant> {
  const { roles, subscriptionId, now } = surroundings
  const role = roleNamed(roles, roleText)
  const scope = scopeText ?? `/subscriptions/${subscriptionId}`
  await checkScope(surroundings, scope)
  const judged = judgeRoleAssignment({
    id: randomUUID(),
    scope,
    properties: {
      principalId: objectId,
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/${ROLE_DEFINITION_TYPE}/${role.id}`,
    },
    definitions: roles.definitions(),
    assignments: roles.assignments(),
    principalType: () => 'ServicePrincipal',
    now: new Date(now() * 1_000).toISOString(),
    by: '',
  })
  if (judged.type === 'good') return { role, assignment: judged.assignment }
  throw new CommandError(codeOfStatus(judged), judged.message)
}

function roleNamed(roles: RoleStore, text: string): RoleDefinition {
  const definitions = roles.definitions()
  const wanted = text.toLowerCase()
  const found = definitions.find(({ id, roleName }) => id === wanted || roleName.toLowerCase() === wanted)
  if (found) return found
  const names = definitions.map(({ roleName }) => roleName).join(', ')
  throw new CommandError('InvalidParameter', `there is no role ${quote(text)}; use one of ${names}`)
}

/** A role where nothing is would wait for whoever makes something of that name. */
async function checkScope({ subscriptionId, documents }: GrantSurroundings, text: string): Promise<void> {
  const scope = readScope(text)
  if (scope.type === 'fault') throw wrongScope(text, scope.problem)
  if (scope.kind === 'root' || scope.text === `/subscriptions/${subscriptionId.toLowerCase()}`) return
  const parsed = parseResourceId(text)
  const key = parsed.type === 'good' ? documentKey(parsed.id) : undefined
  if (key === undefined || !(await documents.read(key)))
    throw wrongScope(text, `is not there: the subscription is /subscriptions/${subscriptionId}`)
}

function wrongScope(text: string, problem: string): CommandError {
  return new CommandError('InvalidParameter', `the scope ${quote(text)} ${problem}`)
}

function codeOfStatus({ status }: AccessRefusal): ErrorCode {
  return status === 400 ? 'InvalidParameter' : status === 404 ? 'ResourceNotFound' : 'Conflict'
}
