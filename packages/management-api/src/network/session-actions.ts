import type { ConnectionHealthDetail } from '@causeway/api-contract'
import { quote } from '@causeway/api-contract'
import type { SessionRecord } from '@causeway/gateway'
import { type ActionCall, ResourceServerError, type ServedResource } from '../resources/resource-server.ts'
import { inForce } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** `VpnClientConnectionHealthDetailListResult`: every session of the gateway. */
export function connectionHealth(
  options: NetworkOptions,
  { id }: ServedResource,
): { readonly value: readonly ConnectionHealthDetail[] } {
  const sessions = inForce(options, id) ? options.gateway.sessions() : []
  const now = options.now()
  return { value: sessions.map(session => healthOf(session, now)) }
}

/** Egress is what the gateway sends to the client. What a session's greatest rate was is not measured. */
function healthOf(session: SessionRecord, now: number): ConnectionHealthDetail {
  const [privateIpAddress = ''] = session.innerAddresses
  return {
    vpnConnectionId: session.id,
    vpnConnectionDuration: Math.max(0, Math.floor(now - session.startedAt)),
    vpnConnectionTime: new Date(session.startedAt * 1_000).toISOString(),
    publicIpAddress: session.outer,
    privateIpAddress,
    vpnUserName: session.user,
    egressPacketsTransferred: session.packetsSent,
    egressBytesTransferred: session.bytesSent,
    ingressPacketsTransferred: session.packetsReceived,
    ingressBytesTransferred: session.bytesReceived,
  }
}

/**
 * Ends sessions. Errors: `InvalidParameter` without an id, `NotFound` with one that no session has; then all of them
 * are as before.
 */
export function disconnectSessions(options: NetworkOptions, { resource, body }: ActionCall): void {
  const { vpnConnectionIds = [] } = body as { readonly vpnConnectionIds?: readonly string[] }
  if (vpnConnectionIds.length === 0)
    throw new ResourceServerError(
      'InvalidParameter',
      'vpnConnectionIds: is empty; give ids of getVpnClientConnectionHealth.',
      'vpnConnectionIds',
    )
  const present = new Set(inForce(options, resource.id) ? options.gateway.sessions().map(({ id }) => id) : [])
  // az sends ids of resources, whose last word is the session's.
  const wanted = vpnConnectionIds.map(text => text.split('/').at(-1) ?? text)
  const unknown = wanted.filter(id => !present.has(id))
  if (unknown.length > 0)
    throw new ResourceServerError(
      'NotFound',
      `vpnConnectionIds: there is no session ${unknown.map(quote).join(', ')}, and none was ended; give ids of getVpnClientConnectionHealth.`,
      'vpnConnectionIds',
    )
  for (const id of wanted) options.gateway.disconnect(id)
}
