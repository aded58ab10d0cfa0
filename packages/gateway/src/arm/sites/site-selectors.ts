import { type Connection, quote, S2S_IPSEC_SAS } from '@causeway/api-contract'
import { type IpPrefix, parseIpPrefix, prefixSelector } from '@causeway/wire'
import type { SelectorPair } from '../../site/site-configuration.ts'
import { readPrefixes } from '../address-space.ts'
import type { Report } from '../configuration-fault.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

type Properties = Connection['properties']

/** A traffic selector payload counts in one byte (RFC 7296 §3.13). */
const RANGE_LIMIT = 255
const POLICIES = 'properties.trafficSelectorPolicies'
const POLICY_BASED = 'properties.usePolicyBasedTrafficSelectors'

const ANY = { 4: '0.0.0.0/0', 6: '::/0' } as const
const FAMILIES = [4, 6] as const

/** What lies behind the two sides of a connection. */
export interface SelectorSides {
  /** Of the other side, for people. */
  readonly name: string
  readonly remotePrefixes: readonly IpPrefix[]
  /** Everything that has no longer route goes there. */
  readonly isDefaultSite: boolean
}

/**
 * What is proposed, a Child SA each: one policy of the operator's, one pair of networks, or everything, a family each.
 */
export function readSelectors(
  properties: Properties,
  sides: SelectorSides,
  surroundings: SiteSurroundings,
  report: Report,
): readonly SelectorPair[] {
  const policies = properties.trafficSelectorPolicies ?? []
  const tooMany = (path: string, count: number): readonly SelectorPair[] => {
    const problem = `makes ${count} pairs of networks, and a connection has ${S2S_IPSEC_SAS} IPsec SAs`
    report(path, problem, 'give fewer or wider networks, or leave it out')
    return []
  }
  if (policies.length > S2S_IPSEC_SAS) return tooMany(POLICIES, policies.length)
  if (policies.length > 0)
    return policies.flatMap((policy, i) => readPolicy(policy, `${POLICIES}[${i}]`, report))
  if (properties.usePolicyBasedTrafficSelectors !== true)
    return checkedPairs(anyToAny(sides, surroundings), sides, report)
  const [local, remote] = [localOf(sides, surroundings), remoteOf(sides, surroundings)]
  const count = countPairs(local, remote)
  if (count > S2S_IPSEC_SAS) return tooMany(POLICY_BASED, count)
  return checkedPairs(combinations(local, remote), sides, report)
}

/** Reports a connection over which nothing could ever go. Those to no networks at all are another matter. */
function checkedPairs(
  pairs: readonly SelectorPair[],
  { remotePrefixes, name }: SelectorSides,
  report: Report,
): readonly SelectorPair[] {
  if (pairs.length === 0 && remotePrefixes.length > 0)
    report(
      'properties.virtualNetworkGateway1',
      `has no network of an address family that ${quote(name)} has too`,
      'give the virtual network, or without one insidePrefixes of the settings, a network of that family',
    )
  return pairs
}

function readPolicy(
  policy: NonNullable<Properties['trafficSelectorPolicies']>[number],
  path: string,
  report: Report,
): SelectorPair[] {
  const most = Math.max(policy.localAddressRanges.length, policy.remoteAddressRanges.length)
  if (most > RANGE_LIMIT) {
    report(path, `has ${most} ranges on one side`, `give ${RANGE_LIMIT} or fewer, or several policies`)
    return []
  }
  const local = readPrefixes(policy.localAddressRanges, `${path}.localAddressRanges`, report)
  const remote = readPrefixes(policy.remoteAddressRanges, `${path}.remoteAddressRanges`, report)
  // What was reported already is not reported again.
  if (local.length < policy.localAddressRanges.length || remote.length < policy.remoteAddressRanges.length)
    return []
  if (!FAMILIES.some(family => hasFamily(local, family) && hasFamily(remote, family))) {
    const problem =
      local.length === 0 || remote.length === 0 ? 'has an empty side' : 'has no address family on both sides'
    report(path, problem, 'give localAddressRanges and remoteAddressRanges of one family')
    return []
  }
  return [{ local: local.map(prefixSelector), remote: remote.map(prefixSelector) }]
}

/** Azure: each of ours with each of theirs. */
function combinations(local: readonly IpPrefix[], remote: readonly IpPrefix[]): SelectorPair[] {
  return local.flatMap(own =>
    remote
      .filter(other => other.address.family === own.address.family)
      .map(other => ({ local: [prefixSelector(own)], remote: [prefixSelector(other)] })),
  )
}

function countPairs(local: readonly IpPrefix[], remote: readonly IpPrefix[]): number {
  const counts = FAMILIES.map(family => ofFamily(local, family).length * ofFamily(remote, family).length)
  return counts.reduce((sum, count) => sum + count, 0)
}

function remoteOf(sides: SelectorSides, surroundings: SiteSurroundings): readonly IpPrefix[] {
  return [...sides.remotePrefixes, ...(sides.isDefaultSite ? everything(sides, surroundings) : [])]
}

/** A Child SA for each family that both sides have: many peers take no pair of several selectors. */
function anyToAny(sides: SelectorSides, surroundings: SiteSurroundings): SelectorPair[] {
  const { remotePrefixes, isDefaultSite } = sides
  const local = localOf(sides, surroundings)
  return FAMILIES.flatMap((family): SelectorPair[] => {
    const isRemote = isDefaultSite || hasFamily(remotePrefixes, family)
    const isLocal = surroundings.settings.siteTransit || hasFamily(local, family)
    const any = parseIpPrefix(ANY[family])
    return any && isRemote && isLocal ? [{ local: [prefixSelector(any)], remote: [prefixSelector(any)] }] : []
  })
}

/** Whose packets may go there: those of the networks inside, with transit or to the default site those of clients. */
function localOf(
  { isDefaultSite }: SelectorSides,
  { localPrefixes, pools, settings }: SiteSurroundings,
): readonly IpPrefix[] {
  return settings.clientTransit || isDefaultSite ? [...localPrefixes, ...pools] : localPrefixes
}

function everything(sides: SelectorSides, surroundings: SiteSurroundings): IpPrefix[] {
  const local = localOf(sides, surroundings)
  return FAMILIES.flatMap(family => (hasFamily(local, family) ? (parseIpPrefix(ANY[family]) ?? []) : []))
}

function hasFamily(prefixes: readonly IpPrefix[], family: 4 | 6): boolean {
  return ofFamily(prefixes, family).length > 0
}

function ofFamily(prefixes: readonly IpPrefix[], family: 4 | 6): readonly IpPrefix[] {
  return prefixes.filter(({ address }) => address.family === family)
}
