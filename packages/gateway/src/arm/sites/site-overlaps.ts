import { formatIpPrefix, type IpPrefix, prefixesOverlap } from '@causeway/wire'
import type { SiteNat } from '../../site/site-configuration.ts'
import { isForcedTunnel, UNUSABLE } from '../address-space.ts'
import type { Report } from '../configuration-fault.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

/**
 * What a site is reached by must be apart from what lies inside and from addresses of clients (Azure), unless an
 * ingress rule has it known inside by other addresses. Sites may overlap each other: their weights decide.
 */
export function checkSiteSpace(
  remotePrefixes: readonly IpPrefix[],
  nat: SiteNat,
  { localPrefixes, pools }: SiteSurroundings,
  path: string,
  report: Report,
): void {
  const own = [
    ...localPrefixes.map(prefix => ({ prefix, name: 'the network inside' })),
    ...pools.map(prefix => ({ prefix, name: "the clients' address pool" })),
  ]
  for (const remote of remotePrefixes) {
    const unusable = UNUSABLE.find(({ address, length }) => isWithin(remote, { address, length }))
    if (unusable)
      report(
        path,
        `${formatIpPrefix(remote)} lies in ${formatIpPrefix(unusable)}, which hosts cannot use`,
        'take it out',
      )
    const found = own.find(({ prefix }) => collides(remote, prefix) && !isMapped(remote, prefix, nat))
    if (found) {
      const problem = `${formatIpPrefix(remote)} overlaps ${formatIpPrefix(found.prefix)}, ${found.name}`
      report(path, problem, 'take it out, or map it by an IngressSnat rule')
    }
  }
  for (const { name, external } of nat.ingress) {
    const unusable = UNUSABLE.find(prefix => prefixesOverlap(external.prefix, prefix))
    if (unusable) {
      const space = `${formatIpPrefix(unusable)}, which hosts cannot use`
      const known = `NAT rule ${name} has the site known inside by ${formatIpPrefix(external.prefix)}`
      report('properties.ingressNatRules', `${known}, of ${space}`, 'give the rule private space')
    }
    const found = own.find(({ prefix }) => collides(external.prefix, prefix))
    if (!found) continue
    const known = `${formatIpPrefix(external.prefix)}, by which NAT rule ${name} has the site known inside,`
    const problem = `${known} overlaps ${formatIpPrefix(found.prefix)}, ${found.name}`
    report('properties.ingressNatRules', problem, 'give the rule an external mapping of its own')
  }
  for (const { name, external } of nat.egress) {
    const found = remotePrefixes.find(prefix => collides(prefix, external.prefix))
    if (!found) continue
    const known = `${formatIpPrefix(external.prefix)}, by which NAT rule ${name} has us known at the site,`
    const problem = `${known} overlaps the site's own ${formatIpPrefix(found)}`
    report('properties.egressNatRules', problem, 'give the rule an external mapping of its own')
  }
}

/** Everything overlaps everything: a longer route has what it needs. */
function collides(remote: IpPrefix, own: IpPrefix): boolean {
  return !isForcedTunnel(remote) && prefixesOverlap(remote, own)
}

/** What both have is the longer of the two. */
function isMapped(remote: IpPrefix, own: IpPrefix, { ingress }: SiteNat): boolean {
  const common = remote.length >= own.length ? remote : own
  return ingress.some(({ internal }) => internal.ports === undefined && isWithin(common, internal.prefix))
}

function isWithin(inner: IpPrefix, outer: IpPrefix): boolean {
  return inner.length >= outer.length && prefixesOverlap(inner, outer)
}
