import { definitionOf, type ResourceId, resourceGroupOf, resourceName } from '@causeway/api-contract'
import { type Call, idText } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import { type Condition, equalTo, readFilter } from '../envelope/filter.ts'
import { pageOf } from '../envelope/page.ts'
import { mayDo } from '../rights/caller.ts'
import { containerOf } from './containers.ts'
import { isObject, type Resource } from './document.ts'

const FILTERS = [
  'resourceType eq',
  'name eq',
  'resourceGroup eq',
  'location eq',
  'tagName eq',
  'tagValue eq',
] as const

/**
 * `…/resources`: everything in a group or a subscription that the caller may read, whatever its type. Groups are not in
 * it.
 */
export async function listResources(call: Call): Promise<Answer> {
  const { services, id } = call
  const container = await containerOf(services, id)
  if (isRefused(container)) return container.answer
  const filter = readFilter(call.query.value('$filter'), FILTERS)
  if (filter.type === 'bad') return errorOf(filter.error)
  const found: Resource[] = []
  for await (const resource of services.resources.below(id))
    if (isListed(resource, filter.conditions) && isReadable(call, resource)) found.push(resource)
  return pageOf(call, found, ({ key }) => key, entryOf)
}

function isListed({ id, document }: Resource, conditions: readonly Condition[]): boolean {
  if (id.type !== 'resource') return false
  const { location, tags } = document.body
  const [tagName, tagValue] = [equalTo(conditions, 'tagName'), equalTo(conditions, 'tagValue')]
  const is = (name: (typeof FILTERS)[number], value: unknown): boolean => {
    const wanted = equalTo(conditions, name.slice(0, -' eq'.length))
    return wanted === undefined || String(value).toLowerCase() === wanted
  }
  const hasTag = ([name, value]: [string, unknown]): boolean =>
    (tagName === undefined || name.toLowerCase() === tagName) &&
    (tagValue === undefined || String(value).toLowerCase() === tagValue)
  return (
    is('resourceType eq', document.type) &&
    is('name eq', resourceName(id)) &&
    is('resourceGroup eq', groupName(id)) &&
    is('location eq', location) &&
    ((tagName ?? tagValue) === undefined || (isObject(tags) && Object.entries(tags).some(hasTag)))
  )
}

function isReadable({ services, caller }: Call, { document }: Resource): boolean {
  return mayDo(services.roles, caller, `${definitionOf(document.type).actionPrefix}/read`, document.id)
}

function entryOf({ id, document }: Resource): object {
  const { location, tags, sku, identity, kind } = document.body
  return {
    id: idText(id),
    name: resourceName(id),
    type: document.type,
    ...(kind !== undefined && { kind }),
    ...(location !== undefined && { location }),
    ...(tags !== undefined && { tags }),
    ...(sku !== undefined && { sku }),
    ...(identity !== undefined && { identity }),
    createdTime: document.createdAt,
    changedTime: document.changedAt,
    provisioningState: document.state,
  }
}

function groupName(id: ResourceId): string {
  return resourceGroupOf(id)?.name ?? ''
}
