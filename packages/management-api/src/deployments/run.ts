import type { ErrorBody } from '@causeway/api-contract'
import {
  Budget,
  type PlannedResource,
  referenceKey,
  type Value,
  withoutSecrets,
} from '@causeway/arm-template'
import type { Call } from '../call/call.ts'
import { limits } from '../limits.ts'
import { serverErrorBody } from '../resources/resource-server.ts'
import { removeOthers } from './complete-mode.ts'
import { typeWord } from './deployment-document.ts'
import type { DeploymentRecord } from './deployment-record.ts'
import type { ActiveDeployment } from './deployment-store.ts'
import { type Dispatch, innerCall } from './inner-call.ts'
import { apiVersionsOf, type Lookup, made, resolved } from './make-resource.ts'
import { nestedSource, type Prepared, prepare } from './prepare.ts'
import { recordDeployment } from './record-deployment.ts'
import { shownError } from './shown-error.ts'
import { Slots } from './slots.ts'

/** How it goes with one resource. Of what another failure kept from being begun: `skipped`. */
export interface DeploymentProgress {
  readonly id: string
  readonly state: 'running' | 'succeeded' | 'failed' | 'skipped' | 'deleted'
  readonly error?: ErrorBody
}

/** What all of a deployment shares with those in it. */
export interface Run {
  readonly dispatch: Dispatch
  readonly active: ActiveDeployment
  readonly slots: Slots
  readonly tell: (progress: DeploymentProgress) => void
  /** Keys of all that was made. */
  readonly made: Set<string>
  /** What may be spent on the templates in the first one, which are read once more when their turn comes. */
  readonly budget: Budget
}

/** What a deployment came to. */
export type DeploymentOutcome =
  | { readonly type: 'done'; readonly outputs: object }
  | { readonly type: 'failed'; readonly error: ErrorBody }
  | { readonly type: 'canceled' }

/** Begins a run of its own. */
export function newRun(
  dispatch: Dispatch,
  active: ActiveDeployment,
  tell: Run['tell'] = () => undefined,
): Run {
  return {
    dispatch,
    active,
    slots: new Slots(limits.deploymentResources),
    tell,
    made: new Set(),
    budget: new Budget(),
  }
}

/** Why a deployment may not be changed: one of its name goes on. */
export function deploymentActive(id: string): ErrorBody {
  return {
    code: 'DeploymentActive',
    message: `Unable to edit or replace deployment '${id}': the previous deployment of this name is still active. Wait for its end, or cancel it.`,
    target: id,
  }
}

/** Makes everything that a template says, each after what it waits for. Never rejects but for the store's errors. */
export async function runDeployment(
  run: Run,
  call: Call,
  prepared: Prepared,
  record: DeploymentRecord,
): Promise<DeploymentOutcome> {
  const { plan } = prepared
  await record.change({ state: 'Running' })
  const failures: ErrorBody[] = []
  const ends = new Map<string, Promise<boolean>>()
  const done = new Set<string>()
  for (const resource of plan.resources) {
    const before = resource.waitsFor.map(id => ends.get(referenceKey(id)) ?? Promise.resolve(true))
    const end = Promise.all(before).then(async all => {
      const isReady = all.every(Boolean) && !run.active.isCanceled
      const error = isReady ? await makeOne(run, call, prepared, record, resource, done) : undefined
      if (!isReady) run.tell({ id: resource.id, state: 'skipped' })
      if (error) failures.push({ ...error, target: error.target ?? resource.id })
      else if (isReady) done.add(referenceKey(resource.id))
      return isReady && !error
    })
    ends.set(referenceKey(resource.id), end)
  }
  await Promise.all(ends.values())
  return finish(run, call, prepared, record, failures, done)
}

async function finish(
  run: Run,
  call: Call,
  prepared: Prepared,
  record: DeploymentRecord,
  failures: readonly ErrorBody[],
  done: ReadonlySet<string>,
): Promise<DeploymentOutcome> {
  const { source, plan } = prepared
  if (failures.length === 0 && !run.active.isCanceled && source.mode === 'Complete') {
    const { error } = await removeOthers(run, call, source.target, record)
    if (error) return failed(record, [error])
  }
  if (failures.length > 0) return failed(record, failures)
  if (run.active.isCanceled) {
    await record.change({ state: 'Canceled', operation: undefined })
    return { type: 'canceled' }
  }
  const outputs = await outputsOf(run, call, prepared, done)
  if ('code' in outputs) return failed(record, [outputs])
  const outputResources = plan.resources.map(({ id }) => ({ id }))
  await record.change({ state: 'Succeeded', ...outputs, outputResources, operation: undefined })
  return { type: 'done', outputs: outputs.outputs }
}

async function failed(record: DeploymentRecord, failures: readonly ErrorBody[]): Promise<DeploymentOutcome> {
  const error: ErrorBody = {
    code: 'DeploymentFailed',
    message:
      'At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.',
    target: record.document.id,
    details: failures,
  }
  await record.change({ state: 'Failed', error, operation: undefined })
  return { type: 'failed', error }
}

