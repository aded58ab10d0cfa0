import { setTimeout as pause } from 'node:timers/promises'
import { armErrors, type ErrorBody, resourceTypeDefinition } from '@causeway/api-contract'
import {
  type Evaluated,
  type Need,
  type PlannedResource,
  referenceKey,
  type ValueObject,
} from '@causeway/arm-template'
import type { Answer } from '../envelope/answer.ts'
import { targetOf } from '../envelope/target.ts'
import { limits } from '../limits.ts'
import { type Asker, ask, type Dispatch, errorIn, type InnerRequest } from './inner-call.ts'
import { templateError } from './prepare.ts'
import { plain } from './template-context.ts'

/** How references to resources are looked up while a deployment goes on. */
export interface Lookup {
  readonly asker: Asker
  readonly dispatch: Dispatch
  /** The resources of the template by key, and whether they are there already. */
  readonly isMade: (key: string) => boolean | undefined
  readonly apiVersionOf: (key: string) => string | undefined
}

/** How often references may lead to further ones. */
const ROUNDS = 16

/** What a part of a template comes to, with everything looked up that it asks for. */
export async function resolved<Result>(
  lookup: Lookup,
  evaluate: (references: ReadonlyMap<string, ValueObject | undefined>) => Evaluated<Result>,
): Promise<
  { readonly type: 'good'; readonly value: Result } | { readonly type: 'error'; readonly error: ErrorBody }
> {
  const references = new Map<string, ValueObject | undefined>()
  for (let round = 0; round < ROUNDS; round++) {
    const found = evaluate(references)
    if (found.type === 'good') return found
    if (found.type === 'bad') return { type: 'error', error: templateError(found.faults) }
    for (const need of found.needs) {
      const answer = await looked(lookup, need)
      if ('code' in answer) return { type: 'error', error: answer }
      references.set(referenceKey(need.id), answer.body)
    }
  }
  return {
    type: 'error',
    error: { code: 'InvalidTemplate', message: `References lead to references more than ${ROUNDS} times.` },
  }
}

async function looked(
  { asker, dispatch, isMade, apiVersionOf }: Lookup,
  { id, apiVersion }: Need,
): Promise<ErrorBody | { readonly body: ValueObject | undefined }> {
  const key = referenceKey(id)
  if (isMade(key) === false)
    return {
      code: 'InvalidTemplate',
      message: `'${id}' is referred to before it is made. Add it to dependsOn.`,
      target: id,
    }
  const version = apiVersion ?? apiVersionOf(key) ?? newestVersion(id)
  if (version === undefined) return armErrors.notSupported(id)
  const answer = await ask(asker, dispatch, { method: 'GET', id, apiVersion: version })
  if (answer.status === 404) return { body: undefined }
  return errorIn(answer) ?? { body: plain(answer.body) }
}

function newestVersion(id: string): string | undefined {
  const target = targetOf('GET', id.split('/').map(encodeURIComponent).join('/'))
  return target.type === 'operation' ? target.definition.apiVersions.at(-1) : undefined
}

/** Makes a request and waits for what it begins. Somebody else's change of the same resource is waited for. */
export async function made(
  asker: Asker,
  dispatch: Dispatch,
  request: InnerRequest,
  isCanceled: () => boolean,
): Promise<{ readonly answer: Answer; readonly error: ErrorBody | undefined }> {
  for (let tries = 1; ; tries++) {
    const answer = await ask(asker, dispatch, request)
    const error = errorIn(answer)
    if (!error) return { answer, error: await operationError(asker, answer) }
    if (!PASSING.has(error.code) || tries >= limits.deploymentTries || isCanceled()) return { answer, error }
    await pause(limits.deploymentRetryMilliseconds)
  }
}

/** What is gone the next time. */
const PASSING: ReadonlySet<string> = new Set([
  'AnotherOperationInProgress',
  'RetryableErrorDueToAnotherOperation',
])

/** Why the operation that an answer names failed; `undefined`: it did not, or there is none. */
async function operationError({ services }: Asker, { headers }: Answer): Promise<ErrorBody | undefined> {
  const url = headers?.['azure-asyncoperation']
  if (url === undefined) return undefined
  const target = targetOf('GET', new URL(url).pathname)
  if (target.type !== 'poll') return undefined
  await services.operations.ended(target.operationId)
  const outcome = (await services.operations.read(target.operationId))?.outcome
  return outcome?.status === 'Failed' ? outcome.error : undefined
}

/** The api-version by which a resource of a template is made, by the key of its id. */
export function apiVersionsOf(resources: readonly PlannedResource[]): ReadonlyMap<string, string> {
  return new Map(
    resources
      .filter(({ type }) => resourceTypeDefinition(type))
      .map(({ id, apiVersion }) => [referenceKey(id), apiVersion]),
  )
}
