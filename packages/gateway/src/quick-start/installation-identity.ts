import { randomUUID } from 'node:crypto'
import {
  isSameResource,
  parseResourceId,
  type ResourceId,
  resourceName,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import { GATEWAY_NAME } from './first-documents.ts'
import { isGuid } from './guid.ts'
import { DOCUMENTS, type Installation } from './installation.ts'
import { readPublicDocument, writeDocument } from './stored.ts'

/** What an installation is in ARM's terms: the one tenant and the one subscription that it has. GUIDs. */
export interface InstallationIdentity {
  readonly tenantId: string
  readonly subscriptionId: string
}

/** The resource group of gateways whose id names none. */
const RESOURCE_GROUP = GATEWAY_NAME

/**
 * The installation's own tenant and subscription, made once: the subscription is that of the gateway, where it has an
 * id. Errors: `StoreError`.
 */
export async function ensureInstallationIdentity(
  installation: Installation,
  { resource }: { readonly resource?: VirtualNetworkGateway | undefined } = {},
): Promise<InstallationIdentity> {
  const identity = await installationIdentity(installation, resource)
  await writeDocument(installation, DOCUMENTS.identity, identity)
  return identity
}

/** The stored one, or one that was only made up and is not stored yet. */
export async function installationIdentity(
  installation: Installation,
  resource: VirtualNetworkGateway | undefined,
): Promise<InstallationIdentity> {
  const stored = await readPublicDocument<InstallationIdentity>(installation, DOCUMENTS.identity)
  if (stored) return stored
  const place = placeOf(resource?.id)
  const isTaken = place?.type === 'resourceGroup' && isGuid(place.subscriptionId)
  const subscriptionId = isTaken ? place.subscriptionId.toLowerCase() : randomUUID()
  return { tenantId: randomUUID(), subscriptionId }
}

/** The id of a gateway of this installation. */
export function gatewayId(
  { subscriptionId }: InstallationIdentity,
  name: string,
  resourceGroup: string = RESOURCE_GROUP,
): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
  return `${group}/providers/${VIRTUAL_NETWORK_GATEWAY_TYPE}/${name}`
}

/**
 * A document of the operator's as a resource of this installation: without an id, or with one of another subscription
 * or of something else than a gateway, it gets one of ours. Name and resource group stay where it tells them.
 */
export function withOwnId(
  resource: VirtualNetworkGateway,
  identity: InstallationIdentity,
): VirtualNetworkGateway {
  const parsed = parseResourceId(resource.id ?? '')
  const given = parsed.type === 'good' ? parsed.id : undefined
  const name = resource.name ?? (given && resourceName(given)) ?? GATEWAY_NAME
  const place = placeOf(resource.id)
  const id = gatewayId(identity, name, place?.type === 'resourceGroup' ? place.name : undefined)
  return { ...resource, ...(isSameId(resource.id, id) ? {} : { id }), name }
}

/** Whether both are ids, and of the same resource. */
export function isSameId(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [parseResourceId(one ?? ''), parseResourceId(other ?? '')]
  return a.type === 'good' && b.type === 'good' && isSameResource(a.id, b.id)
}

/** Where a resource is. */
function placeOf(id: string | undefined): ResourceId | undefined {
  const parsed = parseResourceId(id ?? '')
  return parsed.type === 'good' && parsed.id.type === 'resource' ? parsed.id.scope : undefined
}