/** Makes one resource; answers why not. */
async function makeOne(
  run: Run,
  call: Call,
  prepared: Prepared,
  record: DeploymentRecord,
  resource: PlannedResource,
  done: ReadonlySet<string>,
): Promise<ErrorBody | undefined> {
  const { id } = resource
  run.tell({ id, state: 'running' })
  const step = await record.begin('Create', id)
  const { statusCode, error: raw } = await attempt(run, call, prepared, resource, done).catch(thrown =>
    defect(call, id, thrown),
  )
  const error = raw && shownError(raw, prepared.plan.secrets)
  await record.end(step, statusCode, error)
  if (!error) run.made.add(referenceKey(id))
  run.tell({ id, state: error ? 'failed' : 'succeeded', ...(error && { error }) })
  return error
}

interface Attempt {
  readonly statusCode: string
  readonly error: ErrorBody | undefined
}

/** Something of ours broke: the others go on, and the log says what it was. */
function defect({ services, requestId }: Call, resource: string, thrown: unknown): Attempt {
  services.log.error({ requestId, resource, err: thrown }, 'a resource of a deployment could not be made')
  return { statusCode: 'InternalServerError', error: serverErrorBody(thrown) }
}

async function attempt(
  run: Run,
  call: Call,
  prepared: Prepared,
  resource: PlannedResource,
  done: ReadonlySet<string>,
): Promise<Attempt> {
  const { id, apiVersion } = resource
  const body = await resolved(lookupOf(run, call, prepared, done), resource.body)
  if (body.type === 'error') return { statusCode: 'BadRequest', error: body.error }
  if (resource.nested) return runNested(run, call, prepared, resource, body.value)
  const request = { method: 'PUT', id, apiVersion, body: body.value } as const
  const { answer, error } = await run.slots.holding(() =>
    made(call, run.dispatch, request, () => run.active.isCanceled),
  )
  return { statusCode: error ? error.code : answer.status === 201 ? 'Created' : 'OK', error }
}

/** A template in this one: a deployment by itself, which goes on as a part of this one. */
async function runNested(
  run: Run,
  call: Call,
  { source }: Prepared,
  resource: PlannedResource,
  body: Parameters<typeof nestedSource>[3],
): Promise<Attempt> {
  const wrong = (error: ErrorBody): Attempt => ({ statusCode: error.code, error })
  const { id, apiVersion } = resource
  const inner = innerCall(call, { method: 'PUT', id, apiVersion, body })
  if (inner.type === 'error') return wrong(inner.error)
  const read = nestedSource(inner.call, source, resource, body)
  if ('code' in read) return wrong(read)
  const prepared = await prepare(inner.call, { ...read, budget: run.budget })
  if (prepared.type === 'error') return wrong(prepared.error)
  const { deployments } = call.services
  const own = deployments.begin(id)
  if (!own) return wrong(deploymentActive(id))
  try {
    const record = await recordDeployment(inner.call, prepared, undefined, undefined)
    // Whoever cancels either one ends the inner one.
    const active: ActiveDeployment = {
      get isCanceled() {
        return own.isCanceled || run.active.isCanceled
      },
      set isCanceled(value: boolean) {
        own.isCanceled = value
      },
    }
    const outcome = await runDeployment({ ...run, active }, inner.call, prepared, record)
    if (outcome.type === 'failed') return wrong(outcome.error)
    if (outcome.type === 'canceled') return wrong(canceled(id))
    return { statusCode: 'OK', error: undefined }
  } finally {
    deployments.end(id)
  }
}

/** What is told of a deployment that somebody cancelled. */
export function canceled(id: string): ErrorBody {
  return { code: 'OperationCancelled', message: `The deployment '${id}' was cancelled.`, target: id }
}

function lookupOf(run: Run, call: Call, { plan }: Prepared, done: ReadonlySet<string>): Lookup {
  const versions = apiVersionsOf(plan.resources)
  return {
    asker: call,
    dispatch: run.dispatch,
    isMade: key => (versions.has(key) ? done.has(key) : undefined),
    apiVersionOf: key => versions.get(key),
  }
}

/** What is answered of the outputs; secrets are not. */
async function outputsOf(
  run: Run,
  call: Call,
  prepared: Prepared,
  done: ReadonlySet<string>,
): Promise<ErrorBody | { readonly outputs: object }> {
  const { plan } = prepared
  const found: { readonly name: string; readonly type: string; readonly value: Value | undefined }[] = []
  for (const { name, type, isSecret, value } of plan.outputs) {
    const output = await resolved(lookupOf(run, call, prepared, done), value)
    if (output.type === 'error') return shownError(output.error, plan.secrets)
    found.push({ name, type: typeWord(type), value: isSecret ? undefined : output.value })
  }
  const shown = withoutSecrets(
    found.map(({ value }) => value),
    plan.secrets,
  )
  return {
    outputs: Object.fromEntries(
      found.map(({ name, type }, i) => [name, { type, ...(shown[i] !== undefined && { value: shown[i] }) }]),
    ),
  }
}
