import type { ConnectionConfigurationResource, PolicyGroupResource } from '@causeway/api-contract'
import { formatIpPrefix } from '@causeway/wire'
import { formatPem, issueRoot } from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Change, configurationOf, faultsOf } from './documents.suite.ts'

const P2S = 'properties.vpnClientConfiguration'
const GROUPS = 'properties.virtualNetworkGatewayPolicyGroups'
const GUID = '0F0F0F0F-1111-4222-8333-444444444444'

let publicCertData: string

beforeAll(async () => {
  const validity = { notBefore: 1_700_000_000, notAfter: 2_000_000_000, key: 'ecdsa-p256' } as const
  publicCertData = formatPem((await issueRoot({ commonName: 'Root', ...validity })).certificate)
})

type Member = [attributeType: string, attributeValue: string]

const group = (
  name: string,
  priority: number,
  members: Member[] = [['CertificateGroupId', 'example.com']],
  isDefault = false,
): PolicyGroupResource => ({
  name,
  properties: {
    isDefault,
    priority,
    policyMembers: members.map(([attributeType, attributeValue]) => ({ attributeType, attributeValue })),
  },
})
const everybody = group('everybody', 100, [], true)

const connection = (
  name: string,
  groups: string[],
  ...addressPrefixes: string[]
): ConnectionConfigurationResource => ({
  name,
  properties: {
    vpnClientAddressPool: { addressPrefixes },
    virtualNetworkGatewayPolicyGroups: groups.map(id => ({
      id: `/subscriptions/s/providers/Microsoft.Network/virtualNetworkGateways/gw/virtualNetworkGatewayPolicyGroups/${id}`,
    })),
  },
})

function gateway(
  virtualNetworkGatewayPolicyGroups: PolicyGroupResource[],
  vngClientConnectionConfigurations: ConnectionConfigurationResource[] = [],
): Change {
  const vpnClientRootCertificates = [{ name: 'root', properties: { publicCertData } }]
  return {
    virtualNetworkGatewayPolicyGroups,
    clients: { vpnClientRootCertificates, vngClientConnectionConfigurations },
  }
}

