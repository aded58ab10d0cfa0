import { type CompleteGatewaySettings, type GroupSettings, quote } from '@causeway/api-contract'
import {
  formatIpAddress,
  formatIpPrefix,
  type IpAddress,
  type IpPrefix,
  prefixContains,
} from '@causeway/wire'
import type { GatewayConfiguration, PolicyGroup, UserLimits } from '../configuration.ts'
import { readPrefixes } from './address-space.ts'
import type { Report } from './configuration-fault.ts'
import type { ResourceGroup } from './policy-groups.ts'
import { readDns } from './settings.ts'

/** Completes the groups of the resource with what the settings say of them, or of all users. */
export function readGroupSettings(
  groups: readonly ResourceGroup[],
  { groups: entries, users }: Pick<CompleteGatewaySettings, 'groups' | 'users'>,
  networks: Networks,
  report: Report,
): PolicyGroup[] {
  const read = new Map<string, GroupPart>()
  for (const [i, entry] of entries.entries()) {
    const path = `groups[${i}]`
    const name = entry.name.toLowerCase()
    if (!groups.some(group => group.name.toLowerCase() === name))
      report(
        `${path}.name`,
        `there is no policy group ${quote(entry.name)}`,
        'name one of virtualNetworkGatewayPolicyGroups',
      )
    if (read.has(name)) report(`${path}.name`, `${quote(entry.name)} is listed twice`, 'take one out')
    const part = readEntry(entry, users, networks, path, report)
    read.set(name, part)
    checkDnsReach(part, networks, path, report)
  }
  return groups.map(group => ({ ...group, ...(read.get(group.name.toLowerCase()) ?? { limits: users }) }))
}

type Networks = Pick<GatewayConfiguration, 'insidePrefixes' | 'customRoutes' | 'dnsServers'>
type GroupPart = Pick<PolicyGroup, 'routes' | 'dns' | 'limits'>

function readEntry(
  { routes, dns, maximumSeconds, idleSeconds, reauthenticationSeconds, devicesPerUser }: GroupSettings,
  users: UserLimits,
  networks: Networks,
  path: string,
  report: Report,
): GroupPart {
  return {
    limits: {
      maximumSeconds: maximumSeconds ?? users.maximumSeconds,
      idleSeconds: idleSeconds ?? users.idleSeconds,
      reauthenticationSeconds: reauthenticationSeconds ?? users.reauthenticationSeconds,
      devicesPerUser: devicesPerUser ?? users.devicesPerUser,
    },
    ...(routes && { routes: readRoutes(routes, networks, `${path}.routes`, report) }),
    ...(dns && {
      dns: readDns(
        { servers: dns.servers ?? [], searchDomains: dns.searchDomains ?? [] },
        `${path}.dns`,
        report,
      ),
    }),
  }
}

/** A name server that the gateway reaches, but not the group, would leave its users without names. */
function checkDnsReach(
  { routes, dns }: GroupPart,
  { insidePrefixes, customRoutes, dnsServers }: Networks,
  path: string,
  report: Report,
): void {
  if (!routes) return
  const isIn = (prefixes: readonly IpPrefix[], address: IpAddress): boolean =>
    prefixes.some(prefix => prefixContains(prefix, address))
  for (const server of dns?.dnsServers ?? dnsServers)
    if (isIn([...insidePrefixes, ...customRoutes], server) && !isIn(routes, server))
      report(
        `${path}.routes`,
        `do not hold ${formatIpAddress(server)}, the DNS server of the group`,
        'add it, or give the group other DNS servers',
      )
}

/** A group may reach less than the others, and nothing that the gateway does not. */
function readRoutes(
  texts: readonly string[],
  { insidePrefixes, customRoutes }: Networks,
  path: string,
  report: Report,
): IpPrefix[] {
  const routes = readPrefixes(texts, path, report)
  const lies = (route: IpPrefix, within: IpPrefix): boolean =>
    route.length >= within.length && prefixContains(within, route.address)
  for (const route of routes)
    if (![...insidePrefixes, ...customRoutes].some(network => lies(route, network)))
      report(
        path,
        `${formatIpPrefix(route)} is not behind the gateway`,
        'give a part of insidePrefixes or of customRoutes',
      )
  return routes
}
