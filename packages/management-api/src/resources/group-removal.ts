import {
  armErrors,
  definitionOf,
  formatResourceId,
  isWithin,
  parseResourceId,
  resourceName,
} from '@causeway/api-contract'
import { type Call, timeOf } from '../call/call.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import type { OperationDocument, Outcome } from '../operations/operation-store.ts'
import { inBackground, insisting, settled } from './applying.ts'
import { accepted, beginOperation, historyOf, judgeBusy, locationOf, runningBody } from './changing.ts'
import type { Resource } from './document.ts'
import { lockKey } from './linked.ts'
import { serverErrorBody } from './resource-server.ts'
import { withOperation } from './resource-store.ts'
import { servedResource } from './resource-view.ts'

/** DELETE of a group: of everything in it, and then of itself. Goes on after its request. */
export async function removeGroup(call: Call): Promise<Answer> {
  const { services, id } = call
  return services.locks.holding({ changes: [lockKey(id)], relies: [] }, async () => {
    const group = await services.resources.read(id)
    if (!group) return errorOf(armErrors.resourceGroupNotFound(resourceName(id)))
    const busy = judgeBusy(call, group)
    if (busy) return busy.answer
    const blocked = await judgeContents(call, group)
    if (blocked) return blocked
    return beginRemoval(call, group)
  })
}

/** Why a group may not go: something in it is used from outside, or is being changed. */
async function judgeContents(call: Call, group: Resource): Promise<Answer | undefined> {
  const { resources } = call.services
  for await (const resource of resources.below(group.id)) {
    const busy = judgeBusy(call, resource)
    if (busy) return busy.answer
    const outside = resources.references.usersOf(resource.id).filter(user => {
      const read = parseResourceId(user)
      return read.type === 'good' && !isWithin(read.id, group.id)
    })
    if (outside.length > 0) return errorOf(armErrors.resourceInUse(formatResourceId(resource.id), outside))
  }
  return undefined
}

async function beginRemoval(call: Call, group: Resource): Promise<Answer> {
  const { resources, operations } = call.services
  const { id, document } = group
  const begun = beginOperation(call, id, call.definition, locationOf(call, document.body))
  if (begun.type === 'refused') return begun.answer
  const { operation, changes } = begun
  const stamps = { state: 'Deleting', changedAt: timeOf(call), changedBy: call.caller.objectId } as const
  const reference = { id: operation.id, status: operation.paths.status }
  const going = withOperation({ ...document, ...stamps }, reference)
  const bodies = { body: document.body, applied: undefined }
  const outcome = await operations.store(operation.id, [
    ...resources.put({ id, document: going, bodies }, group),
    ...changes,
  ])
  if (outcome.type === 'conflict')
    return errorOf(armErrors.retryable(formatResourceId(id)), { 'retry-after': '1' })
  inBackground(call.services, () => removeContents(call, group, operation))
  return accepted(call.baseUrl, operation)
}

async function removeContents(call: Call, group: Resource, operation: OperationDocument): Promise<void> {
  const { resources, operations, roles, locks, deployments } = call.services
  const outcome = await contentsRemoved(call, group)
  const ending = operations.finishing(operation.id, outcome)
  const claim = { changes: [lockKey(group.id)], relies: [] }
  const end = async (): Promise<void> => {
    const present = await resources.read(group.id)
    const entry = historyOf(call, group.id, call.definition, group.document.body, undefined)
    if (!present) await resources.commit(ending)
    else if (outcome.type === 'failed')
      await resources.commit([...(await settled(call.services, present, outcome)), ...ending])
    else {
      const gone = [
        ...resources.remove(present),
        ...roles.removeBelow(formatResourceId(group.id)),
        ...(await deployments.removeBelow(group.id)),
      ]
      await resources.commit([...gone, { type: 'record', entry }, ...ending])
    }
    operations.finished(operation.id)
  }
  await insisting(call.services, () => locks.holding(claim, end))
}

/** Removes what is in a group, whoever refers to others before those. */
async function contentsRemoved(call: Call, group: Resource): Promise<Outcome> {
  const { resources, log } = call.services
  try {
    for (;;) {
      const left: Resource[] = []
      for await (const resource of resources.below(group.id)) left.push(resource)
      if (left.length === 0) return { type: 'done' }
      const free = left.filter(({ id }) => resources.references.usersOf(id).length === 0)
      // Those that refer to each other have to begin somewhere.
      for (const resource of free.length > 0 ? free : left) await removeOne(call, resource)
    }
  } catch (error) {
    const told = serverErrorBody(error)
    log.warn({ requestId: call.requestId, code: told.code, err: error }, 'a group could not be deleted')
    return { type: 'failed', error: told }
  }
}

async function removeOne(call: Call, { id }: Resource): Promise<void> {
  const { resources, roles, servers, locks } = call.services
  await locks.holding({ changes: [lockKey(id)], relies: [] }, async () => {
    const present = await resources.read(id)
    if (!present) return
    const { document } = present
    const bodies = await resources.bodiesOf(present)
    const running = runningBody(present, bodies) ?? bodies.body
    await servers[document.type]?.apply?.({ type: 'remove', former: servedResource(id, document, running) })
    const entry = historyOf(call, id, definitionOf(document.type), document.body, undefined)
    const gone = [...resources.remove(present), ...roles.removeBelow(formatResourceId(id))]
    await resources.commit([...gone, { type: 'record', entry }])
  })
}
