import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  canonicalBody,
  definitionOf,
  formatResourceId,
  isSameResource,
  parseResourceId,
  type ResourceId,
  resourceGroupOf,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
  withoutWriteOnly,
} from '@causeway/api-contract'
import type { GatewayNetwork, GatewayResource } from '@causeway/gateway'
import type { Change, HistoryEntry } from '@causeway/store'
import type { Services } from '../call/services.ts'
import { ownBody } from '../resources/body-rules.ts'
import { type Body, documentKey, type Resource } from '../resources/document.ts'
import type { ResourceDraft } from '../resources/resource-store.ts'
import { INSTALLATION } from '../rights/caller.ts'
import { networkFrom } from './gateway-network.ts'
import { networkIdsOf } from './gateway-resource.ts'

const GATEWAYS = definitionOf(VIRTUAL_NETWORK_GATEWAY_TYPE)
const GROUPS = definitionOf('Microsoft.Resources/resourceGroups')
const WRITE = `${GATEWAYS.actionPrefix}/write`
const DELETE = `${GATEWAYS.actionPrefix}/delete`

/** What brings resources in line with what is in force. `busy`: some are being changed, and come later. */
export interface AdoptionStep {
  readonly type: 'free' | 'busy'
  readonly changes: readonly Change[]
}

const BUSY: AdoptionStep = { type: 'busy', changes: [] }

/** The changes that bring all gateways in line, as far as they may be changed now. */
export async function adoptionStep(
  services: Services,
  present: GatewayResource | undefined,
): Promise<AdoptionStep> {
  const id = present && idOf(present)
  const steps: AdoptionStep[] = []
  for await (const resource of services.resources.below(undefined))
    if (resource.document.type === GATEWAYS.type && !(id && isSameResource(resource.id, id)))
      steps.push(await retired(services, resource))
  if (present && id) steps.push(await inForce(services, id, present), await networkInForce(services, present))
  return {
    type: steps.some(({ type }) => type === 'busy') ? 'busy' : 'free',
    changes: steps.flatMap(({ changes }) => changes),
  }
}

function idOf({ resource }: GatewayResource): ResourceId {
  const read = parseResourceId(resource.id ?? '')
  if (read.type === 'good') return read.id
  throw new Error(
    `ERR_API_ADOPT: the gateway in force has no id that ARM could have ('${resource.id ?? ''}')`,
  )
}

/** A gateway that is not in force: it goes, unless somebody still wants it or refers to it. */
async function retired(services: Services, resource: Resource): Promise<AdoptionStep> {
  const { resources, roles } = services
  const { document } = resource
  if (document.operation) return BUSY
  const { body, applied } = await resources.bodiesOf(resource)
  const users = resources.references.usersOf(resource.id)
  if (document.state === 'Succeeded' && users.length === 0) {
    const gone = [...resources.remove(resource), ...roles.removeBelow(formatResourceId(resource.id))]
    return {
      type: 'free',
      changes: [...gone, record(services, resource.id, DELETE, document.body, undefined)],
    }
  }
  if (document.state === 'Failed' && !applied) return { type: 'free', changes: [] }
  const draft = {
    id: resource.id,
    document: { ...document, state: 'Failed' },
    bodies: { body, applied: undefined },
  } as const
  return { type: 'free', changes: resources.put(draft, resource) }
}

async function inForce(services: Services, id: ResourceId, present: GatewayResource): Promise<AdoptionStep> {
  const { resources } = services
  const group = await groupChanges(services, id, present)
  if (group.type === 'busy') return group
  const resource = await resources.read(id)
  if (!resource) {
    const made = madeGateway(services, id, present)
    const entry = record(services, id, WRITE, undefined, made.bodies.body)
    return { type: 'free', changes: [...group.changes, ...resources.put(made, undefined), entry] }
  }
  if (resource.document.operation) return { type: 'busy', changes: group.changes }
  const changes = await broughtInLine(services, resource, present)
  return { type: 'free', changes: [...group.changes, ...changes] }
}

/**
 * A process may end when the gateway has its network already and the network's resource does not say so: it has failed
 * then, with what is in force.
 */
async function networkInForce(
  services: Services,
  { resource, network }: GatewayResource,
): Promise<AdoptionStep> {
  const { resources } = services
  const [text] = networkIdsOf(resource as unknown as Body)
  const read = text === undefined ? undefined : parseResourceId(text)
  const found = read?.type === 'good' ? await resources.read(read.id) : undefined
  if (found?.document.state !== 'Failed' || found.document.operation) return { type: 'free', changes: [] }
  const { body } = await resources.bodiesOf(found)
  const { publicAddresses: _addresses, ...ofNetwork }: Partial<GatewayNetwork> = network ?? {}
  if (!isDeepStrictEqual(networkFrom(body), ofNetwork)) return { type: 'free', changes: [] }
  const document = { ...found.document, state: 'Succeeded' } as const
  const draft: ResourceDraft = { id: found.id, document, bodies: { body, applied: undefined } }
  return { type: 'free', changes: resources.put(draft, found) }
}

