import { formatIpAddress, formatIpPrefix, type IpPrefix } from '@causeway/wire'
import type { Listener } from '../configuration.ts'
import { isForced } from './default-site.ts'
import type { GatewayHostState } from './host.ts'
import { interfaceName } from './interface-name.ts'

/** The gateway's own nft table. Nothing outside it is touched. */
export const NFT_TABLE = 'inet causeway'

/** Text that removes the table, whether or not it is there. */
export function removeRuleset(): string {
  return `table ${NFT_TABLE} {}\ndelete table ${NFT_TABLE}\n`
}

/**
 * Text that replaces the whole table in one transaction: no packet sees a half of it.
 *
 * - `untracked`: packets to and from the VPN ports bypass connection tracking, so that no client
 *   behind our NAT can shadow a port of ours (CVE-2021-3773), and data packets cost no lookup.
 * - `forward`: clients reach only the destinations; only those, and answers, reach clients.
 * - `from-clients`, `to-clients` let sites and inside networks reach each other, too: each by its own addresses.
 * - `to-gateway`: what comes from sites to the gateway itself reaches its inside addresses alone, and answers to it. Its
 *   other networks are none of theirs, though the gateway stands in them.
 * - `nat-clients`: clients appear under the gateway's address, from a random port that is none of ours.
 */
export function gatewayRuleset(state: GatewayHostState): string {
  return `${removeRuleset()}table ${NFT_TABLE} {
  chain untracked-in {
    type filter hook prerouting priority raw; policy accept;
${lines(untracked(state.services, 'd'))}
  }
  chain untracked-out {
    type filter hook output priority raw; policy accept;
${lines(untracked(state.services, 's'))}
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname ${quoted(state.tun)} jump from-clients
    oifname ${quoted(state.tun)} jump to-clients
  }
${toGateway(state)}  chain from-clients {
${lines(fromClients(state))}
  }
  chain to-clients {
${lines(toClients(state))}
  }
  chain nat-clients {
    type nat hook postrouting priority srcnat; policy accept;
${lines(state.nat ? masquerade(state) : [])}
  }
}
`
}

function fromClients(state: GatewayHostState): string[] {
  const tun = quoted(state.tun)
  return [
    `oifname ${tun} drop`,
    ...byFamily(state.pools, state.destinations, (family, pools, destinations) => {
      return `${family} saddr ${pools} ${family} daddr ${destinations} accept`
    }),
    ...fromSites(state),
    'ct state established,related accept',
    // At once, so that a client whose routes are wider than its rights turns to its other network.
    'reject with icmpx admin-prohibited',
  ]
}

function toClients(state: GatewayHostState): string[] {
  return [
    'ct state established,related accept',
    ...byFamily(state.pools, state.destinations, (family, pools, destinations) => {
      return `${family} saddr ${destinations} ${family} daddr ${pools} accept`
    }),
    ...toSites(state),
    'drop',
  ]
}

function toGateway(state: GatewayHostState): string {
  if (!state.sites) return ''
  const rules = [
    ...byFamily(state.pools, state.pools, (family, pools) => `${family} saddr ${pools} accept`),
    ...fromSites(state),
    'ct state established,related accept',
    'drop',
  ]
  return `  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${quoted(state.tun)} jump to-gateway
  }
  chain to-gateway {
${lines(rules)}
  }
`
}

function fromSites(state: GatewayHostState): string[] {
  return bySites(state, (family, sites, inside) => `${sites('saddr')} ${family} daddr ${inside} accept`)
}

function toSites(state: GatewayHostState): string[] {
  return bySites(state, (family, sites, inside) => `${family} saddr ${inside} ${sites('daddr')} accept`)
}

/** Matches an address of a packet. */
type AddressMatch = (field: 'saddr' | 'daddr') => string

