import {
  armErrors,
  canonicalBody,
  type DocumentFault,
  type ErrorBody,
  type ErrorCode,
  faultsError,
  formatResourceId,
  isSameResource,
  nameFault,
  parentOf,
  parseResourceId,
  type ResourceId,
  type ResourceTypeDefinition,
  readResourceBody,
  resourceName,
} from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf, isRefused, type Refused, refuse } from '../envelope/answer.ts'
import { judgePreconditions } from '../envelope/preconditions.ts'
import { judgeRight } from '../rights/caller.ts'
import { ownBody, partFaults } from './body-rules.ts'
import { judgeBusy, operationHeaders, runningBody, type Stored, storeResource } from './changing.ts'
import { groupOf, judgeGroup, spelledLike } from './containers.ts'
import { type Body, etagOf, propertiesOf, type Resource } from './document.ts'
import { judgeReferences, lockKey, reliedOn } from './linked.ts'
import { ResourceServerError, type ServedResource, serverErrorBody } from './resource-server.ts'
import type { OpenBodies } from './resource-store.ts'
import { servedResource, viewOf } from './resource-view.ts'
import { entriesAt, entryNamed } from './schema-paths.ts'

/** PUT of a resource. Everything is judged before anything is stored. */
export async function putDocument(call: Call): Promise<Answer> {
  const { definition, id, body, apiVersion } = call
  const fault = nameFault(definition.name, resourceName(id))
  if (fault) return errorOf(faultsError('InvalidResourceName', [fault]))
  const read = readResourceBody(definition, body, { apiVersion })
  if (read.type === 'bad') return errorOf(bodyError(read.faults))
  const relies = [lockKey(parentOf(id) ?? id), ...reliedOn(read.value, id)]
  return call.services.locks.holding({ changes: [lockKey(id)], relies }, async () => {
    const change = await replacement(call)
    if (isRefused(change)) return change.answer
    return changeDocument(call, change)
  })
}

/** PATCH of a resource: its tags, or what else its type lets be changed this way. */
export async function patchDocument(call: Call): Promise<Answer> {
  const { definition, id, body } = call
  const schema = definition.patch?.body
  if (!schema) return errorOf(armErrors.notSupported(call.operation.id))
  const { value, faults } = canonicalBody(schema, body)
  if (faults.length > 0) return errorOf(bodyError(faults))
  const patch = value as Body
  const relies = [lockKey(parentOf(id) ?? id), ...reliedOn(patch, id)]
  return call.services.locks.holding({ changes: [lockKey(id)], relies }, async () => {
    const present = await presentResource(call)
    if (isRefused(present)) return present.answer
    const merged = patched(present.bodies.body, patch)
    return changeDocument(call, {
      id: present.resource.id,
      former: present.resource,
      formerBodies: present.bodies,
      body: merged,
    })
  })
}

/** A resource that is to be stored with another body, or for the first time. */
export interface DocumentChange {
  readonly id: ResourceId
  readonly former: Resource | undefined
  readonly formerBodies: OpenBodies | undefined
  readonly body: Body
  /** What its operation comes to, when somebody wants to know. */
  readonly result?: object | undefined
}

/** Judges a change whole and stores it. The caller holds the locks of the resource and of what it relies on. */
export async function judgeAndStore(
  call: Call,
  wanted: DocumentChange,
  definition: ResourceTypeDefinition,
): Promise<Stored | Refused> {
  const change = await preparedByServer(call, wanted, definition)
  if (isRefused(change)) return change
  const { id, former, formerBodies, body } = change
  const wrong =
    judgeFurtherRights(call, change, definition) ??
    judgeParts(definition, id, body, former, call) ??
    (await judgeReferences(call, id, body, former?.document.body)) ??
    (await judgeByServer(call, change, definition))
  if (wrong) return refuse(wrong)
  const isApplied = !former || hasChanged(formerBodies?.body, body) || former.document.state !== 'Succeeded'
  return storeResource(call, { id, definition, former, formerBodies, body, isApplied, result: change.result })
}

/** The resource of a call as it is, where it may be changed now. */
export async function presentResource(
  call: Call,
  id: ResourceId = call.id,
): Promise<{ readonly type: 'present'; readonly resource: Resource; readonly bodies: OpenBodies } | Refused> {
  const group = await groupOf(call.services, id)
  if (isRefused(group)) return group
  const resource = await call.services.resources.read(id)
  if (!resource) return refuse(notFound(call.definition, id))
  const precondition = judgePreconditions(call, formatResourceId(resource.id), etagOf(resource.document))
  if (precondition) return refuse(precondition)
  const busy = judgeBusy(call, resource)
  if (busy) return busy
  return { type: 'present', resource, bodies: await call.services.resources.bodiesOf(resource) }
}

/** ARM's words for a resource that is not there. */
export function notFound({ type }: ResourceTypeDefinition, id: ResourceId): ErrorBody {
  const group = parentOf(id)
  return armErrors.resourceNotFound(type, resourceName(id), group?.type === 'resourceGroup' ? group.name : '')
}

/** What is wrong with a body: the code says whether it is of the wrong shape or has a wrong value. */
export function bodyError(faults: readonly DocumentFault[]): ErrorBody {
  const [first, ...more] = faults
  if (!first) throw new Error('ERR_API_FAULTS: a body is refused without a fault')
  const isLocation = more.length === 0 && first.path === 'location' && first.problem === 'is missing'
  if (isLocation) return armErrors.locationRequired()
  const code: ErrorCode = first.path === '' ? 'InvalidRequestContent' : 'InvalidParameter'
  return faultsError(code, [first, ...more])
}

