import { armErrors } from '@causeway/api-contract'
import { type Answer, errorOf } from '../envelope/answer.ts'
import type { Call } from '../server/call.ts'

/** An action of a resource. */
export async function runAction(call: Call): Promise<Answer> {
  return errorOf(armErrors.notSupported(call.operation.right))
}
