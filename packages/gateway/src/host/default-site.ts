import { formatIpPrefix, type IpAddress, type IpPrefix, parseIpPrefix, prefixContains } from '@causeway/wire'
import type { InterfaceRoute } from './address-batch.ts'
import type { HostSites } from './host.ts'

/**
 * Forced tunnelling: what leads everywhere, for what comes from inside and for nothing else. A default route to the TUN
 * device in the main table would send the gateway's own outer packets into the tunnel that they carry.
 */

/** Ours: of the routing table and of the first of the rules that lead there, for IPv4 and IPv6. */
export const DEFAULT_SITE_TABLE = 4500

/** `ip rule` priorities: before the main table's 32766. */
const OWN_TRAFFIC = DEFAULT_SITE_TABLE
const LONGER_ROUTES = DEFAULT_SITE_TABLE + 1
const TO_THE_SITE = DEFAULT_SITE_TABLE + 2

/** Ours: longer ones are networks that somebody has, shorter ones parts of the Internet (10.0.0.0/8, fc00::/7). */
const LEAST_LENGTH = { 4: 8, 6: 7 } as const

/** Whether a peer itself lies in a remote prefix, or may well do so as the prefix is so wide. */
export function isWide(prefix: IpPrefix, sites: Pick<HostSites, 'peers'>): boolean {
  return prefix.length < LEAST_LENGTH[prefix.address.family] || peerWithin(prefix, sites) !== undefined
}

/** The first of the peers that lies in a remote prefix. */
export function peerWithin(prefix: IpPrefix, { peers }: Pick<HostSites, 'peers'>): IpAddress | undefined {
  return peers.find(peer => prefixContains(prefix, peer))
}

/** Routes to the TUN device of what is wide, in families that are inside. */
export function defaultSiteRoutes(sites: HostSites): InterfaceRoute[] {
  return widePrefixes(sites).map(destination => ({ destination, table: DEFAULT_SITE_TABLE }))
}

/**
 * Lines for `ip -batch` that stand without the TUN device. The machine's own traffic and every route but a default
 * one are as before; what is left goes to the site. Where the TUN device is gone, which is when the gateway has
 * crashed, it goes nowhere: what must not go directly does not then either.
 */
export function defaultSiteLines(sites: HostSites): string[] {
  const wide = widePrefixes(sites)
  const nowhere = wide.map(prefix => {
    return `route replace unreachable ${formatIpPrefix(prefix)} table ${DEFAULT_SITE_TABLE} metric ${LAST_METRIC}`
  })
  const isForcedFrom = ({ address }: IpPrefix) =>
    wide.some(prefix => prefix.address.family === address.family)
  return [...nowhere, ...sites.insidePrefixes.filter(isForcedFrom).flatMap(ruleLines)]
}

/** The line that takes back one of {@link defaultSiteLines}. */
export function removedLine(line: string): string {
  return line.replace(/^(rule|route) (add|replace) /, '$1 del ')
}

/** Whether what is wide leads to sites in this family. */
export function isForced(sites: HostSites, family: 4 | 6): boolean {
  return widePrefixes(sites).some(({ address }) => address.family === family)
}

/** Longer than any that interfaces have. */
const LAST_METRIC = 1_000_000

function ruleLines(inside: IpPrefix): string[] {
  const from = `from ${formatIpPrefix(inside)}`
  return [
    `rule add priority ${OWN_TRAFFIC} ${from} iif lo lookup main`,
    `rule add priority ${LONGER_ROUTES} ${from} lookup main suppress_prefixlength 0`,
    `rule add priority ${TO_THE_SITE} ${from} lookup ${DEFAULT_SITE_TABLE}`,
  ]
}

function widePrefixes(sites: HostSites): IpPrefix[] {
  const { insidePrefixes, remotePrefixes, isDefaultSite } = sites
  const families = new Set(insidePrefixes.map(({ address }) => address.family))
  const wanted = [
    ...(isDefaultSite ? EVERYTHING : []),
    ...remotePrefixes.filter(prefix => isWide(prefix, sites)),
  ]
  const held = wanted.filter(({ address }) => families.has(address.family))
  return [...new Map(held.map(prefix => [formatIpPrefix(prefix), prefix])).values()]
}

const EVERYTHING = ['0.0.0.0/0', '::/0'].map(text => parseIpPrefix(text) as IpPrefix)
