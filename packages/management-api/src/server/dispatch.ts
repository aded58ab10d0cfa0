import { armErrors } from '@causeway/api-contract'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { givenHandler } from '../metadata/given.ts'
import { runAction } from '../resources/actions.ts'
import { listDocuments, readDocument } from '../resources/reading.ts'
import { removeDocument } from '../resources/removing.ts'
import { listGroups, readGroup } from '../resources/resource-groups.ts'
import { patchDocument, putDocument } from '../resources/writing.ts'
import type { Call } from './call.ts'

/** Does what a call asks for. */
export async function dispatch(call: Call): Promise<Answer> {
  const { definition } = call
  const given = givenHandler(call)
  if (given) return given
  switch (definition.type) {
    case 'Microsoft.Resources/resourceGroups':
      return groupCall(call)
    case 'Microsoft.Resources/deployments':
      return errorOf(armErrors.notSupported(call.operation.id))
    default:
      return documentCall(call)
  }
}

async function groupCall(call: Call): Promise<Answer> {
  switch (call.operation.kind) {
    case 'get':
    case 'head':
      return readGroup(call)
    case 'list':
      return listGroups(call)
    default:
      return documentCall(call)
  }
}

async function documentCall(call: Call): Promise<Answer> {
  const { kind } = call.operation
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