/** What a PUT makes of a resource, or of nothing. */
async function replacement(call: Call): Promise<DocumentChange | Refused> {
  const { definition, apiVersion, services } = call
  const group = await groupOf(services, call.id)
  if (isRefused(group)) return group
  const blocked = group && judgeGroup(group)
  if (blocked) return blocked
  const former = await services.resources.read(call.id)
  const id = former?.id ?? spelledLike(call.id, group)
  const precondition = judgePreconditions(call, formatResourceId(id), former && etagOf(former.document))
  if (precondition) return refuse(precondition)
  const busy = former && judgeBusy(call, former)
  if (busy) return busy
  const formerBodies = former && (await services.resources.bodiesOf(former))
  const read = readResourceBody(definition, call.body, { former: formerBodies?.body, apiVersion })
  if (read.type === 'bad') return refuse(bodyError(read.faults))
  const body = ownBody(definition, read.value, formerBodies?.body)
  const moved = judgeLocation(id, formerBodies?.body, body)
  if (moved) return refuse(moved)
  return { id, former, formerBodies, body }
}

async function changeDocument(call: Call, change: DocumentChange): Promise<Answer> {
  const stored = await judgeAndStore(call, change, call.definition)
  if (isRefused(stored)) return stored.answer
  const { resource, isNew, operation } = stored
  return {
    status: isNew ? 201 : 200,
    body: await viewOf(call.services, resource),
    headers: {
      etag: etagOf(resource.document),
      ...(operation && operationHeaders(call.baseUrl, operation, false)),
    },
  }
}

function judgeLocation(id: ResourceId, former: Body | undefined, next: Body): ErrorBody | undefined {
  const { location: before }: Body = former ?? {}
  const { location: after } = next
  if (typeof before !== 'string' || typeof after !== 'string' || before === after) return undefined
  return armErrors.invalidLocation(formatResourceId(id), before, after)
}

/** Names of parts, and that no part goes which another resource refers to. */
function judgeParts(
  definition: ResourceTypeDefinition,
  id: ResourceId,
  body: Body,
  former: Resource | undefined,
  { services }: Call,
): ErrorBody | undefined {
  const [first, ...more] = partFaults(definition, body)
  if (first) return faultsError('InvalidParameter', [first, ...more])
  for (const { path, segment } of former ? definition.parts : [])
    for (const { name } of entriesAt(former?.document.body ?? {}, path)) {
      if (typeof name !== 'string' || entryNamed(entriesAt(body, path), name)) continue
      const part = `${formatResourceId(id)}/${segment}/${name}`
      const users = usersOf(part, id, services)
      if (users.length > 0) return armErrors.resourceInUse(part, users)
    }
  return undefined
}

/** Other resources that refer to a part of this one. */
export function usersOf(part: string, owner: ResourceId, { resources }: Call['services']): readonly string[] {
  const read = parseResourceId(part)
  const users = read.type === 'good' ? resources.references.usersOf(read.id) : []
  return users.filter(user => {
    const other = parseResourceId(user)
    return other.type !== 'good' || !isSameResource(other.id, owner)
  })
}

async function preparedByServer(
  { services }: Call,
  change: DocumentChange,
  definition: ResourceTypeDefinition,
): Promise<DocumentChange | Refused> {
  const server = services.servers[definition.type]
  if (!server?.prepare) return change
  const { next, former } = servedChange(change, definition)
  try {
    return { ...change, body: await server.prepare(next, former) }
  } catch (error) {
    if (error instanceof ResourceServerError) return refuse(serverErrorBody(error))
    throw error
  }
}

/** What the server of a type asks for beside the right of the call. */
function judgeFurtherRights(
  { services, caller }: Call,
  change: DocumentChange,
  definition: ResourceTypeDefinition,
): ErrorBody | undefined {
  const { next, former } = servedChange(change, definition)
  for (const right of services.servers[definition.type]?.rights?.(next, former) ?? []) {
    const refused = judgeRight(services.roles, caller, right, next.id)
    if (refused) return refused
  }
  return undefined
}

async function judgeByServer(
  { services }: Call,
  change: DocumentChange,
  definition: ResourceTypeDefinition,
): Promise<ErrorBody | undefined> {
  const server = services.servers[definition.type]
  if (!server?.check) return undefined
  const { next, former } = servedChange(change, definition)
  try {
    const [first, ...more] = await server.check(next, former)
    return first && faultsError('InvalidParameter', [first, ...more])
  } catch (error) {
    if (error instanceof ResourceServerError) return serverErrorBody(error)
    throw error
  }
}

/** A change as it is handed to what stands behind the type. */
function servedChange(
  { id, former, formerBodies, body }: DocumentChange,
  { type }: ResourceTypeDefinition,
): { readonly next: ServedResource; readonly former: ServedResource | undefined } {
  const running = runningBody(former, formerBodies)
  return {
    next: servedResource(id, { type, guid: former?.document.guid ?? '' }, body),
    former: former && running ? servedResource(id, former.document, running) : undefined,
  }
}

/** Whether more than tags are different: tags are nobody's but their readers'. */
function hasChanged(former: Body | undefined, next: Body): boolean {
  const { tags: _former, ...before } = former ?? {}
  const { tags: _next, ...after } = next
  return JSON.stringify(before) !== JSON.stringify(after)
}

function patched(present: Body, patch: Body): Body {
  const { id: _id, name: _name, type: _type, etag: _etag, location: _location, properties, ...rest } = patch
  if (properties === undefined) return { ...present, ...rest }
  return { ...present, ...rest, properties: { ...propertiesOf(present), ...(properties as Body) } }
}
