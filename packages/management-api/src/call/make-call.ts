import { armErrors, type ErrorBody, judgeApiVersion, subscriptionOf } from '@causeway/api-contract'
import type { Query } from '../envelope/query.ts'
import type { Target } from '../envelope/target.ts'
import type { Call } from './call.ts'
import type { Services } from './services.ts'

type OperationTarget = Extract<Target, { readonly type: 'operation' }>

/** What of a request its target does not tell. */
type Request = Omit<Call, keyof OperationTarget | 'apiVersion'>

/** What is wrong with where a request goes, whoever makes it: its api-version, or its subscription. */
export function judgeTarget(
  { installation }: Services,
  { definition, id }: OperationTarget,
  query: Query,
): ErrorBody | undefined {
  const version = judgeApiVersion(definition, query.value('api-version'), installation.location.name)
  if (version) return version
  const subscription = subscriptionOf(id)
  const isThere =
    subscription === undefined ||
    installation.subscriptions.some(each => each.id.toLowerCase() === subscription.toLowerCase())
  return isThere ? undefined : armErrors.subscriptionNotFound(subscription)
}

/** The call that a request comes to. */
export function makeCall(
  { operation, definition, id, scope, words }: OperationTarget,
  request: Request,
): Call {
  const apiVersion = request.query.value('api-version') ?? ''
  return { operation, definition, id, scope, words, apiVersion, ...request }
}
