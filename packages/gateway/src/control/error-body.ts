import type { ErrorBody } from '@causeway/api-contract'
import { StoreError } from '@causeway/store'
import { CommandError } from '../quick-start/index.ts'

/**
 * What the operator is told of an error. Errors that carry a code of ours have a message that was
 * written for people; any other is a defect, and is said to be one.
 */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof CommandError) {
    const { code, message, details } = error
    return { code, message, ...(details.length > 0 && { details }) }
  }
  if (error instanceof StoreError) return { code: 'HostFailure', message: error.message }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_'))
    return { code: 'HostFailure', message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'InternalServerError', message: `this is a fault of Causeway's: ${message}` }
}