/** Clients and inside networks are behind no site, however wide its networks are: it cannot speak for them. */
function bySites(
  { sites, pools }: GatewayHostState,
  rule: (family: 'ip' | 'ip6', sites: AddressMatch, inside: string) => string,
): string[] {
  if (!sites) return []
  return ([4, 6] as const).flatMap(family => {
    const name = family === 4 ? 'ip' : 'ip6'
    const near = [...pools, ...sites.insidePrefixes]
    const [inside, remote, others] = [sites.insidePrefixes, sites.remotePrefixes, near].map(prefixes => {
      return prefixSet(prefixes, family)
    })
    const held = sites.isDefaultSite ? everything(family) : remote
    if (!inside || !held) return []
    const apart = isForced(sites, family) ? others : undefined
    const match: AddressMatch = field => {
      return [...(apart ? [`${name} ${field} != ${apart}`] : []), `${name} ${field} ${held}`].join(' ')
    }
    return [rule(name, match, inside)]
  })
}

function everything(family: 4 | 6): string {
  return family === 4 ? '0.0.0.0/0' : '::/0'
}

function masquerade(state: GatewayHostState): string[] {
  const tun = quoted(state.tun)
  const ports = sourcePorts(state.services)
  return byFamily(state.pools, state.destinations, (family, pools, destinations) => {
    const match = `oifname != ${tun} ${family} saddr ${pools} ${family} daddr ${destinations}`
    return [
      `${match} meta l4proto { tcp, udp } masquerade to :${ports} fully-random`,
      `${match} masquerade`,
    ].join('\n    ')
  })
}

/** The widest range of high ports without one of the gateway's own. */
function sourcePorts(services: readonly Listener[]): string {
  const taken = [FIRST_NAT_PORT - 1, ...services.map(({ local }) => local.port), LAST_NAT_PORT + 1]
    .filter(port => port >= FIRST_NAT_PORT - 1)
    .sort((a, b) => a - b)
  const gaps = taken.slice(1).map((port, i) => ({ first: (taken[i] as number) + 1, last: port - 1 }))
  const widest = gaps.reduce((a, b) => (b.last - b.first > a.last - a.first ? b : a))
  return `${widest.first}-${widest.last}`
}

const FIRST_NAT_PORT = 1024
const LAST_NAT_PORT = 65535

/** Listeners on all addresses of both families have one rule. */
function untracked(services: readonly Listener[], direction: 's' | 'd'): string[] {
  return [...new Set(services.map(service => `${serviceMatch(service, direction)} notrack`))]
}

function serviceMatch({ transport, local }: Listener, direction: 's' | 'd'): string {
  const family = local.address.family === 4 ? 'ip' : 'ip6'
  const port = transport === 'esp' ? 'meta l4proto esp' : `${transport} ${direction}port ${local.port}`
  // Every packet of the machine comes by here: it is looked up only where the rest fits.
  if (local.address.bytes.every(byte => byte === 0)) return `${port} fib ${direction}addr type local`
  return `${family} ${direction}addr ${formatIpAddress(local.address)} ${port}`
}

function byFamily(
  pools: readonly IpPrefix[],
  destinations: readonly IpPrefix[],
  rule: (family: 'ip' | 'ip6', pools: string, destinations: string) => string,
): string[] {
  return ([4, 6] as const).flatMap(family => {
    const [inner, outer] = [prefixSet(pools, family), prefixSet(destinations, family)]
    return inner && outer ? [rule(family === 4 ? 'ip' : 'ip6', inner, outer)] : []
  })
}

function prefixSet(prefixes: readonly IpPrefix[], family: 4 | 6): string | undefined {
  const texts = prefixes.filter(({ address }) => address.family === family).map(formatIpPrefix)
  return texts.length === 0 ? undefined : `{ ${[...new Set(texts)].join(', ')} }`
}

/** A name may begin with a digit or be a word of the language; in quotes it is a name. */
function quoted(name: string): string {
  return `"${interfaceName(name)}"`
}

function lines(rules: readonly string[]): string {
  return rules.map(rule => `    ${rule}`).join('\n')
}
