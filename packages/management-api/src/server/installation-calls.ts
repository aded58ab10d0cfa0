import { randomUUID } from 'node:crypto'
import { judgeTarget, makeCall } from '../call/make-call.ts'
import type { Services } from '../call/services.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { Query } from '../envelope/query.ts'
import { requestErrorAnswer } from '../envelope/request-error.ts'
import { targetOf } from '../envelope/target.ts'
import { answerPoll } from '../operations/polling.ts'
import { INSTALLATION } from '../rights/caller.ts'
import { dispatch } from './dispatch.ts'

/** A request that the installation makes of its own API. */
export interface InstallationRequest {
  readonly method: string
  /** With its query: `/subscriptions/…?api-version=2025-05-01`. */
  readonly path: string
  /** JSON, read already. */
  readonly body?: unknown
}

/** What it is answered. */
export interface InstallationAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Answers the installation as anybody who may do everything is answered, without a network and without a token. */
export async function answerInstallation(
  services: Services,
  baseUrl: string,
  request: InstallationRequest,
): Promise<InstallationAnswer> {
  const requestId = randomUUID()
  const { log } = services
  try {
    const answer = await answerOf(services, baseUrl, request, requestId)
    log.info({ requestId, method: request.method, path: pathOf(request), status: answer.status }, 'a command')
    return { ...answer, headers: answer.headers ?? {} }
  } catch (error) {
    const answer = requestErrorAnswer(error, log, requestId)
    return { ...answer, headers: answer.headers ?? {} }
  }
}

/**
 * What an answer came to: itself, or where it began an operation, what that ended with: its result, or the error that it
 * failed with.
 */
export async function endOfOperation(
  services: Services,
  baseUrl: string,
  answer: InstallationAnswer,
): Promise<InstallationAnswer> {
  const status = answer.headers['azure-asyncoperation']
  if (status === undefined) return answer
  const path = status.slice(new URL(status).origin.length)
  const id = path.split('?')[0]?.split('/').at(-1) ?? ''
  await services.operations.ended(id)
  const result = path.replace('/operations/', '/operationResults/')
  return answerInstallation(services, baseUrl, { method: 'GET', path: result })
}

async function answerOf(
  services: Services,
  baseUrl: string,
  { method, path, body }: InstallationRequest,
  requestId: string,
): Promise<Answer> {
  const mark = path.indexOf('?')
  const query = new Query(mark < 0 ? '' : path.slice(mark + 1))
  const target = targetOf(method, mark < 0 ? path : path.slice(0, mark))
  if (target.type === 'none') return errorOf(target.error)
  if (target.type === 'poll') return answerPoll({ services, caller: INSTALLATION, baseUrl, target })
  const wrong = judgeTarget(services, target, query)
  if (wrong) return errorOf(wrong)
  const noCondition = { ifMatch: undefined, ifNoneMatch: undefined }
  const request = { services, query, caller: INSTALLATION, body, ...noCondition, baseUrl, requestId }
  return dispatch(makeCall(target, request))
}

function pathOf({ path }: InstallationRequest): string {
  return path.split('?')[0] ?? path
}
