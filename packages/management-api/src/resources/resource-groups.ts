import { armErrors, resourceName } from '@causeway/api-contract'
import { type Call, idText } from '../call/call.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { pageOf } from '../envelope/page.ts'
import { mayDo } from '../rights/caller.ts'
import { etagOf } from './document.ts'
import { viewOf } from './resource-view.ts'

/** GET and HEAD of a group. */
export async function readGroup(call: Call): Promise<Answer> {
  const { services, id, operation } = call
  const group = await services.resources.read(id)
  if (operation.kind === 'head') return { status: group ? 204 : 404 }
  if (!group) return errorOf(armErrors.resourceGroupNotFound(resourceName(id)))
  return { status: 200, body: await viewOf(services, group), headers: { etag: etagOf(group.document) } }
}

/** The groups of a subscription that the caller may read. */
export async function listGroups(call: Call): Promise<Answer> {
  const { services, id, caller } = call
  const groups = await services.resources.inCollection(id, ['resourcegroups'])
  const right = 'Microsoft.Resources/subscriptions/resourceGroups/read'
  const visible = groups.filter(group => mayDo(services.roles, caller, right, idText(group.id)))
  return pageOf(
    call,
    visible,
    ({ key }) => key,
    group => viewOf(services, group),
  )
}
