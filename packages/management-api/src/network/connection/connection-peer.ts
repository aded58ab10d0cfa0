import type { Connection } from '@causeway/api-contract'
import type { ConnectionPeer, ConnectionResource } from '@causeway/gateway'
import { propertiesOf } from '../../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../../resources/resource-server.ts'
import { valueAt } from '../../resources/schema-paths.ts'
import { textsAt } from '../gateway-resource.ts'
import type { NetworkResources } from '../network-options.ts'

/** Where a connection names the gateway that it is of, and what is at its other end. */
export const GATEWAY_PATH = 'properties.virtualNetworkGateway1.id'
export const SITE_PATH = 'properties.localNetworkGateway2.id'
export const REMOTE_PATH = 'properties.virtualNetworkGateway2.id'

/** A connection as the running gateway takes it. Errors: `InvalidResourceReference` when its other end is not there. */
export async function connectionResource(
  resources: Pick<NetworkResources, 'running'>,
  connection: ServedResource,
): Promise<ConnectionResource> {
  return { connection: connectionOf(connection), peer: await peerOf(resources, connection) }
}

/** A connection's resource as the running gateway takes it. */
export function connectionOf({ id, name, type, body }: ServedResource): Connection {
  const whole = { ...body, id, name, type }
  // Its shape was checked when it was put.
  return whole as unknown as Connection
}

/** Whether a connection leads to another gateway, and not to a site. */
export function isBetweenGateways({ body }: Pick<ServedResource, 'body'>): boolean {
  const { connectionType } = propertiesOf(body)
  return connectionType === 'Vnet2Vnet'
}

/** What of a local network gateway matters to its connections. */
export function sitePeer({ id, body }: Pick<ServedResource, 'id' | 'body'>): ConnectionPeer {
  const { gatewayIpAddress: address, fqdn } = propertiesOf(body)
  return {
    type: 'local-gateway',
    id,
    ...(isText(address) ? { address } : isText(fqdn) && { fqdn }),
    addressPrefixes: textsAt(body, 'properties.localNetworkAddressSpace.addressPrefixes'),
  }
}

/** The id that stands at a path of a connection; `undefined`: none does. */
export function endAt({ body }: Pick<ServedResource, 'body'>, path: string): string | undefined {
  const id = valueAt(body, path)
  return isText(id) ? id : undefined
}

async function peerOf(
  resources: Pick<NetworkResources, 'running'>,
  connection: ServedResource,
): Promise<ConnectionPeer> {
  const remote = endAt(connection, REMOTE_PATH)
  if (isBetweenGateways(connection) && remote !== undefined) return { type: 'remote-gateway', id: remote }
  const id = endAt(connection, SITE_PATH)
  const site = id === undefined ? undefined : await resources.running(id)
  if (site) return sitePeer(site)
  throw new ResourceServerError(
    'InvalidResourceReference',
    `The local network gateway ${id ?? 'of this connection'} is not there; make it first, or name another one.`,
    SITE_PATH,
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
