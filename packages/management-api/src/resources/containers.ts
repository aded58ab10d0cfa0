import { armErrors, formatResourceId, type ResourceId, resourceGroupOf } from '@causeway/api-contract'
import type { Services } from '../call/services.ts'
import { type Refused, refuse } from '../envelope/answer.ts'
import type { Resource } from './document.ts'

/** The group that a resource is or is to be in. */
export async function groupOf(services: Services, id: ResourceId): Promise<Resource | Refused | undefined> {
  const group = id.type === 'resourceGroup' ? undefined : resourceGroupOf(id)
  if (!group) return undefined
  const found = await services.resources.read(group)
  return found ?? refuse(armErrors.resourceGroupNotFound(group.name))
}

/** What a collection is in, where that is a group. */
export async function containerOf(
  services: Services,
  id: ResourceId,
): Promise<Resource | Refused | undefined> {
  if (id.type !== 'resourceGroup') return groupOf(services, id)
  return (await services.resources.read(id)) ?? refuse(armErrors.resourceGroupNotFound(id.name))
}

/** Why nothing may be made in a group; `undefined`: it may. */
export function judgeGroup(group: Resource): Refused | undefined {
  if (group.document.state !== 'Deleting') return undefined
  const id = formatResourceId(group.id)
  return refuse({
    code: 'ResourceGroupBeingDeleted',
    message: `The resource group '${id}' is in deprovisioning state and cannot perform this operation.`,
    target: id,
  })
}

/** The id spelled as its group is: whoever made the group chose how it is written. */
export function spelledLike(id: ResourceId, group: Resource | undefined): ResourceId {
  if (id.type !== 'resource' || !group) return id
  return id.scope.type === 'resourceGroup' ? { ...id, scope: group.id } : id
}
