import { armErrors, type ErrorBody } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { judgeTarget, makeCall } from '../call/make-call.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { Query } from '../envelope/query.ts'
import { targetOf } from '../envelope/target.ts'
import { judgeCall } from '../rights/judge-call.ts'

/** Does what a call asks for: `dispatch`, which in turn knows of deployments. */
export type Dispatch = (call: Call) => Promise<Answer>

/** On whose behalf requests are made. */
export type Asker = Pick<Call, 'services' | 'caller' | 'baseUrl' | 'requestId'>

/** One request that is made within another one. */
export interface InnerRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Id of the resource. */
  readonly id: string
  readonly apiVersion: string
  readonly body?: unknown
}

/** The call that a request within another one comes to, its sender's rights judged; or why it may not be made. */
export function innerCall(
  outer: Asker,
  { method, id, apiVersion, body }: InnerRequest,
): { readonly type: 'call'; readonly call: Call } | { readonly type: 'error'; readonly error: ErrorBody } {
  const { services, caller, baseUrl, requestId } = outer
  const target = targetOf(method, id.split('/').map(encodeURIComponent).join('/'))
  if (target.type === 'none') return { type: 'error', error: target.error }
  if (target.type === 'poll') return { type: 'error', error: armErrors.notSupported(id) }
  const query = new Query(`api-version=${encodeURIComponent(apiVersion)}`)
  const error = judgeTarget(services, target, query) ?? judgeCall(services.roles, caller, target)
  if (error) return { type: 'error', error }
  const noCondition = { ifMatch: undefined, ifNoneMatch: undefined }
  const call = makeCall(target, { services, query, caller, body, ...noCondition, baseUrl, requestId })
  return { type: 'call', call }
}

/** Makes a request within another one. */
export async function ask(outer: Asker, dispatch: Dispatch, request: InnerRequest): Promise<Answer> {
  const made = innerCall(outer, request)
  return made.type === 'error' ? errorOf(made.error) : dispatch(made.call)
}

/** The error of an answer that is one. */
export function errorIn({ status, body }: Answer): ErrorBody | undefined {
  if (status < 400) return undefined
  const { error } = (body ?? {}) as { readonly error?: ErrorBody }
  return error ?? { code: 'InternalServerError', message: `The request was answered with ${status}.` }
}
