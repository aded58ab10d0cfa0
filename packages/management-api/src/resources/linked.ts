import {
  armErrors,
  type ErrorBody,
  formatResourceId,
  isSameResource,
  parentOf,
  parseResourceId,
  type ResourceId,
  resourceName,
  resourceTypeDefinition,
  resourceTypeOf,
} from '@causeway/api-contract'
import type { Call } from '../call/call.ts'
import { mayDo } from '../rights/caller.ts'
import type { Body } from './document.ts'
import { type Reference, referencesOf } from './references.ts'
import { servedResource } from './resource-view.ts'
import { entriesAt, entryNamed } from './schema-paths.ts'

/** What one must be allowed to do with a resource to refer to it. Everything of the network is joined. */
const ASSIGNED = 'Microsoft.ManagedIdentity/userAssignedIdentities'

/**
 * What is wrong with what a body refers to; `undefined`: nothing. What it referred to before is not looked at again:
 * nobody can have removed it.
 */
export async function judgeReferences(
  call: Call,
  self: ResourceId,
  body: Body,
  former: Body | undefined,
): Promise<ErrorBody | undefined> {
  const known = [...(former ? referencesOf(former, self) : []), ...elsewhere(call, self, body)]
  for (const reference of referencesOf(body, self)) {
    const { id, text } = reference
    if (!id) return malformed(reference)
    if (known.some(each => each.id && isSameResource(each.id, id))) continue
    const isThere = await exists(call, id)
    if (isThere === undefined) continue
    const right = linkedRight(id)
    const { name, objectId } = call.caller
    if (!mayDo(call.services.roles, call.caller, right, formatResourceId(id)))
      return armErrors.linkedAuthorizationFailed(name, objectId, formatResourceId(self), right, text)
    if (!isThere) return missing(reference)
  }
  return undefined
}

/** References to what another installation has. */
function elsewhere({ services }: Call, self: ResourceId, body: Body): readonly Pick<Reference, 'id'>[] {
  const definition = resourceTypeDefinition(resourceTypeOf(self))
  const ids =
    definition &&
    services.servers[definition.type]?.elsewhere?.(
      servedResource(self, { type: definition.type, guid: '' }, body),
    )
  return (ids ?? []).map(text => {
    const read = parseResourceId(text)
    return { id: read.type === 'good' ? read.id : undefined }
  })
}

/** Keys of what a body refers to, and of what that is a part of. */
export function reliedOn(body: Body, self: ResourceId): readonly string[] {
  return referencesOf(body, self).flatMap(({ id }) => (id ? [lockKey(topOf(id))] : []))
}

/** The key by which a resource is locked. */
export function lockKey(id: ResourceId): string {
  return formatResourceId(id).toLowerCase()
}

/** Whether a resource is there; `undefined`: it is of a type that we do not have. */
async function exists({ services: { resources } }: Call, id: ResourceId): Promise<boolean | undefined> {
  const definition = resourceTypeDefinition(resourceTypeOf(id))
  if (definition && !definition.parent) {
    const found = await resources.read(id)
    return found !== undefined && found.document.state !== 'Deleting'
  }
  const parent = parentOf(id)
  const segment = id.type === 'resource' ? id.segments.at(-1)?.type.toLowerCase() : undefined
  const part =
    parent &&
    resourceTypeDefinition(resourceTypeOf(parent))?.parts.find(each => each.segment.toLowerCase() === segment)
  if (!parent || !part) return undefined
  const found = await resources.read(parent)
  if (!found || found.document.state === 'Deleting') return false
  return entryNamed(entriesAt(found.document.body, part.path), resourceName(id)) !== undefined
}

/** Of a part of a resource: the resource. */
function topOf(id: ResourceId): ResourceId {
  const parent = parentOf(id)
  return parent?.type === 'resource' && id.type === 'resource' && id.segments.length > 1 ? topOf(parent) : id
}

function linkedRight(id: ResourceId): string {
  const type = resourceTypeOf(id)
  const word = type.toLowerCase() === ASSIGNED.toLowerCase() ? 'assign' : 'join'
  return `${type}/${word}/action`
}

function malformed({ path, text }: Reference): ErrorBody {
  return {
    code: 'LinkedInvalidPropertyId',
    message: `Property id '${text.slice(0, 200)}' at path '${path}' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
    target: path,
  }
}

function missing({ path, text }: Reference): ErrorBody {
  return {
    code: 'InvalidResourceReference',
    message: `Resource ${text} referenced at '${path}' was not found. Please make sure that the referenced resource exists.`,
    target: path,
  }
}
