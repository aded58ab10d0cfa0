import type { PushOptions } from '@causeway/openvpn'
import { type IpAddress, type IpPrefix, prefixContains } from '@causeway/wire'
import type { Lease } from '../pool/address-pool.ts'
import type { ClientNetwork } from '../session/user-plan.ts'

/**
 * What a client with this lease is told of addresses, routes and DNS.
 *
 * A client whose own outer address lies in an inside network is at home there. A route into the
 * tunnel would take the place of its way to the gateway, and the tunnel would swallow itself.
 */
export function pushSettings(
  { insidePrefixes, customRoutes, dnsServers, dnsSearchDomains }: ClientNetwork,
  mtu: number,
  lease: Lease,
  outer: IpAddress,
): PushOptions {
  const inside = insidePrefixes.filter(prefix => prefix.length === 0 || !prefixContains(prefix, outer))
  const destinations = [...inside, ...customRoutes]
  const reachable = destinations.filter(({ address }) => (address.family === 4 ? lease.ipv4 : lease.ipv6))
  return {
    ...(lease.ipv4 ? { ipv4: lease.ipv4 } : {}),
    ...(lease.ipv6 ? { ipv6: lease.ipv6 } : {}),
    routes: reachable.filter(({ length }) => length > 0),
    redirectGateway: reachable.some(isEverything),
    dnsServers,
    dnsSearchDomains,
    mtu,
  }
}

function isEverything({ address, length }: IpPrefix): boolean {
  return address.family === 4 && length === 0
}
