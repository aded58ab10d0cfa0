import { randomUUID } from 'node:crypto'
import {
  armErrors,
  formatResourceId,
  type ProvisioningState,
  type ResourceId,
  type ResourceTypeDefinition,
  withoutWriteOnly,
} from '@causeway/api-contract'
import type { Change, HistoryEntry } from '@causeway/store'
import { type Call, namespaceOf, subscriptionIdOf, timeOf } from '../call/call.ts'
import { type Answer, type Refused, refuse } from '../envelope/answer.ts'
import { limits } from '../limits.ts'
import type { OperationDocument } from '../operations/operation-store.ts'
import { settle } from './applying.ts'
import { type Body, documentKey, type Resource, type ResourceDocument } from './document.ts'
import { type OpenBodies, type ResourceDraft, withOperation } from './resource-store.ts'
import { servedResource } from './resource-view.ts'

/** A change of a resource that was judged whole. */
export interface ResourcePut {
  readonly id: ResourceId
  readonly definition: ResourceTypeDefinition
  readonly former: Resource | undefined
  readonly formerBodies: OpenBodies | undefined
  /** With its secrets. */
  readonly body: Body
  /** Whether what stands behind the type has to follow. */
  readonly isApplied: boolean
  readonly result: object | undefined
}

/** A change that was stored. */
export interface Stored {
  readonly type: 'stored'
  readonly resource: Resource
  readonly isNew: boolean
  /** What the change goes on as. */
  readonly operation: OperationDocument | undefined
}

/** Stores a resource with an entry of the history, and has what stands behind its type follow. */
export async function storeResource(call: Call, put: ResourcePut): Promise<Stored | Refused> {
  const { resources, servers, operations } = call.services
  const { id, definition, former, body } = put
  const isLater = put.isApplied && servers[definition.type]?.apply !== undefined
  const begun = isLater ? beginOperation(call, id, definition, locationOf(call, body)) : undefined
  if (begun?.type === 'refused') return begun
  const draft = draftOf(call, put, begun?.operation)
  const entry = historyOf(call, id, definition, former?.document.body, body)
  const changes = [
    ...resources.put(draft, former),
    ...(begun?.changes ?? []),
    { type: 'record', entry } as const,
  ]
  const outcome = begun
    ? await operations.store(begun.operation.id, changes)
    : await resources.commit(changes)
  if (outcome.type === 'conflict')
    return refuse(armErrors.retryable(formatResourceId(id)), { 'retry-after': '1' })
  if (begun) {
    const failure = await follow(call, put, begun.operation)
    if (failure) return failure
  }
  const stored = await resources.read(id)
  if (!stored) return refuse(armErrors.retryable(formatResourceId(id)), { 'retry-after': '1' })
  const isOver = servers[definition.type]?.isQuick === true
  return {
    type: 'stored',
    resource: stored,
    isNew: !former,
    operation: isOver ? undefined : begun?.operation,
  }
}

/** Has what stands behind the type follow, and waits for it where that takes no time. */
async function follow(
  call: Call,
  { id, definition, former, formerBodies, body, result }: ResourcePut,
  operation: OperationDocument,
): Promise<Refused | undefined> {
  const stored = await call.services.resources.read(id)
  if (!stored) return undefined
  const running = runningBody(former, formerBodies)
  const next = servedResource(id, stored.document, body)
  const before = running && former ? servedResource(id, former.document, running) : undefined
  const settling = settle(call, stored, operation, { type: 'put', next, former: before }, result)
  if (call.services.servers[definition.type]?.isQuick !== true) return undefined
  const outcome = await settling
  return outcome.type === 'failed' ? refuse(outcome.error) : undefined
}

/** What the gateway goes by: the last body that was applied. */
export function runningBody(former: Resource | undefined, bodies: OpenBodies | undefined): Body | undefined {
  return former?.document.state === 'Succeeded' ? bodies?.body : bodies?.applied
}

