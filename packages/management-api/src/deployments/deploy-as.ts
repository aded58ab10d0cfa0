import { randomUUID } from 'node:crypto'
import { definitionOf, type ErrorBody } from '@causeway/api-contract'
import type { Services } from '../call/services.ts'
import type { Caller } from '../rights/caller.ts'
import type { DeploymentMode } from './deployment-document.ts'
import { type Asker, type Dispatch, innerCall } from './inner-call.ts'
import { prepare, readDeployment } from './prepare.ts'
import { recordDeployment } from './record-deployment.ts'
import {
  type DeploymentOutcome,
  type DeploymentProgress,
  deploymentActive,
  newRun,
  runDeployment,
} from './run.ts'

/** A template that is to be deployed by this process itself. */
export interface DeployRequest {
  /** Id of a group, or of a subscription. */
  readonly scope: string
  /** Of the deployment. */
  readonly name: string
  readonly template: unknown
  /** By name: `{"value": …}`. */
  readonly parameters?: unknown
  /** Default `Incremental`. */
  readonly mode?: DeploymentMode
  readonly tell?: (progress: DeploymentProgress) => void
}

/**
 * Deploys a template on somebody's behalf and waits for its end. What is wrong with it is an outcome; nothing was changed
 * then. Errors: the store's.
 */
export async function deployAs(
  services: Services,
  dispatch: Dispatch,
  caller: Caller,
  { scope, name, template, parameters = {}, mode = 'Incremental', tell }: DeployRequest,
): Promise<DeploymentOutcome> {
  const asker: Asker = { services, caller, baseUrl: 'https://localhost', requestId: randomUUID() }
  const apiVersion = definitionOf('Microsoft.Resources/deployments').apiVersions.at(-1) ?? ''
  const id = `${scope}/providers/Microsoft.Resources/deployments/${name}`
  const properties = { mode, template, parameters }
  const body = { location: services.installation.location.name, properties }
  const made = innerCall(asker, { method: 'PUT', id, apiVersion, body })
  if (made.type === 'error') return failed(made.error)
  const { call } = made
  const source = readDeployment(call, body)
  if ('code' in source) return failed(source)
  const prepared = await prepare(call, source)
  if (prepared.type === 'error') return failed(prepared.error)
  const active = services.deployments.begin(id)
  if (!active) return failed(deploymentActive(id))
  try {
    const record = await recordDeployment(call, prepared, undefined, undefined)
    return await runDeployment(newRun(dispatch, active, tell), call, prepared, record)
  } finally {
    services.deployments.end(id)
  }
}

function failed(error: ErrorBody): DeploymentOutcome {
  return { type: 'failed', error }
}
