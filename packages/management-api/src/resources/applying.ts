import { definitionOf, type ErrorBody, formatResourceId } from '@causeway/api-contract'
import { type Change, StoreError } from '@causeway/store'
import type { Call } from '../call/call.ts'
import type { Services } from '../call/services.ts'
import { limits } from '../limits.ts'
import type { OperationDocument, Outcome } from '../operations/operation-store.ts'
import type { Resource } from './document.ts'
import { lockKey } from './linked.ts'
import { type ResourceChange, serverErrorBody } from './resource-server.ts'
import { withOperation } from './resource-store.ts'

/**
 * Has what stands behind a type follow a change that was stored, and notes how it went. Goes on in the background; never
 * rejects.
 */
export function settle(
  { services, requestId }: Call,
  resource: Resource,
  operation: OperationDocument,
  change: ResourceChange,
  result?: object,
): Promise<Outcome> {
  return new Promise(tell =>
    inBackground(services, async () => {
      const outcome = await applied(services, resource, change, requestId, result)
      const ending = services.operations.finishing(operation.id, outcome)
      const note = () => noteOutcome(services, resource, operation, { kind: change.type, outcome, ending })
      // Whoever waits for a quick one holds the resource.
      const isHeld = services.servers[resource.document.type]?.isQuick === true
      const claim = { changes: [lockKey(resource.id)], relies: [] }
      const whenFree = () => insisting(services, () => services.locks.holding(claim, note))
      const noting = isHeld
        ? note().catch(() => {
            // Nobody waits for a full disk: what could not be stored now is stored when the resource is let go.
            tell(outcome)
            return whenFree()
          })
        : whenFree()
      await noting.finally(() => tell(outcome))
    }),
  )
}

/**
 * Stores what an operation has come to, again and again when the store cannot: after a full disk a resource would
 * otherwise be changed for ever. Errors: the store's, at last.
 */
export async function insisting<Result>(
  { log, pause }: Pick<Services, 'log' | 'pause'>,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++)
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof StoreError && error.code === 'ERR_STORE_WRITE'
      if (!isPassing || tries >= limits.endTries) throw error
      log.error({ err: error, tries }, 'the end of an operation could not be stored; it is tried again')
      await pause(limits.endRetryMilliseconds)
    }
}

/** Runs work that outlives its request; the server waits for it when it closes. */
export function inBackground(services: Services, work: () => Promise<void>): void {
  const { background, log } = services
  const running = work()
    .catch((error: unknown) => log.error({ err: error }, 'an operation could not be ended'))
    .finally(() => {
      background.delete(running)
      // What an operation held is free now.
      services.adoption?.retry()
    })
  background.add(running)
}

async function applied(
  { servers, log }: Services,
  { document, id }: Resource,
  change: ResourceChange,
  requestId: string,
  result: object | undefined,
): Promise<Outcome> {
  try {
    await servers[document.type]?.apply?.(change)
    return { type: 'done', result }
  } catch (error) {
    const told = serverErrorBody(error)
    log.warn(
      { requestId, resource: formatResourceId(id), code: told.code, err: error },
      'a change could not be applied',
    )
    return { type: 'failed', error: told }
  }
}

/** How a change ended, and what is stored of its operation. */
interface Ended {
  readonly kind: ResourceChange['type']
  readonly outcome: Outcome
  readonly ending: readonly Change[]
}

/** Notes how a change went, however often somebody else is quicker. */
async function noteOutcome(
  services: Services,
  { id }: Resource,
  operation: OperationDocument,
  { kind, outcome, ending }: Ended,
): Promise<void> {
  const { resources, operations } = services
  for (let tries = 0; tries < limits.writeTries; tries++) {
    const present = await resources.read(id)
    const isHeld = present?.document.operation?.id === operation.id
    const changes = isHeld ? await endOf(services, present, kind, outcome) : []
    const { type } = await resources.commit([...changes, ...ending])
    if (type === 'written') return operations.finished(operation.id)
  }
  throw new Error(`ERR_API_CONTENDED: the end of the operation ${operation.id} could not be stored`)
}

async function endOf(
  services: Services,
  resource: Resource,
  kind: ResourceChange['type'],
  outcome: Outcome,
): Promise<readonly Change[]> {
  const { resources, roles } = services
  if (kind === 'put' || outcome.type === 'failed') return settled(services, resource, outcome)
  return [...resources.remove(resource), ...roles.removeBelow(formatResourceId(resource.id))]
}

/** The changes that end an operation's hold on a resource: what it is applied to now, or still was before. */
export async function settled(
  { resources }: Services,
  resource: Resource,
  outcome: Outcome,
): Promise<readonly Change[]> {
  const { body, applied: running } = await resources.bodiesOf(resource)
  const isDone = outcome.type === 'done'
  const state = isDone ? 'Succeeded' : 'Failed'
  const document = { ...withOperation(resource.document, undefined), state } as const
  return resources.put(
    { id: resource.id, document, bodies: { body, applied: isDone ? undefined : running } },
    resource,
  )
}

/** Ends what was going on when the process last ended. */
export async function recover(services: Services, error: ErrorBody): Promise<void> {
  for await (const resource of services.resources.below(undefined)) {
    if (!resource.document.operation) continue
    const { type } = resource.document
    services.log.warn(
      { resource: formatResourceId(resource.id), type: definitionOf(type).type },
      error.message,
    )
    await services.resources.commit(await settled(services, resource, { type: 'failed', error }))
  }
}
