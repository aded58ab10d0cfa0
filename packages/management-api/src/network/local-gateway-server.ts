import { isDeepStrictEqual } from 'node:util'
import { type DocumentFault, formatDocumentFault, quote } from '@causeway/api-contract'
import type { ConnectionResource } from '@causeway/gateway'
import { parseIpAddress } from '@causeway/wire'
import { type Body, propertiesOf } from '../resources/document.ts'
import type { ResourceServer, ServedResource } from '../resources/resource-server.ts'
import { readNamedPrefixes } from './address-space.ts'
import { sitePeer } from './connection/connection-peer.ts'
import { asked, isSameId, judgeBehind, textsAt } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

const SPACE = 'properties.localNetworkAddressSpace.addressPrefixes'
/** RFC 1123 §2.1: labels of letters, digits and hyphens. */
const DNS_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/

/** What stands behind `Microsoft.Network/localNetworkGateways`: the other end of the connections that lead there. */
export function localGatewayServer(options: NetworkOptions): ResourceServer {
  return {
    isQuick: true,
    check: async next => {
      const faults = localGatewayFaults(next.body)
      return faults.length > 0 ? faults : judgeByConnections(options, next)
    },
    // It is not removed while a connection leads to it.
    apply: async change => {
      if (change.type === 'put') await moveConnections(options, change.next)
    },
  }
}

/** What the gateway that runs says of a site that is right by itself. */
async function judgeByConnections(
  options: NetworkOptions,
  next: ServedResource,
): Promise<readonly DocumentFault[]> {
  const moved = movedConnections(options, next)
  return asked(async () =>
    moved.flatMap(({ after }) =>
      options.gateway.checkConnection(after).map(fault => ({
        path: SPACE,
        problem: `the connection ${after.connection.name ?? ''} cannot go on with it: ${formatDocumentFault(fault)}`,
        remedy: 'change the connection first, or give other values',
      })),
    ),
  )
}

/** Has the connections to a site go where it is now: all of them, or none. */
async function moveConnections(options: NetworkOptions, next: ServedResource): Promise<void> {
  const { gateway, resources } = options
  await resources.changing([], async () => {
    const done: Moved[] = []
    try {
      for (const moved of movedConnections(options, next)) {
        judgeBehind(options, next.id)
        await asked(() => gateway.applyConnection(moved.after))
        done.push(moved)
      }
    } catch (error) {
      for (const { before } of done.reverse()) await asked(() => gateway.applyConnection(before))
      throw error
    }
  })
}

interface Moved {
  readonly before: ConnectionResource
  readonly after: ConnectionResource
}

/** The connections in force that lead to a site, where it is something else to them than before. */
function movedConnections({ gateway }: NetworkOptions, next: ServedResource): readonly Moved[] {
  const peer = sitePeer(next)
  return gateway.connectionsInForce().flatMap(before => {
    const isOf = isSameId(before.connection.properties.localNetworkGateway2?.id, next.id)
    if (!isOf || isDeepStrictEqual(before.peer, peer)) return []
    return [{ before, after: { ...before, peer } }]
  })
}

function localGatewayFaults(body: Body): readonly DocumentFault[] {
  const faults: DocumentFault[] = [...addressFaults(body)]
  readNamedPrefixes(textsAt(body, SPACE), SPACE, faults)
  return faults
}

/** Azure: an address or a name, and not both. */
function addressFaults(body: Body): readonly DocumentFault[] {
  const { gatewayIpAddress: address, fqdn } = propertiesOf(body)
  const path = 'properties.gatewayIpAddress'
  const isAddress = typeof address === 'string' && address !== ''
  const isName = typeof fqdn === 'string' && fqdn !== ''
  if (isAddress === isName)
    return [
      {
        path,
        problem: isAddress ? 'is given, and so is properties.fqdn' : 'is missing, and so is properties.fqdn',
        remedy: 'give one of them',
      },
    ]
  if (isAddress && !parseIpAddress(address))
    return [{ path, problem: `${quote(address)} is not an IP address`, remedy: 'give one, as 203.0.113.7' }]
  if (isName && !DNS_NAME.test(fqdn))
    return [
      {
        path: 'properties.fqdn',
        problem: `${quote(fqdn)} is not a domain name`,
        remedy: 'give one, as vpn.example.org',
      },
    ]
  return []
}
