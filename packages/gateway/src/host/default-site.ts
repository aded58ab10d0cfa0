import { formatIpPrefix, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import type { InterfaceRoute } from './address-batch.ts'
import type { HostSites } from './host.ts'

/**
 * Forced tunnelling: the default route for what comes from inside, and for nothing else. A default route to the TUN
 * device in the main table would send the gateway's own outer packets into the tunnel that they carry.
 */

/** Ours: of the routing table and of the first of the rules that lead there, for IPv4 and IPv6. */
export const DEFAULT_SITE_TABLE = 4500

/** `ip rule` priorities: before the main table's 32766. */
const OWN_TRAFFIC = DEFAULT_SITE_TABLE
const LONGER_ROUTES = DEFAULT_SITE_TABLE + 1
const TO_THE_SITE = DEFAULT_SITE_TABLE + 2

/** The default routes to the TUN device, of the families that are inside. */
export function defaultSiteRoutes(sites: HostSites): InterfaceRoute[] {
  return defaultFamilies(sites).map(family => ({
    destination: everything(family),
    table: DEFAULT_SITE_TABLE,
  }))
}

/**
 * Lines for `ip -batch` that stand without the TUN device. The machine's own traffic and every route but a default
 * one are as before; what is left goes to the site. Where the TUN device is gone, which is when the gateway has
 * crashed, it goes nowhere: what must not go directly does not then either.
 */
export function defaultSiteLines(sites: HostSites): string[] {
  const nowhere = defaultFamilies(sites).map(family => {
    return `route replace unreachable ${formatIpPrefix(everything(family))} table ${DEFAULT_SITE_TABLE} metric ${LAST_METRIC}`
  })
  return [...nowhere, ...forcedPrefixes(sites).flatMap(ruleLines)]
}

/** The line that takes back one of {@link defaultSiteLines}. */
export function removedLine(line: string): string {
  return line.replace(/^(rule|route) (add|replace) /, '$1 del ')
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

function forcedPrefixes(sites: HostSites): readonly IpPrefix[] {
  const families = defaultFamilies(sites)
  return sites.insidePrefixes.filter(({ address }) => families.includes(address.family))
}

/** A remote prefix that is everything makes its family's default site, too. */
function defaultFamilies({ insidePrefixes, remotePrefixes, isDefaultSite }: HostSites): (4 | 6)[] {
  const isInside = (family: 4 | 6) => insidePrefixes.some(({ address }) => address.family === family)
  const isRemote = (family: 4 | 6) => {
    return remotePrefixes.some(({ address, length }) => address.family === family && length === 0)
  }
  return ([4, 6] as const).filter(family => isInside(family) && (isDefaultSite || isRemote(family)))
}

/** Whether {@link sites} are reached by a default route in this family. */
export function isForced(sites: HostSites, family: 4 | 6): boolean {
  return defaultFamilies(sites).includes(family)
}

function everything(family: 4 | 6): IpPrefix {
  return parseIpPrefix(family === 4 ? '0.0.0.0/0' : '::/0') as IpPrefix
}