describe('policy groups', () => {
  it('are none where the document has none', () => {
    expect(configurationOf(gateway([])).groups).toEqual([])
  })

  it('stand in the order of their priority, with their pools', () => {
    const members: Member[] = [
      ['aadgroupid', GUID],
      ['RadiusAzureGroupId', '6AD1BD08'],
      ['CertificateGroupId', 'Contoso.com'],
    ]
    const change = gateway(
      [everybody, group('Sales', 20), group('engineers', 10, members)],
      [
        connection('a', ['ENGINEERS', 'sales'], '10.20.0.0/24', 'fd00:20::/64'),
        connection('b', ['engineers'], '10.21.0.0/16'),
      ],
    )
    const groups = configurationOf(change).groups.map(({ pools, limits: _, ...rest }) => ({
      ...rest,
      pools: pools.map(pool => Object.values(pool).map(formatIpPrefix).join(' ')),
    }))
    expect(groups).toEqual([
      {
        name: 'engineers',
        priority: 10,
        isDefault: false,
        members: [
          { type: 'AADGroupId', value: GUID.toLowerCase() },
          { type: 'RadiusAzureGroupId', value: '6ad1bd08' },
          { type: 'CertificateGroupId', value: 'contoso.com' },
        ],
        pools: ['10.20.0.0/24 fd00:20::/64', '10.21.0.0/16'],
      },
      {
        name: 'Sales',
        priority: 20,
        isDefault: false,
        members: [{ type: 'CertificateGroupId', value: 'example.com' }],
        pools: ['10.20.0.0/24 fd00:20::/64'],
      },
      { name: 'everybody', priority: 100, isDefault: true, members: [], pools: [] },
    ])
  })

  it('are 90 at most, of 390 members, each counted as often as its group is used', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => group(`g${i}`, i))
    expect(faultsOf(gateway([everybody, ...many(89)]))).toEqual([])
    expect(faultsOf(gateway([everybody, ...many(90)]))).toEqual([
      `gateway: ${GROUPS}: holds 91 groups; give at most 90`,
    ])
    const members = (count: number) =>
      Array.from({ length: count }, (_, i): Member => ['CertificateGroupId', `d${i}.test`])
    expect(faultsOf(gateway([everybody, group('big', 1, members(390))]))).toEqual([])
    expect(faultsOf(gateway([everybody, group('big', 1, members(391))]))[0]).toContain('has 391 members')
    const twice = [connection('a', ['big'], '10.20.0.0/24'), connection('b', ['big'], '10.21.0.0/24')]
    expect(faultsOf(gateway([everybody, group('big', 1, members(195))], twice))).toEqual([])
    expect(faultsOf(gateway([everybody, group('big', 1, members(196))], twice))[0]).toContain(
      'has 392 members',
    )
  })

  const pool = (i: number): string =>
    `gateway: ${P2S}.vngClientConnectionConfigurations[${i}].properties.vpnClientAddressPool.addressPrefixes`
  const member = `gateway: ${GROUPS}[1].properties.policyMembers[0].attribute`

  it.each<[string, PolicyGroupResource[], ConnectionConfigurationResource[], string]>([
    ['no default', [group('a', 1)], [], `gateway: ${GROUPS}: has no default group; set isDefault of one`],
    [
      'two defaults',
      [everybody, group('a', 1, [], true)],
      [],
      `gateway: ${GROUPS}: has 2 default groups ('everybody', 'a'); leave just one`,
    ],
    [
      'one name twice',
      [everybody, group('Everybody', 1)],
      [],
      `gateway: ${GROUPS}[1].name: 'Everybody' is used twice; rename one`,
    ],
    ['no members', [everybody, group('a', 1, [])], [], "policyMembers: 'a' has no members; add one"],
    [
      'no priority',
      [everybody, { name: 'a', properties: { policyMembers: group('b', 1).properties.policyMembers ?? [] } }],
      [],
      `gateway: ${GROUPS}[1].properties.priority: is missing; give one`,
    ],
    [
      'a member of another kind',
      [everybody, group('a', 1, [['AzureRADIUSGroupID', '6ad1bd08']])],
      [],
      `${member}Type: 'AzureRADIUSGroupID' is not known; use one of AADGroupId, CertificateGroupId, RadiusAzureGroupId`,
    ],
    [
      'a group of Entra by name',
      [everybody, group('a', 1, [['AADGroupId', 'Sales']])],
      [],
      `${member}Value: 'Sales' is not an object id`,
    ],
    [
      'a user as a domain',
      [everybody, group('a', 1, [['CertificateGroupId', 'me@example.com']])],
      [],
      `${member}Value: 'me@example.com' is not a domain`,
    ],
    [
      'a policy id of another form',
      [everybody, group('a', 1, [['RadiusAzureGroupId', '6ad1bd0']])],
      [],
      `${member}Value: '6ad1bd0' is not octets in hexadecimal`,
    ],
    [
      "a policy id that is not Azure's",
      [everybody, group('a', 1, [['RadiusAzureGroupId', '08']])],
      [],
      `${member}Value: '08' does not begin with 6ad1bd; put that before it, as 6ad1bd08`,
    ],
    [
      'a pool that is too small',
      [everybody],
      [connection('a', ['everybody'], '10.20.0.0/25')],
      `${pool(0)}: 10.20.0.0/25 is too small; give a /24 or larger`,
    ],
    [
      'no pool',
      [everybody],
      [connection('a', ['everybody'])],
      `${pool(0)}: is empty; give a prefix for client addresses`,
    ],
    [
      "the gateway's pool",
      [everybody],
      [connection('a', ['everybody'], '172.16.0.0/16')],
      `${pool(0)}: 172.16.0.0/16 overlaps 172.16.201.0/24 of the gateway's own pool`,
    ],
    [
      "another's pool",
      [everybody],
      [connection('a', ['everybody'], '10.20.0.0/16'), connection('b', ['everybody'], '10.20.7.0/24')],
      `${pool(1)}: 10.20.7.0/24 overlaps 10.20.0.0/16 of vngClientConnectionConfigurations[0]`,
    ],
    [
      'a pool for nobody',
      [everybody],
      [connection('a', [], '10.20.0.0/24')],
      'virtualNetworkGatewayPolicyGroups: is empty; name the groups that the pool is for',
    ],
    [
      'a pool for a group that is not there',
      [everybody],
      [connection('a', ['nobody'], '10.20.0.0/24')],
      "virtualNetworkGatewayPolicyGroups[0].id: there is no policy group 'nobody'",
    ],
  ])('are refused with %s', (_name, groups, connections, line) => {
    const lines = faultsOf(gateway(groups, connections))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(line)
  })

  it('have pools apart from what lies behind the gateway', () => {
    const change = gateway([everybody], [connection('a', ['everybody'], '10.20.0.0/16')])
    expect(faultsOf(change, { insidePrefixes: ['10.20.5.0/24'] })).toEqual([
      `${pool(0)}: 10.20.0.0/16 overlaps the inside network 10.20.5.0/24; give the clients a prefix of their own`,
    ])
  })
})

