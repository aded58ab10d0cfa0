import type { DEPLOYMENT_MODES, ErrorBody } from '@causeway/api-contract'
import type { Plan } from '@causeway/arm-template'
import type { OperationReference } from '../resources/document.ts'

export type DeploymentMode = (typeof DEPLOYMENT_MODES)[number]
export type DeploymentState = 'Accepted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled'

/** A deployment as it is stored: no value of a secure parameter or output is in it. */
export interface DeploymentDocument {
  readonly id: string
  readonly name: string
  /** Id of the group or subscription. */
  readonly scope: string
  /** Of a deployment to a subscription. */
  readonly location: string | undefined
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly mode: DeploymentMode
  readonly state: DeploymentState
  readonly correlationId: string
  readonly startedAt: string
  readonly changedAt: string
  readonly startedBy: string
  /** As `{"name": {"type": "String", "value": …}}`. */
  readonly parameters: object
  readonly outputs: object
  readonly outputResources: readonly { readonly id: string }[]
  readonly dependencies: readonly object[]
  readonly providers: readonly object[]
  readonly templateHash: string
  /** Without defaults of secure parameters, and without secrets that are written into it. */
  readonly template: unknown
  readonly error: ErrorBody | undefined
  readonly steps: readonly DeploymentStep[]
  /** That by which it is polled. */
  readonly operation: OperationReference | undefined
}

/** What was done for one resource, or the outputs. */
export interface DeploymentStep {
  readonly operationId: string
  readonly kind: 'Create' | 'Delete' | 'EvaluateDeploymentOutput'
  readonly state: 'Running' | 'Succeeded' | 'Failed'
  readonly startedAt: string
  readonly endedAt: string
  /** As `Created`. */
  readonly statusCode: string
  readonly error: ErrorBody | undefined
  readonly target:
    | { readonly id: string; readonly resourceType: string; readonly resourceName: string }
    | undefined
}

/** `DeploymentExtended`. */
export function viewOfDeployment(document: DeploymentDocument): object {
  const { id, name, location, tags } = document
  return {
    id,
    name,
    type: 'Microsoft.Resources/deployments',
    ...(location !== undefined && { location }),
    ...(tags && { tags }),
    properties: propertiesOfDeployment(document),
  }
}

/** What is answered of a deployment under `properties`. */
export function propertiesOfDeployment(document: DeploymentDocument): object {
  const { state, correlationId, startedAt, changedAt, mode, error, templateHash } = document
  const { parameters, outputs, outputResources, dependencies, providers } = document
  return {
    templateHash,
    parameters,
    mode,
    provisioningState: state,
    timestamp: changedAt,
    duration: durationText(startedAt, changedAt),
    correlationId,
    providers,
    dependencies,
    ...(state === 'Succeeded' && { outputs, outputResources }),
    ...(error && { error }),
  }
}

/** `DeploymentOperation`. */
export function viewOfStep({ id, correlationId }: DeploymentDocument, step: DeploymentStep): object {
  const { operationId, kind, state, startedAt, endedAt, statusCode, error, target } = step
  return {
    id: `${id}/operations/${operationId}`,
    operationId,
    properties: {
      provisioningOperation: kind,
      provisioningState: state,
      timestamp: endedAt,
      duration: durationText(startedAt, endedAt),
      trackingId: correlationId,
      statusCode,
      ...(error && { statusMessage: { status: 'Failed', error } }),
      ...(target && { targetResource: target }),
    },
  }
}

/** ISO 8601, as `PT1.5S`. */
function durationText(from: string, to: string): string {
  return `PT${Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000}S`
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'String',
  securestring: 'SecureString',
  int: 'Int',
  bool: 'Bool',
  object: 'Object',
  secureobject: 'SecureObject',
  array: 'Array',
}

/** A type of a parameter as ARM answers it. */
export function typeWord(type: string): string {
  return TYPE_WORDS[type] ?? type
}

/** The parameters of a plan as they are answered: of a secret its type alone. */
export function shownParameters({ parameters }: Plan): object {
  return Object.fromEntries(
    parameters.map(({ name, type, isSecret, value }) => [
      name,
      { type: typeWord(type), ...(!isSecret && { value }) },
    ]),
  )
}
