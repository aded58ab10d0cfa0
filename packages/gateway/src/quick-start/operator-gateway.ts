import { randomUUID } from 'node:crypto'
import type { VirtualNetworkGateway } from '@causeway/api-contract'
import type { GatewayNetwork } from '../arm/index.ts'
import type { GatewayPart, NoGatewayPart } from './documents.ts'
import { isGuid } from './guid.ts'
import { type InstallationIdentity, isSameId, withOwnId } from './installation-identity.ts'
import { separateSecrets } from './resource-store.ts'

/**
 * A document of the operator's, in place of the former gateway: it gets an id of the installation, and keeps the
 * secrets that it does not tell, the GUID, its connections, and the network as long as it is in it. Errors: `CommandError`
 * `InvalidParameter`.
 */
export function operatorGateway(
  document: unknown,
  former: GatewayPart | NoGatewayPart,
  tenancy: InstallationIdentity,
): GatewayPart {
  const { resource: given, secrets } = separateSecrets(document, former.secrets)
  const resource = withGuid(withOwnId(withFormerId(given, former.resource), tenancy), former.resource)
  const network = keptNetwork(resource, former)
  // Those of another gateway go with it.
  const connections = isSameId(resource.id, former.resource?.id) ? (former.connections ?? []) : []
  return { resource, secrets, ...(network && { network }), connections }
}

/** The GUID names the server in every profile: a new document keeps the old one's. */
export function withGuid(
  resource: VirtualNetworkGateway,
  former: VirtualNetworkGateway | undefined,
): VirtualNetworkGateway {
  const given = resource.properties.resourceGuid
  const resourceGuid =
    former?.properties.resourceGuid ?? (given !== undefined && isGuid(given) ? given : randomUUID())
  return { ...resource, properties: { ...resource.properties, resourceGuid } }
}

/** Who does not say which gateway is meant means the one that is there, unless the name is another. */
function withFormerId(
  resource: VirtualNetworkGateway,
  former: VirtualNetworkGateway | undefined,
): VirtualNetworkGateway {
  const isOther = resource.name !== undefined && resource.name.toLowerCase() !== former?.name?.toLowerCase()
  if (resource.id !== undefined || isOther || former?.id === undefined) return resource
  return { ...resource, ...(former.name !== undefined && { name: former.name }), id: former.id }
}

function keptNetwork(
  resource: VirtualNetworkGateway,
  former: GatewayPart | NoGatewayPart,
): GatewayNetwork | undefined {
  if (!former.resource || !isSameId(resource.id, former.resource.id)) return undefined
  return subnetsOf(resource) === subnetsOf(former.resource) ? former.network : undefined
}

/** What of the IP configurations says where a gateway is. */
function subnetsOf({ properties }: VirtualNetworkGateway): string {
  const subnets = (properties.ipConfigurations ?? []).map(each => each.properties?.subnet?.id ?? '')
  return subnets.join('\n').toLowerCase()
}
