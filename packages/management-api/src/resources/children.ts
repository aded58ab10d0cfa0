import {
  armErrors,
  definitionOf,
  type ErrorBody,
  faultsError,
  formatResourceId,
  nameFault,
  parentOf,
  type ResourceId,
  type ResourcePart,
  type ResourceTypeDefinition,
  readResourceBody,
  resourceName,
} from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { type Answer, errorOf, isRefused, type Refused, refuse } from '../envelope/answer.ts'
import { pageOf } from '../envelope/page.ts'
import { isUnchanged, judgePreconditions } from '../envelope/preconditions.ts'
import { accepted, judgeBusy, operationHeaders, type Stored } from './changing.ts'
import { groupOf, judgeGroup } from './containers.ts'
import { type Body, etagOf, type Resource } from './document.ts'
import { lockKey, reliedOn } from './linked.ts'
import type { OpenBodies } from './resource-store.ts'
import { partView } from './resource-view.ts'
import { entriesAt, entryNamed, withValueAt } from './schema-paths.ts'
import { bodyError, judgeAndStore, notFound } from './writing.ts'

/** A child is an entry of its parent's document: both are changed as one, and never disagree. */
interface Parent {
  readonly type: 'parent'
  readonly resource: Resource
  readonly definition: ResourceTypeDefinition
  readonly part: ResourcePart
}

/** A call on a type whose resources are parts of others: subnets, NAT rules. */
export async function childCall(call: Call): Promise<Answer> {
  const { kind } = call.operation
  switch (kind) {
    case 'put':
      return changing(call, putChild)
    case 'delete':
      return changing(call, removeChild)
    case 'list':
      return listChildren(call)
    case 'get':
    case 'head':
      return readChild(call)
    case 'patch':
    case 'action':
      return errorOf(armErrors.notSupported(call.operation.id))
    default:
      return kind satisfies never
  }
}

async function readChild(call: Call): Promise<Answer> {
  const parent = await parentIn(call, parentIdOf(call))
  if (isRefused(parent)) return parent.answer
  const entry = entryOf(parent, call.id)
  if (!entry) return errorOf(notFound(call.definition, call.id))
  const etag = etagOf(parent.resource.document)
  if (isUnchanged(call, etag)) return { status: 304, headers: { etag } }
  return { status: 200, body: viewOfEntry(parent, entry), headers: { etag } }
}

async function listChildren(call: Call): Promise<Answer> {
  const parent = await parentIn(call, call.id)
  if (isRefused(parent)) return parent.answer
  const entries = entriesAt(parent.resource.document.body, parent.part.path)
  return pageOf(call, entries, keyOf, entry => viewOfEntry(parent, entry))
}

async function changing(
  call: Call,
  change: (call: Call, parent: Parent, bodies: OpenBodies) => Promise<Answer>,
): Promise<Answer> {
  const { services } = call
  const parentId = parentIdOf(call)
  const relies = [lockKey(parentOf(parentId) ?? parentId), ...reliedOn((call.body ?? {}) as Body, parentId)]
  return services.locks.holding({ changes: [lockKey(parentId)], relies }, async () => {
    const parent = await parentIn(call, parentId)
    if (isRefused(parent)) return parent.answer
    const entry = entryOf(parent, call.id)
    const etag = entry && etagOf(parent.resource.document)
    const precondition = judgePreconditions(call, formatResourceId(call.id), etag)
    if (precondition) return errorOf(precondition)
    const busy = judgeBusy(call, parent.resource)
    if (busy) return busy.answer
    return change(call, parent, await services.resources.bodiesOf(parent.resource))
  })
}

async function putChild(call: Call, parent: Parent, bodies: OpenBodies): Promise<Answer> {
  const { definition, id, body, apiVersion } = call
  const fault = nameFault(definition.name, resourceName(id))
  if (fault) return errorOf(faultsError('InvalidResourceName', [fault]))
  const entries = entriesAt(bodies.body, parent.part.path)
  const former = entryNamed(entries, resourceName(id))
  const read = readResourceBody(definition, body, { former, apiVersion })
  if (read.type === 'bad') return errorOf(bodyError(read.faults))
  const { name = resourceName(id) } = former ?? {}
  const entry = { ...read.value, name }
  const list = former ? entries.map(each => (each === former ? entry : each)) : [...entries, entry]
  const stored = await storeChildren(call, parent, bodies, list)
  if (isRefused(stored)) return stored.answer
  const { operation, resource } = stored
  const present = { ...parent, resource }
  return {
    status: former ? 200 : 201,
    body: viewOfEntry(present, entryOf(present, id) ?? entry),
    headers: {
      etag: etagOf(resource.document),
      ...(operation && operationHeaders(call.baseUrl, operation, false)),
    },
  }
}

async function removeChild(call: Call, parent: Parent, bodies: OpenBodies): Promise<Answer> {
  const entries = entriesAt(bodies.body, parent.part.path)
  const entry = entryNamed(entries, resourceName(call.id))
  if (!entry) return { status: 204 }
  const stored = await storeChildren(
    call,
    parent,
    bodies,
    entries.filter(each => each !== entry),
  )
  if (isRefused(stored)) return stored.answer
  return stored.operation ? accepted(call.baseUrl, stored.operation) : { status: 200 }
}

/** Stores the parent with other children, judged as any change of it. */
function storeChildren(
  call: Call,
  { resource, definition, part }: Parent,
  formerBodies: OpenBodies,
  entries: readonly Body[],
): Promise<Stored | Refused> {
  const body = withValueAt(formerBodies.body, part.path, entries)
  return judgeAndStore(call, { id: resource.id, former: resource, formerBodies, body }, definition)
}

async function parentIn({ services, definition, id }: Call, parentId: ResourceId): Promise<Parent | Refused> {
  const { parent: parentType = definition.type } = definition
  const parentDefinition = definitionOf(parentType)
  const part = parentDefinition.parts.find(({ type }) => type === definition.type)
  if (!part) throw new Error(`ERR_API_CHILD: ${parentType} has no list of ${definition.type}`)
  const group = await groupOf(services, parentId)
  if (isRefused(group)) return group
  const blocked = group && judgeGroup(group)
  if (blocked) return blocked
  const resource = await services.resources.read(parentId)
  if (!resource) return refuse(missingParent(definition, id, parentId))
  return { type: 'parent', resource, definition: parentDefinition, part }
}

function missingParent(definition: ResourceTypeDefinition, id: ResourceId, parentId: ResourceId): ErrorBody {
  return armErrors.parentNotFound(definition.type, resourceName(id), formatResourceId(parentId))
}

function parentIdOf({ id }: Call): ResourceId {
  return parentOf(id) ?? id
}

function entryOf({ resource, part }: Parent, id: ResourceId): Body | undefined {
  return entryNamed(entriesAt(resource.document.body, part.path), resourceName(id))
}

function viewOfEntry({ resource, part }: Parent, entry: Body): Body {
  const { document } = resource
  return partView(entry, part, document.id, etagOf(document), document.state)
}

function keyOf({ name }: Body): string {
  return String(name).toLowerCase()
}
