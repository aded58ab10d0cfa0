import type { ConfigurationRequest, Grant } from '@causeway/ikev2'
import {
  type IpAddress,
  type IpPrefix,
  ipPrefix,
  parseIpPrefix,
  prefixSelector,
  type TrafficSelector,
} from '@causeway/wire'
import type { Lease } from '../pool/address-pool.ts'
import type { ClientNetwork } from '../session/user-plan.ts'

/** Who sends no configuration request has addresses of its own, which the selectors leave out. */
const BOTH = { ipv4: true, ipv6: true } as const
const ALL_IPV6 = prefixSelector(parseIpPrefix('::/0') as IpPrefix)

/**
 * What a client gets: its addresses, DNS, and traffic selectors narrowed to what lies behind the gateway, from
 * which most clients make their routes. Apple's clients fail with an IPv6 address unless the selectors hold all
 * of IPv6, so that family is not narrowed; the firewall refuses the rest of it at once. What a client has not
 * asked for it does not get.
 */
export function grantOf(
  network: ClientNetwork,
  lease: Lease,
  asked: Pick<ConfigurationRequest, 'ipv4' | 'ipv6'> = BOTH,
): Grant {
  const ipv4 = asked.ipv4 ? lease.ipv4 : undefined
  const ipv6 = asked.ipv6 ? lease.ipv6 : undefined
  const destinations = [...network.insidePrefixes, ...network.customRoutes]
  const inside = (family: 4 | 6) => destinations.filter(({ address }) => address.family === family)
  return {
    configuration: {
      ...(ipv4 && { ipv4: ipv4.address }),
      ...(ipv6 && { ipv6: { address: ipv6.address, prefixLength: HOST_BITS } }),
      dnsServers: network.dnsServers,
      dnsDomains: network.dnsSearchDomains,
      subnets: destinations.filter(({ address }) => (address.family === 4 ? ipv4 : ipv6)),
    },
    local: [...(ipv4 ? networks(inside(4), ipv4.gateway) : []), ...(ipv6 ? [ALL_IPV6] : [])],
    remote: [ipv4, ipv6].flatMap(leased => (leased ? [prefixSelector(ipPrefix(leased.address))] : [])),
  }
}

const HOST_BITS = 128

/** The gateway's own inner address is always there, so that there is something to reach, and to ping. */
function networks(prefixes: readonly IpPrefix[], gateway: IpAddress): TrafficSelector[] {
  return [...prefixes.map(selectorOfPrefix), selectorOfGateway(gateway)]
}

/** What all clients share is made once and held by each. */
const selectorOfPrefix = remembered(prefixSelector)
const selectorOfGateway = remembered((gateway: IpAddress) => prefixSelector(ipPrefix(gateway)))

function remembered<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>()
  return key => {
    const value = made.get(key) ?? make(key)
    made.set(key, value)
    return value
  }
}