/** Why a resource may not be changed now; `undefined`: it may. */
export function judgeBusy(call: Call, resource: Resource): Refused | undefined {
  const { operation } = resource.document
  if (!operation) return undefined
  const id = formatResourceId(resource.id)
  return refuse(armErrors.anotherOperation(id, `${call.baseUrl}${operation.status}`))
}

/** Makes an operation, unless too many run. */
export function beginOperation(
  call: Call,
  id: ResourceId,
  definition: ResourceTypeDefinition,
  location: string,
):
  | { readonly type: 'begun'; readonly operation: OperationDocument; readonly changes: readonly Change[] }
  | Refused {
  const { operations } = call.services
  if (operations.isFull) return refuse(armErrors.tooManyRequests(limits.pollSeconds), pollHeader())
  const begun = operations.begin({
    subscriptionId: subscriptionIdOf(id),
    namespace: namespaceOf(definition),
    location,
    apiVersion: call.apiVersion,
    right: call.operation.right,
    readRight: `${definition.actionPrefix}/read`,
    scope: formatResourceId(id),
  })
  return { type: 'begun', ...begun }
}

/** The entry of the history for a change, without secrets. */
export function historyOf(
  { services, caller, operation }: Call,
  id: ResourceId,
  { model }: ResourceTypeDefinition,
  before: Body | undefined,
  after: Body | undefined,
): HistoryEntry {
  return {
    at: Math.floor(services.now()),
    who: caller.objectId,
    action: operation.right,
    target: documentKey(id) ?? '',
    ...(before && { before: withoutWriteOnly(model, before) }),
    ...(after && { after: withoutWriteOnly(model, after) }),
  }
}

/** Where clients poll, as absolute URLs; `isLocated`: the result is at `Location`. */
export function operationHeaders(
  baseUrl: string,
  { paths }: OperationDocument,
  isLocated: boolean,
): Readonly<Record<string, string>> {
  return {
    'azure-asyncoperation': `${baseUrl}${paths.status}`,
    ...(isLocated && { location: `${baseUrl}${paths.result}` }),
    ...pollHeader(),
  }
}

/** The answer to whoever begins something that goes on. */
export function accepted(baseUrl: string, operation: OperationDocument): Answer {
  return { status: 202, headers: operationHeaders(baseUrl, operation, true) }
}

/** Where a resource is. What has no place of its own is where the gateway is. */
export function locationOf({ services }: Call, { location }: Body): string {
  return typeof location === 'string' && location !== '' ? location : services.installation.location.name
}

function pollHeader(): { readonly 'retry-after': string } {
  return { 'retry-after': String(limits.pollSeconds) }
}

function draftOf(call: Call, put: ResourcePut, operation: OperationDocument | undefined): ResourceDraft {
  const { id, definition, former, formerBodies, body } = put
  const now = timeOf(call)
  const who = call.caller.objectId
  const present = former?.document
  const isSettled = operation === undefined && (put.isApplied || present?.state === 'Succeeded' || !present)
  const applied = isSettled ? undefined : runningBody(former, formerBodies)
  const document = {
    id: formatResourceId(id),
    type: definition.type,
    guid: present?.guid ?? randomUUID(),
    revision: (present?.revision ?? 0) + 1,
    state: stateOf(present, operation !== undefined, isSettled),
    createdAt: present?.createdAt ?? now,
    createdBy: present?.createdBy ?? who,
    changedAt: now,
    changedBy: who,
  } as const
  const reference = operation && { id: operation.id, status: operation.paths.status }
  return { id, document: withOperation(document, reference), bodies: { body, applied } }
}

function stateOf(
  present: ResourceDocument | undefined,
  isLater: boolean,
  isSettled: boolean,
): ProvisioningState {
  if (isLater) return present ? 'Updating' : 'Creating'
  // New tags do not mend what failed.
  return isSettled ? 'Succeeded' : (present?.state ?? 'Succeeded')
}
