import { createHash } from 'node:crypto'
import {
  armErrors,
  canonicalBody,
  type DocumentFault,
  definitionOf,
  deploymentSchema,
  type ErrorBody,
  faultsError,
  formatResourceId,
  nameFault,
  parseResourceId,
  readResourceBody,
  resourceName,
} from '@causeway/api-contract'
import {
  Budget,
  faultsWithin,
  LIMITS,
  type Plan,
  type PlannedResource,
  readTemplate,
  type ValueObject,
} from '@causeway/arm-template'
import type { Call } from '../call/call.ts'
import { isRefused } from '../envelope/answer.ts'
import { groupOf } from '../resources/containers.ts'
import { isObject } from '../resources/document.ts'
import { bodyError } from '../resources/writing.ts'
import type { DeploymentMode } from './deployment-document.ts'
import { errorIn, innerCall } from './inner-call.ts'
import { shownError } from './shown-error.ts'
import { type DeploymentTarget, targetOfDeployment, templateContext } from './template-context.ts'

/** What is to be deployed, as somebody gave it. */
export interface DeploymentSource {
  readonly target: DeploymentTarget
  readonly name: string
  readonly location: string | undefined
  readonly mode: DeploymentMode
  readonly template: unknown
  readonly parameters: unknown
  /** Of a template in another one. */
  readonly outer?: NonNullable<PlannedResource['nested']>['outer']
  /** How many deployments it lies in. */
  readonly depth: number
  /** What may be spent on it, and on all that it lies in. */
  readonly budget: Budget
}

/** A deployment that was judged whole, as far as that can be done before anything is changed. */
export interface Prepared {
  readonly type: 'prepared'
  readonly source: DeploymentSource
  readonly plan: Plan
  readonly templateHash: string
}

export type Preparation = Prepared | { readonly type: 'error'; readonly error: ErrorBody }

/** Reads the body of a deployment. */
export function readDeployment(call: Call, body: unknown): DeploymentSource | ErrorBody {
  const fault = nameFault(definitionOf('Microsoft.Resources/deployments').name, resourceName(call.id))
  if (fault) return faultsError('InvalidResourceName', [fault])
  const target = targetOfDeployment(call.id)
  if (!target) return armErrors.notSupported(call.operation.id)
  const linked = linkFault(body)
  if (linked) return linked
  const { value, faults } = canonicalBody(deploymentSchema, body)
  const [first, ...more] = faults
  if (first) return faultsError('InvalidRequestContent', [first, ...more])
  const { properties, location } = value as ReadDeployment
  if (target.type === 'subscription' && !location) return armErrors.locationRequired()
  if (target.type === 'subscription' && properties.mode === 'Complete') return completeRefused()
  return {
    target,
    name: resourceName(call.id),
    location,
    mode: properties.mode,
    template: properties.template,
    parameters: properties.parameters ?? {},
    depth: 0,
    budget: new Budget(),
  }
}

interface ReadDeployment {
  readonly location?: string
  readonly properties: {
    readonly mode: DeploymentMode
    readonly template: unknown
    readonly parameters?: unknown
  }
}

/** Evaluates a template and judges everything in it. Nothing is changed. */
export async function prepare(call: Call, source: DeploymentSource): Promise<Preparation> {
  const { target, template, parameters, outer, budget } = source
  const context = await templateContext(call, target, source)
  const read = readTemplate({ template, parameters, budget, ...(outer && { outer }) }, context)
  if (read.type === 'bad') return { type: 'error', error: templateError(read.faults) }
  const plan = read.value
  const made = new Set(plan.resources.map(({ id }) => id.toLowerCase()))
  const details: ErrorBody[] = []
  for (const resource of plan.resources) {
    details.push(...(await judgeResource(call, source, resource, made)))
    if (details.length >= LIMITS.faults) break
  }
  if (details.length > 0)
    return { type: 'error', error: shownError(invalidDeployment(source.name, details), plan.secrets) }
  const templateHash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 20)
  return { type: 'prepared', source, plan, templateHash }
}

/** `InvalidTemplate`, with everything that is wrong in its details. */
export function templateError(faults: readonly DocumentFault[]): ErrorBody {
  const [first, ...more] = faults
  if (!first) throw new Error('ERR_API_FAULTS: a template is refused without a fault')
  const error = faultsError('InvalidTemplate', [first, ...more])
  return { ...error, message: `Deployment template validation failed: '${error.message}'.` }
}

function invalidDeployment(name: string, details: readonly ErrorBody[]): ErrorBody {
  return {
    code: 'InvalidTemplateDeployment',
    message: `The template deployment '${name}' is not valid according to the validation procedure. See details for the ${details.length === 1 ? 'error' : `${details.length} errors`}.`,
    details: details.slice(0, LIMITS.faults),
  }
}

