import { armErrors, formatResourceId, parentOf } from '@causeway/api-contract'
import { type Call, timeOf } from '../call/call.ts'
import { type Answer, errorOf, isRefused } from '../envelope/answer.ts'
import { judgePreconditions } from '../envelope/preconditions.ts'
import { settle } from './applying.ts'
import { accepted, beginOperation, historyOf, judgeBusy, locationOf, runningBody } from './changing.ts'
import { groupOf } from './containers.ts'
import { etagOf, type Resource } from './document.ts'
import { lockKey } from './linked.ts'
import { withOperation } from './resource-store.ts'
import { servedResource } from './resource-view.ts'

/** DELETE of a resource: refused while another one refers to it. */
export async function removeDocument(call: Call): Promise<Answer> {
  const { id, services } = call
  const relies = [lockKey(parentOf(id) ?? id)]
  return services.locks.holding({ changes: [lockKey(id)], relies }, async () => {
    const group = await groupOf(services, id)
    if (isRefused(group)) return group.answer
    const resource = await services.resources.read(id)
    const precondition = judgePreconditions(call, formatResourceId(id), resource && etagOf(resource.document))
    if (precondition) return errorOf(precondition)
    if (!resource) return { status: 204 }
    const busy = judgeBusy(call, resource)
    if (busy) return busy.answer
    const users = services.resources.references.usersOf(id)
    if (users.length > 0) return errorOf(armErrors.resourceInUse(formatResourceId(resource.id), users))
    return services.servers[resource.document.type]?.apply
      ? removeLater(call, resource)
      : removeNow(call, resource)
  })
}

async function removeNow(call: Call, resource: Resource): Promise<Answer> {
  const { resources, roles } = call.services
  const id = formatResourceId(resource.id)
  const entry = historyOf(call, resource.id, call.definition, resource.document.body, undefined)
  const changes = [
    ...resources.remove(resource),
    ...roles.removeBelow(id),
    { type: 'record', entry } as const,
  ]
  const outcome = await resources.commit(changes)
  if (outcome.type === 'conflict') return errorOf(armErrors.retryable(id), { 'retry-after': '1' })
  return { status: 200 }
}

async function removeLater(call: Call, resource: Resource): Promise<Answer> {
  const { resources, operations } = call.services
  const { id, document } = resource
  const begun = beginOperation(call, id, call.definition, locationOf(call, document.body))
  if (begun.type === 'refused') return begun.answer
  const { operation } = begun
  const bodies = await resources.bodiesOf(resource)
  const running = runningBody(resource, bodies)
  const stamps = { state: 'Deleting', changedAt: timeOf(call), changedBy: call.caller.objectId } as const
  const reference = { id: operation.id, status: operation.paths.status }
  const draft = {
    id,
    document: withOperation({ ...document, ...stamps }, reference),
    bodies: { body: bodies.body, applied: running },
  }
  const entry = historyOf(call, id, call.definition, document.body, undefined)
  const changes = [...resources.put(draft, resource), ...begun.changes, { type: 'record', entry } as const]
  const outcome = await operations.store(operation.id, changes)
  if (outcome.type === 'conflict')
    return errorOf(armErrors.retryable(formatResourceId(id)), { 'retry-after': '1' })
  const former = servedResource(id, document, running ?? bodies.body)
  const settling = settle(call, resource, operation, { type: 'remove', former })
  if (call.services.servers[document.type]?.isQuick !== true) return accepted(call.baseUrl, operation)
  const ended = await settling
  return ended.type === 'failed' ? errorOf(ended.error) : { status: 200 }
}
