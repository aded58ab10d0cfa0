import { randomBytes } from 'node:crypto'
import {
  type AppliedTemplate,
  type DeployedResource,
  parseResourceId,
  resourceTypeOf,
} from '@causeway/api-contract'
import { CommandError, type ManagementPort } from '@causeway/gateway'
import type { DeploymentOutcome, DeploymentProgress } from '../deployments/run.ts'
import type { ManagementApi } from '../server/options.ts'

export interface TemplateCommandOptions {
  readonly deploy: ManagementApi['deploy']
  readonly subscriptionId: string
  /** The resource group of templates that name none. */
  readonly defaultGroup: string
  /** Unix seconds. */
  readonly now: () => number
}

/** The group of the quick start's gateway. */
export const DEFAULT_GROUP = 'causeway'

/**
 * The operator's command that deploys a template: in a group, or by its schema in the subscription. A template that is
 * refused as a whole is an error, as nothing was changed; one of which something failed is an answer that says so.
 */
export function createTemplateCommand(options: TemplateCommandOptions): ManagementPort['applyTemplate'] {
  const { deploy, subscriptionId, defaultGroup, now } = options
  return async ({ document, parameters, group: wanted }, onProgress) => {
    const subscription = `/subscriptions/${subscriptionId}`
    const group = isOfSubscription(document) ? undefined : (wanted ?? defaultGroup)
    const name = deploymentName(now())
    const resources = new Map<string, DeployedResource>()
    const outcome = await deploy({
      scope: group === undefined ? subscription : `${subscription}/resourceGroups/${group}`,
      name,
      template: document,
      ...(parameters && { parameters }),
      tell: progress => {
        const resource = resourceOf(progress)
        resources.set(resource.id.toLowerCase(), resource)
        onProgress(resource)
      },
    })
    return answerOf(outcome, {
      deployment: name,
      ...(group !== undefined && { group }),
      resources: [...resources.values()],
    })
  }
}

function answerOf(
  outcome: DeploymentOutcome,
  what: Pick<AppliedTemplate, 'deployment' | 'group' | 'resources'>,
): AppliedTemplate {
  switch (outcome.type) {
    case 'done':
      return { ...what, state: 'Succeeded', outputs: outcome.outputs as AppliedTemplate['outputs'] }
    case 'canceled':
      return { ...what, state: 'Canceled', outputs: {} }
    case 'failed': {
      const { code, message, details } = outcome.error
      const isBegun = what.resources.length > 0 || code === 'DeploymentFailed'
      if (!isBegun) throw new CommandError(code, message, details)
      return { ...what, state: 'Failed', outputs: {}, error: outcome.error }
    }
    default:
      return outcome satisfies never
  }
}

const STATES: Readonly<Record<DeploymentProgress['state'], string>> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  skipped: 'Skipped',
  deleted: 'Deleted',
}

function resourceOf({ id, state, error }: DeploymentProgress): DeployedResource {
  const parsed = parseResourceId(id)
  const type = parsed.type === 'good' ? resourceTypeOf(parsed.id) : ''
  return { id, type, state: STATES[state], ...(error && { error }) }
}

/** ARM's schema of templates that make resource groups, among others. */
function isOfSubscription(document: unknown): boolean {
  const schema = (document as { readonly $schema?: unknown } | null)?.$schema
  return typeof schema === 'string' && /subscriptionDeploymentTemplate/i.test(schema)
}

/** `apply-20261122T151630Z-3fa9`: in order of time, and never twice. */
function deploymentName(unixSeconds: number): string {
  const time = new Date(unixSeconds * 1_000).toISOString().replace(/[-:]|\.\d+/g, '')
  return `apply-${time}-${randomBytes(2).toString('hex')}`
}
