import {
  type ConnectionConfigurationResource,
  canonicalName,
  GROUP_MEMBER_LIMIT,
  GROUP_MEMBER_TYPES,
  POLICY_GROUP_LIMIT,
  type PolicyGroupResource,
  quote,
} from '@causeway/api-contract'
import type { AddressPrefixes, GroupMember, PolicyGroup } from '../configuration.ts'
import { checkApart, readAddressPool } from './address-space.ts'
import { checkChildNames } from './child-names.ts'
import type { Report } from './configuration-fault.ts'
import { normalMemberValue } from './group-member.ts'

/** A pool of `vngClientConnectionConfigurations`, and the groups that get addresses out of it. */
export interface GroupPool {
  /** Of the pool in the document. */
  readonly path: string
  readonly prefixes: AddressPrefixes
}

/** A group as the resource has it; the settings say the rest. */
export type ResourceGroup = Pick<PolicyGroup, 'name' | 'priority' | 'isDefault' | 'members' | 'pools'>

/** The groups, and their pools once each. */
export interface PolicyGroups {
  readonly groups: readonly ResourceGroup[]
  readonly pools: readonly GroupPool[]
}

/** A connection configuration, its groups by their names in lower case. */
interface Connection extends GroupPool {
  readonly groupNames: readonly string[]
}

const GROUPS_PATH = 'properties.virtualNetworkGatewayPolicyGroups'

/** Reads policy groups and the connection configurations that use them, within Azure's limits. */
export function readPolicyGroups(
  resources: readonly PolicyGroupResource[],
  configurations: readonly ConnectionConfigurationResource[],
  gatewayPool: AddressPrefixes,
  p2sPath: string,
  report: Report,
): PolicyGroups {
  const names = new Set(resources.map(({ name }) => name.toLowerCase()))
  const path = `${p2sPath}.vngClientConnectionConfigurations`
  const connections = readConnections(configurations, names, path, report)
  const groups = resources.map((group, i) => readGroup(group, connections, `${GROUPS_PATH}[${i}]`, report))
  checkChildNames(resources, GROUPS_PATH, report)
  checkChildNames(configurations, path, report)
  checkDefault(groups, report)
  checkLimits(groups, report)
  checkPools(connections, gatewayPool, report)
  return { groups: groups.toSorted((one, other) => one.priority - other.priority), pools: connections }
}

function readGroup(
  { name, properties }: PolicyGroupResource,
  connections: readonly Connection[],
  path: string,
  report: Report,
): ResourceGroup {
  const { isDefault = false, priority, policyMembers = [] } = properties
  const membersPath = `${path}.properties.policyMembers`
  if (priority === undefined)
    report(`${path}.properties.priority`, 'is missing', 'give one; the lowest is looked at first')
  if (policyMembers.length === 0 && !isDefault)
    report(membersPath, `${quote(name)} has no members`, 'add one; only the default group needs none')
  const members = policyMembers.flatMap(({ attributeType, attributeValue }, i) =>
    readMember(attributeType, attributeValue, `${membersPath}[${i}]`, report),
  )
  const own = connections.filter(({ groupNames }) => groupNames.includes(name.toLowerCase()))
  return { name, priority: priority ?? 0, isDefault, members, pools: own.map(({ prefixes }) => prefixes) }
}

function readMember(typeName: string, text: string, path: string, report: Report): GroupMember[] {
  const type = canonicalName(GROUP_MEMBER_TYPES, typeName)
  if (!type) {
    const remedy = `use one of ${GROUP_MEMBER_TYPES.join(', ')}`
    report(`${path}.attributeType`, `${quote(typeName)} is not known`, remedy)
    return []
  }
  const normal = normalMemberValue(type, text)
  if (normal.type === 'good') return [{ type, value: normal.value }]
  report(`${path}.attributeValue`, normal.problem, normal.remedy)
  return []
}

function readConnections(
  configurations: readonly ConnectionConfigurationResource[],
  known: ReadonlySet<string>,
  path: string,
  report: Report,
): Connection[] {
  return configurations.map(({ properties }, i) => {
    const place = `${path}[${i}].properties`
    const groups = properties.virtualNetworkGatewayPolicyGroups ?? []
    if (groups.length === 0)
      report(`${place}.virtualNetworkGatewayPolicyGroups`, 'is empty', 'name the groups that the pool is for')
    const groupNames = groups.map(({ id }, at) => {
      const name = id.split('/').at(-1) ?? ''
      if (!known.has(name.toLowerCase()))
        report(
          `${place}.virtualNetworkGatewayPolicyGroups[${at}].id`,
          `there is no policy group ${quote(name)}`,
          'give the id of one of virtualNetworkGatewayPolicyGroups',
        )
      return name.toLowerCase()
    })
    const poolPath = `${place}.vpnClientAddressPool.addressPrefixes`
    const prefixes = properties.vpnClientAddressPool?.addressPrefixes ?? []
    return {
      path: poolPath,
      prefixes: readAddressPool(prefixes, poolPath, report),
      groupNames: [...new Set(groupNames)],
    }
  })
}

function checkDefault(groups: readonly ResourceGroup[], report: Report): void {
  const defaults = groups.filter(({ isDefault }) => isDefault).map(({ name }) => quote(name))
  if (groups.length === 0 || defaults.length === 1) return
  if (defaults.length === 0) report(GROUPS_PATH, 'has no default group', 'set isDefault of one of them')
  else report(GROUPS_PATH, `has ${defaults.length} default groups (${defaults.join(', ')})`, 'leave just one')
}

function checkLimits(groups: readonly ResourceGroup[], report: Report): void {
  if (groups.length > POLICY_GROUP_LIMIT)
    report(GROUPS_PATH, `holds ${groups.length} groups`, `give at most ${POLICY_GROUP_LIMIT}`)
  const uses = groups.map(({ members, pools }) => members.length * Math.max(pools.length, 1))
  const members = uses.reduce((sum, count) => sum + count, 0)
  if (members > GROUP_MEMBER_LIMIT)
    report(
      GROUPS_PATH,
      `has ${members} members, each counted for every connection configuration of its group`,
      `give at most ${GROUP_MEMBER_LIMIT}`,
    )
}

function checkPools(connections: readonly Connection[], gatewayPool: AddressPrefixes, report: Report): void {
  for (const [i, { prefixes, path }] of connections.entries()) {
    checkApart(prefixes, gatewayPool, "the gateway's own pool", path, report)
    for (const [j, other] of connections.slice(0, i).entries())
      checkApart(prefixes, other.prefixes, `vngClientConnectionConfigurations[${j}]`, path, report)
  }
}
