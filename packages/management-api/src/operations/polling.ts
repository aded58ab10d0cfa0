import type { ErrorBody } from '@causeway/api-contract'
import type { Services } from '../call/services.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import type { Target } from '../envelope/target.ts'
import { limits } from '../limits.ts'
import { type Caller, mayDo } from '../rights/caller.ts'
import type { OperationDocument } from './operation-store.ts'

interface PollCall {
  readonly services: Services
  readonly caller: Caller
  readonly baseUrl: string
  readonly target: Extract<Target, { type: 'poll' }>
}

/** How an operation stands, or what it came to. To whom it is none of their business it is not there. */
export async function answerPoll({ services, caller, baseUrl, target }: PollCall): Promise<Answer> {
  const operation = await services.operations.read(target.operationId)
  const isThere = operation?.subscriptionId.toLowerCase() === target.subscriptionId.toLowerCase()
  if (!operation || !isThere || !isTheirs(services, caller, operation, target.want))
    return errorOf(notFound(target.operationId))
  return target.want === 'status' ? statusAnswer(operation) : resultAnswer(services, operation, baseUrl)
}

/** The state is for whoever may read the resource; the result, which may be a secret, for whoever may ask for it. */
function isTheirs(
  { roles }: Services,
  caller: Caller,
  { right, readRight, scope }: OperationDocument,
  want: 'status' | 'result',
): boolean {
  return mayDo(roles, caller, right, scope) || (want === 'status' && mayDo(roles, caller, readRight, scope))
}

function statusAnswer({ id, paths, startedAt, endedAt, outcome }: OperationDocument): Answer {
  const isRunning = outcome.status === 'InProgress'
  return {
    status: 200,
    body: {
      id: paths.status.split('?')[0],
      name: id,
      status: outcome.status,
      startTime: startedAt,
      ...(endedAt !== undefined && { endTime: endedAt }),
      ...(outcome.status === 'Failed' && { error: outcome.error }),
    },
    headers: isRunning ? { 'retry-after': String(limits.pollSeconds) } : {},
  }
}

async function resultAnswer(
  services: Services,
  operation: OperationDocument,
  baseUrl: string,
): Promise<Answer> {
  const { outcome, paths, hasResult } = operation
  switch (outcome.status) {
    case 'InProgress':
      return {
        status: 202,
        headers: { location: `${baseUrl}${paths.result}`, 'retry-after': String(limits.pollSeconds) },
      }
    case 'Succeeded':
      // Newer SDKs do not take 204 for the end of a POST.
      return { status: 200, ...(hasResult && { body: await services.operations.resultOf(operation) }) }
    case 'Failed':
      return errorOf(outcome.error)
    case 'Canceled':
      return errorOf({ code: 'OperationCancelled', message: 'The operation was cancelled.' })
    default:
      return outcome satisfies never
  }
}

function notFound(id: string): ErrorBody {
  return {
    code: 'NotFound',
    message: `The operation '${id.slice(0, 60)}' was not found. Operations can be asked about for a while after their end.`,
    target: id.slice(0, 60),
  }
}
