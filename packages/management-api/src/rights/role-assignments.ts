import {
  coversScope,
  judgeAssignmentRemoval,
  judgeRoleAssignment,
  normalizeScope,
  type PrincipalType,
  ROLE_DEFINITION_TYPE,
  type RoleAssignment,
  roleDefinitionGuid,
} from '@causeway/access'
import { armErrors, type ErrorBody } from '@causeway/api-contract'
import { type Call, timeOf } from '../call/call.ts'
import type { Services } from '../call/services.ts'
import { type Answer, accessErrorOf, errorOf } from '../envelope/answer.ts'
import { callOf, equalTo, readFilter } from '../envelope/filter.ts'
import { pageOf } from '../envelope/page.ts'
import { type Body, isObject } from '../resources/document.ts'
import { recordOf } from './role-history.ts'

const TYPE = 'Microsoft.Authorization/roleAssignments'

/** `Microsoft.Authorization/roleAssignments` at any scope. */
export async function roleAssignmentCall(call: Call): Promise<Answer> {
  switch (call.operation.kind) {
    case 'list':
      return listAssignments(call)
    case 'put':
      return putAssignment(call)
    case 'delete':
      return removeAssignment(call)
    default: {
      const found = assignmentNamed(call)
      return found ? { status: 200, body: assignmentView(found) } : errorOf(notFound(call))
    }
  }
}

/** Those that hold at the scope, and, unless the filter says otherwise, those below it. */
async function listAssignments(call: Call): Promise<Answer> {
  const filter = readFilter(call.query.value('$filter'), ['atScope()', 'principalId eq', 'assignedTo()'])
  if (filter.type === 'bad') return errorOf(filter.error)
  const { conditions } = filter
  const principal = equalTo(conditions, 'principalId') ?? callOf(conditions, 'assignedTo')
  const isAtScope = callOf(conditions, 'atScope') !== undefined
  const found = call.services.roles
    .assignments()
    .filter(({ scope }) => coversScope(scope, call.scope) || (!isAtScope && coversScope(call.scope, scope)))
    .filter(({ principalId }) => principal === undefined || principalId.toLowerCase() === principal)
  return pageOf(call, found, ({ id }) => id, assignmentView)
}

async function putAssignment(call: Call): Promise<Answer> {
  const { services, caller, scope } = call
  const { roles } = services
  const { properties }: Body = isObject(call.body) ? call.body : {}
  const before = roles.assignments().find(({ id }) => id === nameOf(call).toLowerCase())
  const judged = judgeRoleAssignment({
    id: nameOf(call),
    scope,
    properties,
    definitions: roles.definitions(),
    assignments: roles.assignments(),
    principalType: await principalTypes(services),
    now: timeOf(call),
    by: caller.objectId,
  })
  if (judged.type === 'refused') return accessErrorOf(judged)
  const { assignment, outcome } = judged
  const committed = await roles.commit([
    roles.putAssignment(assignment),
    recordOf(call, `role-assignments/${assignment.id}`, before, assignment),
  ])
  if (committed.type === 'conflict') return errorOf(armErrors.retryable(scope), { 'retry-after': '1' })
  return { status: outcome === 'created' ? 201 : 200, body: assignmentView(assignment) }
}

async function removeAssignment(call: Call): Promise<Answer> {
  const { roles } = call.services
  const present = assignmentNamed(call)
  if (!present) return { status: 204 }
  const isLiving = await livingPrincipals(call.services)
  const refusal = judgeAssignmentRemoval(present.id, roles.assignments(), isLiving)
  if (refusal) return accessErrorOf(refusal)
  const committed = await roles.commit([
    roles.removeAssignment(present.id),
    recordOf(call, `role-assignments/${present.id}`, present, undefined),
  ])
  if (committed.type === 'conflict') return errorOf(armErrors.retryable(call.scope), { 'retry-after': '1' })
  return { status: 200, body: assignmentView(present) }
}

/** The assignment of a call's name at a call's scope: under another one it is not to be found, nor to be removed. */
function assignmentNamed(call: Call): RoleAssignment | undefined {
  const [id, scope] = [nameOf(call).toLowerCase(), normalizeScope(call.scope)]
  const found = call.services.roles.assignments().find(assignment => assignment.id === id)
  return found && normalizeScope(found.scope) === scope ? found : undefined
}

/** What kind of principal an object id is. Those of another tenant are not known here. */
async function principalTypes({
  principals,
  hasExternalTenant,
}: Services): Promise<(objectId: string) => PrincipalType | 'unknown' | undefined> {
  const services = (await principals.servicePrincipals()).map(({ objectId }) => objectId)
  const identities = (await principals.managedIdentities()).map(({ principalId }) => principalId)
  const known = new Set([...services, ...identities].map(id => id.toLowerCase()))
  return objectId => {
    if (known.has(objectId.toLowerCase())) return 'ServicePrincipal'
    return hasExternalTenant ? 'unknown' : undefined
  }
}

/** Who can still sign in. Of another tenant's principals that is not known here: they are taken to be there. */
export async function livingPrincipals({
  principals,
  hasExternalTenant,
}: Pick<Services, 'principals' | 'hasExternalTenant'>): Promise<(objectId: string) => boolean> {
  const services = await principals.servicePrincipals()
  const identities = await principals.managedIdentities()
  const living = new Map([
    ...identities.map(({ principalId }) => [principalId.toLowerCase(), true] as const),
    ...services.map(({ objectId, isEnabled }) => [objectId.toLowerCase(), isEnabled] as const),
  ])
  return objectId => living.get(objectId.toLowerCase()) ?? hasExternalTenant
}

function assignmentView({ id, scope, roleDefinitionId, ...rest }: RoleAssignment): object {
  const place = scope === '/' ? '' : scope
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? ''
  const role = roleDefinitionGuid(roleDefinitionId) ?? roleDefinitionId
  return {
    id: `${place}/providers/${TYPE}/${id}`,
    name: id,
    type: TYPE,
    properties: {
      roleDefinitionId: `${subscription}/providers/${ROLE_DEFINITION_TYPE}/${role}`,
      scope,
      ...rest,
    },
  }
}

function notFound(call: Call): ErrorBody {
  return {
    code: 'ResourceNotFound',
    message: `The role assignment '${nameOf(call).slice(0, 60)}' is not found at the scope '${call.scope.slice(0, 200)}'.`,
    target: nameOf(call).slice(0, 60),
  }
}

function nameOf({ words }: Call): string {
  return words.at(-1) ?? ''
}
