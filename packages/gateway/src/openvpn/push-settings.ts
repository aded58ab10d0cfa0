import type { PushOptions } from '@causeway/openvpn'
import type { IpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'

/** What a client with this lease is told of addresses, routes and DNS. */
export function pushSettings(configuration: GatewayConfiguration, lease: Lease): PushOptions {
  const destinations = [...configuration.insidePrefixes, ...configuration.customRoutes]
  const reachable = destinations.filter(({ address }) => (address.family === 4 ? lease.ipv4 : lease.ipv6))
  return {
    ...(lease.ipv4 ? { ipv4: lease.ipv4 } : {}),
    ...(lease.ipv6 ? { ipv6: lease.ipv6 } : {}),
    routes: reachable.filter(({ length }) => length > 0),
    redirectGateway: reachable.some(isEverything),
    dnsServers: configuration.dnsServers,
    dnsSearchDomains: configuration.dnsSearchDomains,
    mtu: configuration.openvpn.tunnelMtu,
  }
}

function isEverything({ address, length }: IpPrefix): boolean {
  return address.family === 4 && length === 0
}
