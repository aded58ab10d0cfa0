import { createHash, randomUUID } from 'node:crypto'
import { formatResourceId, type ResourceId, resourceTypeDefinition } from '@causeway/api-contract'
import type { TemplateContext, ValueObject } from '@causeway/arm-template'
import type { Call } from '../call/call.ts'
import { cloudMetadata } from '../metadata/endpoints.ts'
import { viewOf } from '../resources/resource-view.ts'

/** What a deployment goes to. */
export type DeploymentTarget = TemplateContext['target']

/** What is deployed, as `deployment()` tells it. */
export interface DeploymentFace {
  readonly name: string
  readonly location: string | undefined
  readonly mode: string
}

/** All that a template is told of the world. */
export async function templateContext(
  { services, baseUrl }: Call,
  target: DeploymentTarget,
  { name, location, mode }: DeploymentFace,
): Promise<TemplateContext> {
  const { installation, now } = services
  const { tenant } = installation
  const subscription = installation.subscriptions.find(
    ({ id }) => id.toLowerCase() === target.subscriptionId.toLowerCase(),
  )
  const group = target.type === 'resourceGroup' ? await services.resources.read(target) : undefined
  const resourceGroup = group && plain(await viewOf(services, group))
  return {
    target: groupTarget(target, group?.id),
    deployment: {
      name,
      ...(location !== undefined && { location }),
      properties: { mode, provisioningState: 'Accepted' },
    },
    subscription: {
      id: `/subscriptions/${target.subscriptionId}`,
      subscriptionId: target.subscriptionId,
      tenantId: tenant.id,
      displayName: subscription?.displayName ?? '',
    },
    tenant: { tenantId: tenant.id, displayName: tenant.displayName },
    environment: plain(cloudMetadata(baseUrl, '2022-09-01', installation, undefined)),
    ...(resourceGroup && { resourceGroup }),
    apiVersions: type => resourceTypeDefinition(type)?.apiVersions.toReversed(),
    hash: text => createHash('sha256').update(text).digest(),
    newGuid: randomUUID,
    now: now(),
  }
}

/** JSON as it goes over the wire, without what is not said. */
export function plain(body: unknown): ValueObject {
  return JSON.parse(JSON.stringify(body ?? {})) as ValueObject
}

/** What a deployment's id lies in; `undefined`: in nothing that one deploys to. */
export function targetOfDeployment(id: ResourceId): DeploymentTarget | undefined {
  const scope = id.type === 'resource' ? id.scope : id
  return scope.type === 'resourceGroup' || scope.type === 'subscription' ? scope : undefined
}

/** The id of a deployment. */
export function deploymentId(target: DeploymentTarget, name: string): string {
  return `${formatResourceId(target)}/providers/Microsoft.Resources/deployments/${name}`
}

/** Ids in a group are spelled as whoever made the group did. */
function groupTarget(target: DeploymentTarget, group: ResourceId | undefined): DeploymentTarget {
  return group?.type === 'resourceGroup' ? group : target
}
