import type { Change } from '@causeway/store'
import type { Call } from '../call/call.ts'

/** The entry of the history for a change of who may do what. */
export function recordOf(
  { services, caller, operation }: Call,
  target: string,
  before: object | undefined,
  after: object | undefined,
): Change {
  return {
    type: 'record',
    entry: {
      at: Math.floor(services.now()),
      who: caller.objectId,
      action: operation.right,
      target,
      ...(before && { before }),
      ...(after && { after }),
    },
  }
}
