import { randomBytes } from 'node:crypto'
import {
  type AppliedTemplate,
  type DeployedResource,
  definitionOf,
  type ErrorBody,
  parseResourceId,
  type ResourceId,
  resourceTypeOf,
} from '@causeway/api-contract'
import { CommandError, type ManagementPort } from '@causeway/gateway'
import type { DocumentStore } from '@causeway/store'
import type { DeploymentOutcome, DeploymentProgress } from '../deployments/run.ts'
import { documentKey } from '../resources/document.ts'
import type { ManagementApi } from '../server/options.ts'

export interface TemplateCommandOptions {
  readonly deploy: ManagementApi['deploy']
  readonly subscriptionId: string
  /** The resource group of templates that name none: it is made when it is first asked for. */
  readonly defaultGroup: string
  /** Where that group is, as ARM writes places. */
  readonly location: string
  readonly documents: Pick<DocumentStore, 'read'>
  /** Unix seconds. */
  readonly now: () => number
}

/** Ours: a person mends the first ones first. */
const REASONS_SHOWN = 5

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
    if (group !== undefined && wanted === undefined) await ensureGroup(options)
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

/** An installation that began without a gateway has no group yet. Errors: `CommandError`. */
async function ensureGroup(options: TemplateCommandOptions): Promise<void> {
  const { deploy, subscriptionId, defaultGroup: name, location, documents, now } = options
  const id: ResourceId = { type: 'resourceGroup', subscriptionId, name }
  const key = documentKey(id)
  if (key === undefined || (await documents.read(key))) return
  const type = 'Microsoft.Resources/resourceGroups'
  const resources = [{ type, apiVersion: definitionOf(type).apiVersions.at(-1), name, location }]
  const outcome = await deploy({
    scope: `/subscriptions/${subscriptionId}`,
    name: deploymentName(now()),
    template: { contentVersion: '1.0.0.0', resources },
  })
  if (outcome.type === 'failed') throw refused(outcome.error)
}

/** The reasons stand in the details, where there are any. */
function refused({ code, message, details = [] }: ErrorBody): CommandError {
  const reasons = details.slice(0, REASONS_SHOWN).map(detail => detail.message)
  const rest = details.length > REASONS_SHOWN ? [`and ${details.length - REASONS_SHOWN} more`] : []
  return new CommandError(code, reasons.length === 0 ? message : [...reasons, ...rest].join('; '), details)
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
      const isBegun = what.resources.length > 0 || outcome.error.code === 'DeploymentFailed'
      if (!isBegun) throw refused(outcome.error)
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
