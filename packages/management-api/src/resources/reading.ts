import { type ResourceId, resourceGroupOf } from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import { pageOf, reachOf } from '../envelope/page.ts'
import { isUnchanged } from '../envelope/preconditions.ts'
import { containerOf, groupOf } from './containers.ts'
import { etagOf, type Resource } from './document.ts'
import { viewOf } from './resource-view.ts'
import { notFound } from './writing.ts'

/** GET of a resource. */
export async function readDocument(call: Call): Promise<Answer> {
  const { services, id, definition } = call
  const group = await groupOf(services, id)
  if (isRefused(group)) return group.answer
  const resource = await services.resources.read(id)
  if (!resource) return errorOf(notFound(definition, id))
  const etag = etagOf(resource.document)
  if (isUnchanged(call, etag)) return { status: 304, headers: { etag } }
  return { status: 200, body: await viewOf(services, resource), headers: { etag } }
}

/** GET of a collection: in a group, or in a whole subscription. */
export async function listDocuments(call: Call): Promise<Answer> {
  const { services, id } = call
  const container = await containerOf(services, id)
  if (isRefused(container)) return container.answer
  const resources = await resourcesOf(call, id)
  return pageOf(
    call,
    resources,
    ({ key }) => key,
    resource => viewOf(services, resource),
  )
}

async function resourcesOf(call: Call, id: ResourceId): Promise<readonly Resource[]> {
  const { services, definition } = call
  if (resourceGroupOf(id))
    return services.resources.inCollection(id, ['providers', ...definition.type.split('/')], reachOf(call))
  const found: Resource[] = []
  for await (const resource of services.resources.below(id))
    if (resource.document.type === definition.type) found.push(resource)
  return found
}
