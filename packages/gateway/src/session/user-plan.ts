import type { Datapath, FlowId } from '@causeway/datapath'
import { formatIpPrefix, type IpPrefix, ipPrefix, prefixSelector } from '@causeway/wire'
import type { Identity, SessionTerms } from '../authentication/identity.ts'
import type { AddressPrefixes, GatewayConfiguration, PolicyGroup, UserLimits } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import { customRoutesOfClients } from '../site/client-routes.ts'

/** What a client is told of the network behind the gateway. */
export type ClientNetwork = Pick<
  GatewayConfiguration,
  'insidePrefixes' | 'customRoutes' | 'dnsServers' | 'dnsSearchDomains'
>

/** What the gateway gives a user: as the policy group has it, else as for all. */
export interface UserPlan {
  /** Name of the group. Absent: the gateway has none. */
  readonly group?: string
  /** In the order in which they are used up. */
  readonly pools: readonly AddressPrefixes[]
  readonly network: ClientNetwork
  /** All that the user reaches. Absent: what the gateway does. */
  readonly destinations?: readonly IpPrefix[]
  readonly limits: UserLimits
}

/** Parts of a configuration of which plans are made. */
export type PlanConfiguration = Pick<GatewayConfiguration, 'groups' | 'pool' | 'userLimits'> &
  Partial<Pick<GatewayConfiguration, 'sites'>> &
  ClientNetwork

/**
 * The plan of a user. The group that a server named decides, where there is one of that name; else the first group
 * that the user is a member of, by priority; else the default group.
 */
export function planOf(configuration: PlanConfiguration, identity: Identity, terms: SessionTerms): UserPlan {
  const { groups, pool, userLimits } = configuration
  const group = groupOf(groups, identity, terms)
  if (!group) return { pools: [pool], network: networkOfAll(configuration), limits: userLimits }
  const { name, pools, routes, dns, limits } = group
  return {
    group: name,
    pools: pools.length > 0 ? pools : [pool],
    network: {
      insidePrefixes: routes ?? configuration.insidePrefixes,
      customRoutes: routes ? [] : networkOfAll(configuration).customRoutes,
      dnsServers: dns?.dnsServers ?? configuration.dnsServers,
      dnsSearchDomains: dns?.dnsSearchDomains ?? configuration.dnsSearchDomains,
    },
    ...(routes && { destinations: routes }),
    limits,
  }
}

/** One for all users: there are thousands, and most configurations are their own. */
function networkOfAll(configuration: PlanConfiguration): ClientNetwork {
  const known = NETWORKS.get(configuration)
  if (known) return known
  const customRoutes = customRoutesOfClients(configuration)
  const isOwn = customRoutes === configuration.customRoutes
  const network = isOwn ? configuration : { ...clientNetwork(configuration), customRoutes }
  NETWORKS.set(configuration, network)
  return network
}

const NETWORKS = new WeakMap<PlanConfiguration, ClientNetwork>()

function clientNetwork({
  insidePrefixes,
  customRoutes,
  dnsServers,
  dnsSearchDomains,
}: ClientNetwork): ClientNetwork {
  return { insidePrefixes, customRoutes, dnsServers, dnsSearchDomains }
}

function groupOf(
  groups: readonly PolicyGroup[],
  { memberships = [] }: Identity,
  { groupName }: SessionTerms,
): PolicyGroup | undefined {
  const named = groupName?.toLowerCase()
  const isMember = ({ members }: PolicyGroup): boolean =>
    members.some(member =>
      memberships.some(({ type, value }) => type === member.type && value === member.value),
    )
  return (
    groups.find(({ name }) => name.toLowerCase() === named) ??
    groups.find(isMember) ??
    groups.find(({ isDefault }) => isDefault)
  )
}

/** Whether a session that began with one plan may go on with the other; limits in time change while it lasts. */
export function samePlan(before: UserPlan, after: UserPlan): boolean {
  const text = ({ group, destinations }: UserPlan) =>
    JSON.stringify([group, destinations?.map(formatIpPrefix)])
  return text(before) === text(after)
}

export function sameLimits({ limits: one }: UserPlan, { limits: other }: UserPlan): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * Holds a flow to what its user's group may reach, and the gateway's own inner addresses. Call it before the flow gets
 * its routes.
 */
export function limitReach(
  datapath: Datapath,
  flow: FlowId,
  { plan, lease: { ipv4, ipv6 } }: { readonly plan: UserPlan; readonly lease: Lease },
): void {
  if (!plan.destinations) return
  const gateways = [ipv4, ipv6].flatMap(leased => (leased ? [ipPrefix(leased.gateway)] : []))
  datapath.limitFlow(flow, [...plan.destinations, ...gateways].map(prefixSelector))
}
