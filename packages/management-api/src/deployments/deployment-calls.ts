import { armErrors, type ErrorBody, resourceName } from '@causeway/api-contract'
import { type Call, idText } from '../call/call.ts'
import { type Answer, errorOf, isRefused, refuse } from '../envelope/answer.ts'
import { equalTo, readFilter } from '../envelope/filter.ts'
import { pageOf } from '../envelope/page.ts'
import { inBackground, insisting } from '../resources/applying.ts'
import { beginOperation, operationHeaders } from '../resources/changing.ts'
import { containerOf, judgeGroup } from '../resources/containers.ts'
import { isObject } from '../resources/document.ts'
import { serverErrorBody } from '../resources/resource-server.ts'
import { judgeRemovals } from './complete-mode.ts'
import {
  type DeploymentDocument,
  shownParameters,
  viewOfDeployment,
  viewOfStep,
} from './deployment-document.ts'
import type { DeploymentRecord } from './deployment-record.ts'
import type { Dispatch } from './inner-call.ts'
import { type Preparation, type Prepared, prepare, readDeployment } from './prepare.ts'
import { recordDeployment } from './record-deployment.ts'
import { canceled, type DeploymentOutcome, deploymentActive, newRun, runDeployment } from './run.ts'
import { deploymentId } from './template-context.ts'

/** Calls of `Microsoft.Resources/deployments`. */
export async function deploymentCall(call: Call, dispatch: Dispatch): Promise<Answer> {
  const { kind } = call.operation
  const group = await containerOf(call.services, call.id)
  if (isRefused(group)) return group.answer
  switch (kind) {
    case 'put': {
      const blocked = group && judgeGroup(group)
      return blocked ? blocked.answer : putDeployment(call, dispatch)
    }
    case 'list':
      return listDeployments(call)
    case 'action':
      return actionOf(call)
    case 'get':
    case 'head':
    case 'delete': {
      const document = await call.services.deployments.read(call.id)
      if (kind === 'delete') return removeDeployment(call, document)
      if (kind === 'head') return { status: document ? 204 : 404 }
      return document ? { status: 200, body: viewOfDeployment(document) } : notFound(call)
    }
    case 'patch':
      return errorOf(armErrors.notSupported(call.operation.id))
    default:
      return kind satisfies never
  }
}

async function putDeployment(call: Call, dispatch: Dispatch): Promise<Answer> {
  const { services } = call
  const { deployments } = services
  const prepared = await prepareBody(call)
  if (prepared.type === 'error') return errorOf(prepared.error)
  const { target, name, location } = prepared.source
  const id = deploymentId(target, name)
  const former = await deployments.read(call.id)
  const active = deployments.begin(id)
  if (!active) return errorOf(deploymentActive(id))
  const place = location ?? services.installation.location.name
  const begun = beginOperation(call, call.id, call.definition, place)
  if (begun.type === 'refused') {
    deployments.end(id)
    return begun.answer
  }
  const { operation } = begun
  const record = await recordDeployment(call, prepared, begun, tagsOf(call.body)).catch((error: unknown) => {
    deployments.end(id)
    services.operations.abandon(operation.id)
    throw error
  })
  const accepted = viewOfDeployment(record.document)
  inBackground(services, async () => {
    try {
      const run = newRun(dispatch, active)
      const outcome = await runDeployment(run, call, prepared, record).catch((error: unknown) =>
        endFailed(call, record, error),
      )
      await endOperation(call, operation.id, outcome, id)
    } finally {
      deployments.end(id)
    }
  })
  return {
    status: former ? 200 : 201,
    body: accepted,
    headers: operationHeaders(call.baseUrl, operation, false),
  }
}

/** Reads and judges the body of a call, and what the mode `Complete` would remove. */
async function prepareBody(call: Call): Promise<Preparation> {
  const source = readDeployment(call, call.body)
  if ('code' in source) return { type: 'error', error: source }
  const prepared = await prepare(call, source)
  if (prepared.type === 'error' || source.mode !== 'Complete') return prepared
  const kept = new Set(prepared.plan.resources.map(({ id }) => id.toLowerCase()))
  const [first, ...more] = await judgeRemovals(call, source.target, kept)
  if (!first) return prepared
  return {
    type: 'error',
    error: {
      code: 'InvalidTemplateDeployment',
      message: `The mode 'Complete' removes what is not in the template, and not all of that may be removed by you. ${first.message}`,
      details: [first, ...more],
    },
  }
}