async function judgeResource(
  call: Call,
  source: DeploymentSource,
  resource: PlannedResource,
  made: ReadonlySet<string>,
): Promise<readonly ErrorBody[]> {
  const { id, apiVersion, preview, nested } = resource
  const told = (error: ErrorBody): ErrorBody => ({ ...error, target: id })
  const inner = innerCall(call, { method: 'PUT', id, apiVersion, body: preview.body })
  if (inner.type === 'error') return [told(inner.error)]
  const { definition } = inner.call
  // A role assignment's call is about what it is on: its name is in its own id alone.
  const fault = nameFault(definition.name, id.slice(id.lastIndexOf('/') + 1))
  if (fault) return [told(faultsError('InvalidResourceName', [fault]))]
  const group = await groupOf(call.services, inner.call.id)
  if (isRefused(group) && !isMadeBefore(inner.call, made)) {
    const error = errorIn(group.answer)
    return error ? [told(error)] : []
  }
  if (nested) return judgeNested(inner.call, source, resource)
  const read = readResourceBody(definition, preview.body, { apiVersion })
  const faults = read.type === 'bad' ? read.faults.filter(each => !isPending(each, preview.pending)) : []
  return faults.length === 0 ? [] : [{ ...bodyError(faultsWithin(faults, resource.path)) }]
}

/** Whether the group of a resource is made by the same template. */
function isMadeBefore({ id }: Call, made: ReadonlySet<string>): boolean {
  const scope = id.type === 'resource' ? id.scope : undefined
  return scope?.type === 'resourceGroup' && made.has(formatResourceId(scope).toLowerCase())
}

/** Whether a fault is about what only other resources can tell. */
function isPending({ path }: DocumentFault, pending: readonly string[]): boolean {
  const isIn = (inner: string, outer: string): boolean =>
    inner === outer || outer === '' || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`)
  return pending.some(place => isIn(path, place) || isIn(place, path))
}

async function judgeNested(
  inner: Call,
  source: DeploymentSource,
  resource: PlannedResource,
): Promise<readonly ErrorBody[]> {
  const { preview, path, id } = resource
  if (source.depth + 1 > LIMITS.nested)
    return [
      {
        code: 'InvalidTemplateDeployment',
        message: `${path}: more than ${LIMITS.nested} deployments lie within each other; make the template flatter.`,
        target: id,
      },
    ]
  // What its parameters are is not known before something else is there: it is judged then.
  if (preview.pending.some(place => place.startsWith('properties'))) return []
  const read = nestedSource(inner, source, resource, preview.body)
  if ('code' in read) return [read]
  const isThere = !isRefused(await groupOf(inner.services, inner.id))
  if (!isThere) return []
  const prepared = await prepare(inner, read)
  return prepared.type === 'error' ? [{ ...prepared.error, target: id }] : []
}

/** A template in another one as what is to be deployed; `inner` is the call that makes it. */
export function nestedSource(
  inner: Call,
  source: DeploymentSource,
  { nested, path, id }: PlannedResource,
  body: ValueObject,
): DeploymentSource | ErrorBody {
  const { properties, location } = body
  const {
    mode = 'Incremental',
    parameters = {},
    parametersLink,
  } = isObject(properties) ? (properties as ValueObject) : {}
  const target = targetOfDeployment(inner.id)
  if (!nested || !target) return { ...armErrors.notSupported(inner.operation.id), target: id }
  if (String(mode).toLowerCase() !== 'incremental') return { ...completeRefused(), target: id }
  if (parametersLink !== undefined) return { ...linkRefused(`${path}.properties.parametersLink`), target: id }
  return {
    target,
    name: resourceName(parsed(id) ?? inner.id),
    location: typeof location === 'string' ? location : undefined,
    mode: 'Incremental',
    template: nested.template,
    parameters,
    ...(nested.outer && { outer: nested.outer }),
    depth: source.depth + 1,
    budget: source.budget,
  }
}

function parsed(id: string): Call['id'] | undefined {
  const read = parseResourceId(id)
  return read.type === 'good' ? read.id : undefined
}

function linkFault(body: unknown): ErrorBody | undefined {
  const { properties } = isObject(body) ? body : {}
  for (const name of ['templateLink', 'parametersLink'])
    if (
      isObject(properties) &&
      Object.keys(properties).some(key => isName(key, name) && properties[key] != null)
    )
      return linkRefused(`properties.${name}`)
  if (isObject(properties) && !Object.keys(properties).some(key => isName(key, 'template')))
    return {
      code: 'InvalidRequestContent',
      message: 'properties.template: is missing; send the template itself.',
      target: 'properties.template',
    }
  return undefined
}

function isName(key: string, name: string): boolean {
  return key.toLowerCase() === name.toLowerCase()
}

function linkRefused(path: string): ErrorBody {
  return {
    code: 'InvalidTemplate',
    message: `${path}: this gateway does not fetch templates from other places; send the template and its parameters themselves, in properties.template and properties.parameters.`,
    target: path,
  }
}

function completeRefused(): ErrorBody {
  return {
    code: 'InvalidTemplateDeployment',
    message:
      "The mode 'Complete' is for the one template that is deployed to a resource group; use 'Incremental' here.",
    target: 'properties.mode',
  }
}