describe('what the settings say of groups', () => {
  const change = () => gateway([everybody, group('Sales', 20)])
  const users = { maximumSeconds: 3_600, devicesPerUser: 3 }

  it('is what holds for all where they say nothing', () => {
    const read = configurationOf(change(), { users })
    const limits = { maximumSeconds: 3_600, idleSeconds: 0, reauthenticationSeconds: 0, devicesPerUser: 3 }
    expect(read.userLimits).toEqual(limits)
    expect(read.groups.map(group => group.limits)).toEqual([limits, limits])
    expect(read.groups[0]).not.toHaveProperty('routes')
  })

  it('overrides that for one group', () => {
    const sales = {
      name: 'sales',
      routes: ['10.1.7.0/24', '10.9.0.0/16'],
      dns: { servers: ['10.1.7.4'], searchDomains: ['sales.test'] },
      maximumSeconds: 0,
      idleSeconds: 600,
    }
    const documents = { ...change(), customRoutes: { addressPrefixes: ['10.9.0.0/16'] } }
    const settings = { users, groups: [sales], insidePrefixes: ['10.1.0.0/16'] }
    const [first, second] = configurationOf(documents, settings).groups
    expect(first).toMatchObject({
      name: 'Sales',
      limits: { maximumSeconds: 0, idleSeconds: 600, reauthenticationSeconds: 0, devicesPerUser: 3 },
      dns: { dnsSearchDomains: ['sales.test'] },
    })
    expect(first?.routes?.map(formatIpPrefix)).toEqual(['10.1.7.0/24', '10.9.0.0/16'])
    expect(second).toMatchObject({ name: 'everybody', limits: users })
  })

  it.each([
    [{ name: 'nobody' }, "settings: groups[0].name: there is no policy group 'nobody'; name one of"],
    [{ name: 'Sales', routes: ['10.0.0.0/8'] }, 'groups[0].routes: 10.0.0.0/8 is not behind the gateway'],
    [{ name: 'Sales', routes: ['10.1.0.1/8'] }, "groups[0].routes[0]: '10.1.0.1/8' is not a network"],
    [
      { name: 'Sales', routes: ['10.1.7.0/24'], dns: { servers: ['10.1.0.4', '192.0.2.53'] } },
      'groups[0].routes: do not hold 10.1.0.4, the DNS server of the group; add it',
    ],
    [{ name: 'Sales', dns: { servers: ['ns1'] } }, "groups[0].dns.servers[0]: 'ns1' is not an IP address"],
    [{ name: 'Sales', devicesPerUser: -1 }, 'groups[0].devicesPerUser: -1 is out of bounds'],
  ])('is refused where it is %j', (entry, line) => {
    const lines = faultsOf(change(), { groups: [entry], insidePrefixes: ['10.1.0.0/16'] })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(line)
  })

  it('is there once for each', () => {
    expect(faultsOf(change(), { groups: [{ name: 'Sales' }, { name: 'SALES' }] })).toEqual([
      "settings: groups[1].name: 'SALES' is listed twice; take one out",
    ])
  })
})
