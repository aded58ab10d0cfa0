import type { Call } from '../call/call.ts'
import { deploymentCall } from '../deployments/deployment-calls.ts'
import type { Answer } from '../envelope/answer.ts'
import { givenHandler } from '../metadata/given.ts'
import { runAction } from '../resources/actions.ts'
import { childCall } from '../resources/children.ts'
import { removeGroup } from '../resources/group-removal.ts'
import { listDocuments, readDocument } from '../resources/reading.ts'
import { removeDocument } from '../resources/removing.ts'
import { listGroups, readGroup } from '../resources/resource-groups.ts'
import { patchDocument, putDocument } from '../resources/writing.ts'
import { roleAssignmentCall } from '../rights/role-assignments.ts'
import { roleDefinitionCall } from '../rights/role-definitions.ts'
import { vaultCall } from '../vault/vault-calls.ts'

/** Does what a call asks for. */
export async function dispatch(call: Call): Promise<Answer> {
  const { definition } = call
  const given = givenHandler(call)
  if (given) return given
  switch (definition.type) {
    case 'Microsoft.Resources/resourceGroups':
      return groupCall(call)
    case 'Microsoft.Authorization/roleDefinitions':
      return roleCall(call, roleDefinitionCall)
    case 'Microsoft.Authorization/roleAssignments':
      return roleCall(call, roleAssignmentCall)
    case 'Microsoft.Resources/deployments':
      return deploymentCall(call, dispatch)
    case 'Microsoft.KeyVault/vaults':
      return vaultCall(call) ?? documentCall(call)
    default:
      return documentCall(call)
  }
}

/** One change of roles at a time: each is judged by all the others. */
async function roleCall(call: Call, answer: (call: Call) => Promise<Answer>): Promise<Answer> {
  if (call.operation.method === 'GET') return answer(call)
  return call.services.locks.holding({ changes: ['roles'], relies: [] }, () => answer(call))
}

async function groupCall(call: Call): Promise<Answer> {
  switch (call.operation.kind) {
    case 'get':
    case 'head':
      return readGroup(call)
    case 'list':
      return listGroups(call)
    case 'delete':
      return removeGroup(call)
    default:
      return documentCall(call)
  }
}

async function documentCall(call: Call): Promise<Answer> {
  const { kind } = call.operation
  if (call.definition.parent) return childCall(call)
  switch (kind) {
    case 'put':
      return putDocument(call)
    case 'patch':
      return patchDocument(call)
    case 'delete':
      return removeDocument(call)
    case 'get':
    case 'head':
      return readDocument(call)
    case 'list':
      return listDocuments(call)
    case 'action':
      return runAction(call)
    default:
      return kind satisfies never
  }
}