async function broughtInLine(
  services: Services,
  resource: Resource,
  present: GatewayResource,
): Promise<readonly Change[]> {
  const { resources } = services
  const { id, document } = resource
  const { body, applied } = await resources.bodiesOf(resource)
  // Tags are their readers' own: the gateway is not told of new ones.
  const running = withTagsOf(bodyOf(services, present), body)
  const guid = present.resource.properties.resourceGuid ?? document.guid
  const isWanted = isDeepStrictEqual(plain(body), plain(running))
  if (document.state === 'Succeeded' && isWanted && guid === document.guid) return []
  if (document.state !== 'Succeeded' && !isWanted) {
    if (applied && isDeepStrictEqual(plain(applied), plain(running))) return []
    const kept: ResourceDraft = { id, document: { ...document, guid }, bodies: { body, applied: running } }
    return [...resources.put(kept, resource), record(services, id, WRITE, applied, running)]
  }
  const draft: ResourceDraft = {
    id,
    document: {
      ...document,
      guid,
      state: 'Succeeded',
      revision: document.revision + 1,
      changedAt: timeOf(services),
      changedBy: INSTALLATION.objectId,
    },
    bodies: { body: running, applied: undefined },
  }
  return [...resources.put(draft, resource), record(services, id, WRITE, document.body, running)]
}

function madeGateway(services: Services, id: ResourceId, present: GatewayResource): ResourceDraft {
  const guid = present.resource.properties.resourceGuid ?? randomUUID()
  const body = bodyOf(services, present)
  return {
    id,
    document: firstDocument(services, id, GATEWAYS.type, guid),
    bodies: { body, applied: undefined },
  }
}

/** The group of a gateway, made where it is not there. */
async function groupChanges(
  services: Services,
  id: ResourceId,
  present: GatewayResource,
): Promise<AdoptionStep> {
  const { resources } = services
  const group = resourceGroupOf(id)
  if (!group) return { type: 'free', changes: [] }
  const found = await resources.read(group)
  if (found) return found.document.state === 'Deleting' ? BUSY : { type: 'free', changes: [] }
  const { location } = bodyOf(services, present)
  const body = { location }
  const document = firstDocument(services, group, GROUPS.type, randomUUID())
  const entry = record(services, group, `${GROUPS.actionPrefix}/write`, undefined, body)
  const draft: ResourceDraft = { id: group, document, bodies: { body, applied: undefined } }
  return { type: 'free', changes: [...resources.put(draft, undefined), entry] }
}

function firstDocument(
  services: Services,
  id: ResourceId,
  type: ResourceDraft['document']['type'],
  guid: string,
): ResourceDraft['document'] {
  const at = timeOf(services)
  const who = INSTALLATION.objectId
  return {
    id: formatResourceId(id),
    type,
    guid,
    revision: 1,
    state: 'Succeeded',
    createdAt: at,
    createdBy: who,
    changedAt: at,
    changedBy: who,
  }
}

/** What is in force as a PUT of it would be kept. */
function bodyOf({ installation }: Services, { resource }: GatewayResource): Body {
  // Whatever is wrong with it: it is in force.
  const { value } = canonicalBody(GATEWAYS.model, resource)
  const own = ownBody(GATEWAYS, value as Body, undefined)
  const { location = installation.location.name } = own
  return { ...own, location }
}

function withTagsOf(body: Body, { tags }: Body): Body {
  const { tags: _tags, ...rest } = body
  return tags === undefined ? rest : { ...rest, tags }
}

/** As it is compared: without tags, and without what is there only to be `undefined`. */
function plain({ tags: _tags, ...body }: Body): unknown {
  return JSON.parse(JSON.stringify(body))
}

function record(
  { now }: Services,
  id: ResourceId,
  action: string,
  before: Body | undefined,
  after: Body | undefined,
): Change {
  const { model } = GATEWAYS
  const entry: HistoryEntry = {
    at: Math.floor(now()),
    who: INSTALLATION.objectId,
    action,
    target: documentKey(id) ?? '',
    ...(before && { before: withoutWriteOnly(model, before) }),
    ...(after && { after: withoutWriteOnly(model, after) }),
  }
  return { type: 'record', entry }
}

function timeOf({ now }: Services): string {
  return new Date(now() * 1_000).toISOString()
}
