import {
  coversScope,
  judgeDefinitionRemoval,
  judgeRoleDefinition,
  ROLE_DEFINITION_TYPE,
  type RoleDefinition,
} from '@causeway/access'
import { armErrors } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, accessErrorOf, errorOf } from '../envelope/answer.ts'
import { equalTo, readFilter } from '../envelope/filter.ts'
import { pageOf } from '../envelope/page.ts'
import { type Body, isObject } from '../resources/document.ts'
import { judgeRight } from './caller.ts'
import { recordOf } from './role-history.ts'

const WRITE = 'Microsoft.Authorization/roleDefinitions/write'
const DELETE = 'Microsoft.Authorization/roleDefinitions/delete'

/** `Microsoft.Authorization/roleDefinitions` at any scope. */
export async function roleDefinitionCall(call: Call): Promise<Answer> {
  switch (call.operation.kind) {
    case 'list':
      return listDefinitions(call)
    case 'put':
      return putDefinition(call)
    case 'delete':
      return removeDefinition(call)
    default: {
      const found = definitionNamed(call)
      return found ? { status: 200, body: definitionView(call, found) } : missing(call)
    }
  }
}

/** Those that may be assigned at the scope: all built-in ones, and custom ones of it. */
async function listDefinitions(call: Call): Promise<Answer> {
  const filter = readFilter(call.query.value('$filter'), ['roleName eq', 'type eq', 'atScopeAndBelow()'])
  if (filter.type === 'bad') return errorOf(filter.error)
  const [name, type] = [equalTo(filter.conditions, 'roleName'), equalTo(filter.conditions, 'type')]
  const found = call.services.roles
    .definitions()
    .filter(({ assignableScopes }) => assignableScopes.some(scope => isNear(scope, call.scope)))
    .filter(({ roleName }) => name === undefined || roleName.toLowerCase() === name)
    .filter(definition => type === undefined || definition.type.toLowerCase() === type)
  return pageOf(
    call,
    found,
    ({ id }) => id,
    definition => definitionView(call, definition),
  )
}

async function putDefinition(call: Call): Promise<Answer> {
  const { services, caller } = call
  const { roles } = services
  const before = definitionNamed(call)
  const { properties }: Body = isObject(call.body) ? call.body : {}
  const judged = judgeRoleDefinition({ id: nameOf(call), properties, definitions: roles.definitions() })
  if (judged.type === 'refused') return accessErrorOf(judged)
  const { definition } = judged
  // A role is made and changed in every place where it may then be given.
  for (const scope of [...(before?.assignableScopes ?? []), ...definition.assignableScopes]) {
    const refused = judgeRight(roles, caller, WRITE, scope)
    if (refused) return errorOf(refused)
  }
  const outcome = await roles.commit([
    roles.putDefinition(definition),
    recordOf(call, `role-definitions/${definition.id}`, before, definition),
  ])
  if (outcome.type === 'conflict') return errorOf(armErrors.retryable(definition.id), { 'retry-after': '1' })
  return { status: before ? 200 : 201, body: definitionView(call, definition) }
}

async function removeDefinition(call: Call): Promise<Answer> {
  const { services, caller } = call
  const { roles } = services
  const present = definitionNamed(call)
  if (!present) return { status: 204 }
  const refusal = judgeDefinitionRemoval(present.id, roles.definitions(), roles.assignments())
  if (refusal) return accessErrorOf(refusal)
  for (const scope of present.assignableScopes) {
    const refused = judgeRight(roles, caller, DELETE, scope)
    if (refused) return errorOf(refused)
  }
  const outcome = await roles.commit([
    roles.removeDefinition(present.id),
    recordOf(call, `role-definitions/${present.id}`, present, undefined),
  ])
  if (outcome.type === 'conflict') return errorOf(armErrors.retryable(present.id), { 'retry-after': '1' })
  return { status: 200, body: definitionView(call, present) }
}

function definitionNamed(call: Call): RoleDefinition | undefined {
  const id = nameOf(call).toLowerCase()
  return call.services.roles.definitions().find(definition => definition.id === id)
}

function definitionView({ scope }: Call, { id, ...properties }: RoleDefinition): object {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? ''
  return {
    id: `${subscription}/providers/${ROLE_DEFINITION_TYPE}/${id}`,
    name: id,
    type: ROLE_DEFINITION_TYPE,
    properties,
  }
}

function missing(call: Call): Answer {
  return accessErrorOf({
    type: 'refused',
    code: 'RoleDefinitionDoesNotExist',
    status: 404,
    message: `The specified role definition with ID '${nameOf(call).slice(0, 60)}' does not exist.`,
  })
}

/** One covers the other: the role may be given here, or somewhere below. */
function isNear(assignable: string, scope: string): boolean {
  return coversScope(assignable, scope) || coversScope(scope, assignable)
}

function nameOf({ words }: Call): string {
  return words.at(-1) ?? ''
}