/** What the store kept from going on has failed. */
async function endFailed(
  { services, requestId }: Call,
  record: DeploymentRecord,
  cause: unknown,
): Promise<DeploymentOutcome> {
  services.log.error({ requestId, err: cause, deployment: record.document.id }, 'a deployment failed')
  const error = serverErrorBody(cause)
  await insisting(services, () => record.change({ state: 'Failed', error, operation: undefined }))
  return { type: 'failed', error }
}

async function endOperation(
  { services }: Call,
  operationId: string,
  outcome: DeploymentOutcome,
  id: string,
): Promise<void> {
  const { operations, resources } = services
  const ended =
    outcome.type === 'done'
      ? ({ type: 'done' } as const)
      : ({ type: 'failed', error: outcome.type === 'failed' ? outcome.error : canceled(id) } as const)
  const ending = operations.finishing(operationId, ended)
  await insisting(services, () => resources.commit(ending))
  operations.finished(operationId)
}

async function listDeployments(call: Call): Promise<Answer> {
  const filter = readFilter(call.query.value('$filter'), ['provisioningState eq'])
  if (filter.type === 'bad') return errorOf(filter.error)
  const wanted = equalTo(filter.conditions, 'provisioningState')
  const all = await call.services.deployments.in(call.id)
  const found = all.filter(({ state }) => wanted === undefined || state.toLowerCase() === wanted)
  return pageOf(call, found, ({ name }) => name.toLowerCase(), viewOfDeployment)
}

async function removeDeployment(call: Call, document: DeploymentDocument | undefined): Promise<Answer> {
  const { deployments } = call.services
  if (document && deployments.active(document.id)) return errorOf(deploymentActive(document.id))
  if (document) await deployments.remove(document)
  return { status: 204 }
}

async function actionOf(call: Call): Promise<Answer> {
  const name = call.operation.action?.operation
  if (name === 'Validate') return validate(call)
  const document = await call.services.deployments.read(call.id)
  if (!document) return notFound(call)
  switch (name) {
    case 'Cancel':
      return cancel(call, document)
    case 'ExportTemplate':
      return { status: 200, body: { template: document.template } }
    case 'ListOperations':
      return pageOf(
        call,
        document.steps,
        ({ operationId }) => operationId,
        step => viewOfStep(document, step),
      )
    case 'GetOperation':
      return stepAnswer(call, document)
    default:
      return errorOf(armErrors.notSupported(call.operation.id))
  }
}

/** Everything that a PUT judges, and nothing that it does. */
async function validate(call: Call): Promise<Answer> {
  const prepared = await prepareBody(call)
  if (prepared.type === 'error') return errorOf(prepared.error)
  return { status: 200, body: validated(call, prepared) }
}

function validated(call: Call, { source, plan, templateHash }: Prepared): object {
  return {
    id: deploymentId(source.target, source.name),
    name: source.name,
    type: 'Microsoft.Resources/deployments',
    properties: {
      templateHash,
      mode: source.mode,
      provisioningState: 'Succeeded',
      correlationId: call.requestId,
      parameters: shownParameters(plan),
      validatedResources: plan.resources.map(({ id }) => ({ id })),
    },
  }
}

/** Nothing more of a deployment is begun; what was begun ends as it would. */
function cancel(call: Call, { id }: DeploymentDocument): Answer {
  const active = call.services.deployments.active(id)
  if (active) {
    active.isCanceled = true
    return { status: 204 }
  }
  return refuse({
    code: 'Conflict',
    message: `The deployment '${id}' cannot be cancelled: it has ended.`,
    target: id,
  }).answer
}

function stepAnswer(call: Call, document: DeploymentDocument): Answer {
  const wanted = call.words.at(-1)?.toLowerCase()
  const step = document.steps.find(({ operationId }) => operationId === wanted)
  if (step) return { status: 200, body: viewOfStep(document, step) }
  return errorOf({
    code: 'NotFound',
    message: `The deployment '${document.name}' has no operation of this id.`,
    target: document.id,
  })
}

function notFound(call: Call): Answer {
  const error: ErrorBody = {
    code: 'DeploymentNotFound',
    message: `Deployment '${resourceName(call.id)}' could not be found.`,
    target: idText(call.id),
  }
  return errorOf(error)
}

function tagsOf(body: unknown): Readonly<Record<string, string>> | undefined {
  const { tags } = isObject(body) ? body : {}
  return isObject(tags) ? (tags as Readonly<Record<string, string>>) : undefined
}
