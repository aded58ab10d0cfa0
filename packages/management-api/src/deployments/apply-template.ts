import {
  type AppliedTemplate,
  type DeployedResource,
  type ErrorBody,
  parseResourceId,
  resourceTypeOf,
} from '@causeway/api-contract'
import { INSTALLATION } from '../rights/caller.ts'
import type { Services } from '../server/services.ts'
import { deployAs } from './deploy-as.ts'
import type { Dispatch } from './inner-call.ts'
import type { DeploymentOutcome, DeploymentProgress } from './run.ts'

/** A template as the operator hands it in. */
export interface TemplateWanted {
  readonly document: unknown
  /** By name: `{"value": …}`. */
  readonly parameters?: unknown
  /** Name of the resource group. Default: the installation's own. */
  readonly group?: string
}

/**
 * Deploys a template as the installation itself, and waits for its end. What is wrong with the template is in the answer;
 * nothing was changed then. Errors: the store's.
 *
 * @param ownGroup name of the installation's own resource group.
 */
export async function applyTemplate(
  services: Services,
  dispatch: Dispatch,
  { document, parameters = {}, group = '' }: TemplateWanted,
  ownGroup: string,
  tell: (resource: DeployedResource) => void,
): Promise<AppliedTemplate> {
  const place = group === '' ? ownGroup : group
  const subscription = services.installation.subscriptions[0]?.id ?? ''
  const name = `apply-${new Date(services.now() * 1_000).toISOString().replace(/[-:]|\.\d+/g, '')}`
  const resources = new Map<string, DeployedResource>()
  const outcome = await deployAs(services, dispatch, INSTALLATION, {
    scope: `/subscriptions/${subscription}/resourceGroups/${place}`,
    name,
    template: document,
    parameters,
    tell: progress => {
      const resource = deployed(progress)
      resources.set(progress.id.toLowerCase(), resource)
      tell(resource)
    },
  })
  return { deployment: name, group: place, resources: [...resources.values()], ...ended(outcome) }
}

const STATES: Readonly<Record<DeploymentProgress['state'], string>> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  skipped: 'Skipped',
  deleted: 'Deleted',
}

function deployed({ id, state, error }: DeploymentProgress): DeployedResource {
  const read = parseResourceId(id)
  const type = read.type === 'good' ? resourceTypeOf(read.id) : ''
  return { id, type, state: STATES[state], ...(error && { error }) }
}

function ended(outcome: DeploymentOutcome): Pick<AppliedTemplate, 'state' | 'outputs' | 'error'> {
  switch (outcome.type) {
    case 'done': {
      const outputs = Object.entries(outcome.outputs as AppliedTemplate['outputs'])
      return {
        state: 'Succeeded',
        outputs: Object.fromEntries(outputs.filter(([, each]) => 'value' in each)),
      }
    }
    case 'failed':
      return { state: 'Failed', outputs: {}, error: named(outcome.error) }
    case 'canceled':
      return { state: 'Canceled', outputs: {} }
    default:
      return outcome satisfies never
  }
}

/** Of an error that stands for others: those, in its message, as the operator sees no more of it. */
function named(error: ErrorBody): ErrorBody {
  const { details = [] } = error
  if (error.code !== 'InvalidTemplateDeployment' || details.length === 0) return error
  return { ...error, message: details.map(({ message }) => message).join(' ') }
}
