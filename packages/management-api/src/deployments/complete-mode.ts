import { definitionOf, type ErrorBody, formatResourceId, parseResourceId } from '@causeway/api-contract'
import { referenceKey } from '@causeway/arm-template'
import type { Call } from '../call/call.ts'
import type { Resource } from '../resources/document.ts'
import type { DeploymentRecord } from './deployment-record.ts'
import { innerCall } from './inner-call.ts'
import { made } from './make-resource.ts'
import type { Run } from './run.ts'
import type { DeploymentTarget } from './template-context.ts'

/**
 * The mode `Complete`: removes what is in a group and not in the template, whoever refers to others before those. Only
 * when all of the template is there; with the rights of whoever deploys.
 */
export async function removeOthers(
  run: Run,
  call: Call,
  target: DeploymentTarget,
  record: DeploymentRecord,
): Promise<{ readonly error: ErrorBody | undefined }> {
  for (;;) {
    const left = await others(call, target, run.made)
    const [next] = free(call, left)
    if (!next || run.active.isCanceled) return { error: undefined }
    const error = await removeOne(run, call, next, record)
    if (error) return { error }
  }
}

/** Why the caller may not remove what a deployment in the mode `Complete` would remove. */
export async function judgeRemovals(
  call: Call,
  target: DeploymentTarget,
  kept: ReadonlySet<string>,
): Promise<readonly ErrorBody[]> {
  const left = await others(call, target, kept)
  return left.flatMap(({ document }) => {
    const inner = innerCall(call, removal(document))
    return inner.type === 'error' ? [{ ...inner.error, target: document.id }] : []
  })
}

async function others(
  { services }: Call,
  target: DeploymentTarget,
  kept: ReadonlySet<string>,
): Promise<readonly Resource[]> {
  const found: Resource[] = []
  for await (const resource of services.resources.below(target))
    if (!kept.has(referenceKey(formatResourceId(resource.id)))) found.push(resource)
  return found
}

/** Those that nobody of the others refers to come first; those in a circle have to begin somewhere. */
function free({ services }: Call, left: readonly Resource[]): readonly Resource[] {
  const keys = new Set(left.map(({ id }) => referenceKey(formatResourceId(id))))
  const unused = left.filter(({ id }) =>
    services.resources.references.usersOf(id).every(user => {
      const read = parseResourceId(user)
      return read.type !== 'good' || !keys.has(referenceKey(formatResourceId(read.id)))
    }),
  )
  return unused.length > 0 ? unused : left
}

async function removeOne(
  run: Run,
  call: Call,
  { document }: Resource,
  record: DeploymentRecord,
): Promise<ErrorBody | undefined> {
  const { id } = document
  const step = await record.begin('Delete', id)
  const { error } = await made(call, run.dispatch, removal(document), () => run.active.isCanceled)
  await record.end(step, error ? error.code : 'OK', error)
  run.tell(error ? { id, state: 'failed', error } : { id, state: 'deleted' })
  return error && { ...error, target: error.target ?? id }
}

function removal({ id, type }: Resource['document']): {
  readonly method: 'DELETE'
  readonly id: string
  readonly apiVersion: string
} {
  return { method: 'DELETE', id, apiVersion: definitionOf(type).apiVersions.at(-1) ?? '' }
}
