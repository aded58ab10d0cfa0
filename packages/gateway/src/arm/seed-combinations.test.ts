import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  type Connection,
  formatDocumentFault,
  judgeConnection,
} from '@causeway/api-contract'
import { describe, expect, it } from 'vitest'
import { type Change, faultsOf } from './documents.suite.ts'

/** Every combination that the two seeds rule out: it is refused, by field, and with what is allowed. */

const P2S = 'properties.vpnClientConfiguration'
const SKU = 'gateway: properties.sku.name'

function subsets<Name>(names: readonly Name[]): Name[][] {
  const masks = Array.from({ length: 2 ** names.length - 1 }, (_, i) => i + 1)
  return masks.map(mask => names.filter((_, i) => (mask >> i) & 1))
}

/** The seed's table of tunnel types and authentication mechanisms. */
const MECHANISMS: Readonly<Record<string, readonly string[]>> = {
  OpenVPN: subsets(AUTHENTICATION_TYPES).map(types => types.join(' ')),
  SSTP: ['Radius', 'Certificate'],
  IkeV2: ['Radius', 'Certificate'],
  'IkeV2 OpenVPN': ['Radius', 'Certificate', 'Radius AAD', 'Certificate AAD'],
  'IkeV2 SSTP': ['Radius', 'Certificate'],
}

describe("P2S: the seed's table of authentication mechanisms", () => {
  const cells = Object.entries(MECHANISMS).flatMap(([row, allowed]) =>
    subsets(AUTHENTICATION_TYPES)
      .filter(types => !allowed.includes(types.join(' ')))
      .map(types => [row.split(' ') as ClientProtocol[], types as AuthenticationType[]] as const),
  )

  it('rules out eighteen combinations', () => {
    expect(cells).toHaveLength(18)
  })

  it.each(cells)('%j with %j', (vpnClientProtocols, vpnAuthenticationTypes) => {
    const clients = { vpnClientProtocols: [...vpnClientProtocols], vpnAuthenticationTypes }
    const line = faultsOf({ clients }).find(each => each.includes(`${P2S}.vpnAuthenticationTypes: `)) ?? ''
    for (const name of vpnAuthenticationTypes) expect(line).toContain(name)
    expect(line).toMatch(/ cannot have .*; use .*(Radius|Certificate).*, or /)
  })
})

/** SKUs of the table that the other generation has alone. */
const OF_ONE_GENERATION: readonly (readonly [string, string, string])[] = [
  ['Basic', 'Generation2', 'VpnGw2, VpnGw3, VpnGw4, VpnGw5, VpnGw2AZ, VpnGw3AZ, VpnGw4AZ, VpnGw5AZ'],
  ['VpnGw1', 'Generation2', 'VpnGw2, VpnGw3, VpnGw4, VpnGw5, VpnGw2AZ, VpnGw3AZ, VpnGw4AZ, VpnGw5AZ'],
  ['VpnGw1AZ', 'Generation2', 'VpnGw2, VpnGw3, VpnGw4, VpnGw5, VpnGw2AZ, VpnGw3AZ, VpnGw4AZ, VpnGw5AZ'],
  ['VpnGw4', 'Generation1', 'Basic, VpnGw1, VpnGw2, VpnGw3, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ'],
  ['VpnGw5', 'Generation1', 'Basic, VpnGw1, VpnGw2, VpnGw3, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ'],
  ['VpnGw4AZ', 'Generation1', 'Basic, VpnGw1, VpnGw2, VpnGw3, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ'],
  ['VpnGw5AZ', 'Generation1', 'Basic, VpnGw1, VpnGw2, VpnGw3, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ'],
]

describe("P2S: the seed's table of SKUs", () => {
  it.each(OF_ONE_GENERATION)('%s is not of %s', (name, vpnGatewayGeneration, allowed) => {
    expect(faultsOf({ sku: { name }, vpnGatewayGeneration })).toContain(
      `${SKU}: '${name}' is not a VPN SKU of ${vpnGatewayGeneration}; use one of ${allowed}, Unlimited`,
    )
  })

  const basic = { sku: { name: 'Basic' } }
  const sstp = { vpnClientProtocols: ['SSTP'], vpnClientAddressPool: { addressPrefixes: ['10.0.0.0/24'] } }
  it.each([
    ['IKEv2 connections', { clients: { ...sstp, vpnClientProtocols: ['IkeV2'] } }, 'Basic has no IKEv2'],
    [
      'OpenVPN connections',
      { clients: { ...sstp, vpnClientProtocols: ['OpenVPN'] } },
      'Basic has no OpenVPN',
    ],
    ['RADIUS', { clients: { ...sstp, vpnAuthenticationTypes: ['Radius'] } }, 'Basic has no RADIUS'],
    [
      'IPv6',
      { clients: { ...sstp, vpnClientAddressPool: { addressPrefixes: ['10.0.0.0/24', 'fd00::/64'] } } },
      'Basic has no IPv6',
    ],
    ['BGP', { clients: sstp, enableBgp: true }, 'Basic has no BGP'],
  ] as [string, Change, string][])('Basic does not support %s', (_what, change, problem) => {
    const found = faultsOf({ ...basic, ...change }).filter(line => line.startsWith(`${SKU}: `))
    expect(found).toEqual([expect.stringMatching(`^${SKU}: ${problem}; use VpnGw1 or above, or `)])
  })
})

describe('P2S: the rest of the seed', () => {
  it.each([
    [
      'requires a route-based VPN type',
      { vpnType: 'PolicyBased' },
      'gateway: properties.vpnType: PolicyBased cannot serve point-to-site clients; use RouteBased',
    ],
    [
      'uses one of three protocols',
      { clients: { vpnClientProtocols: ['L2TP'] } },
      `gateway: ${P2S}.vpnClientProtocols[0]: 'L2TP' is not known; use ${CLIENT_PROTOCOLS.join(', ')}`,
    ],
    [
      'has three authentication types',
      { clients: { vpnAuthenticationTypes: ['Kerberos'] } },
      `gateway: ${P2S}.vpnAuthenticationTypes[0]: 'Kerberos' is not known; use ${AUTHENTICATION_TYPES.join(', ')}`,
    ],
  ] as [string, Change, string][])('it %s', (_what, change, line) => {
    expect(faultsOf(change)).toContain(line)
  })

  it('can only support one Audience value', () => {
    const tenant = '11111111-2222-3333-4444-555555555555'
    const two = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8,41b23e61-6c1e-4545-b367-cd054e0ed4b4'
    const clients = {
      vpnAuthenticationTypes: ['AAD'],
      aadTenant: `https://login.microsoftonline.com/${tenant}/`,
      aadIssuer: `https://sts.windows.net/${tenant}/`,
      aadAudience: two,
    }
    expect(faultsOf({ clients })).toEqual([expect.stringContaining(`${P2S}.aadAudience: `)])
  })
})

const certificates: Connection['properties'] = {
  virtualNetworkGateway1: { id: '/g' },
  connectionType: 'IPsec',
  authenticationType: 'Certificate',
  certificateAuthentication: {
    outboundAuthCertificate: 'https://v.vault.example/certificates/c',
    inboundAuthCertificateSubjectName: 'site-1',
    inboundAuthCertificateChain: ['MII'],
  },
}
const identity = { type: 'UserAssigned', userAssignedIdentities: { '/i': {} } }
const without = (name: string): Connection['properties'] => ({
  ...certificates,
  certificateAuthentication: { ...certificates.certificateAuthentication, [name]: undefined },
})

describe('S2S: the seed about certificates', () => {
  it.each([
    [
      "isn't supported on Basic SKU VPN gateways",
      certificates,
      { properties: { sku: { name: 'Basic' } }, identity },
      /^properties.authenticationType: the gateway's SKU Basic has no site-to-site certificate authentication; use PSK, or a gateway of VpnGw1, /,
    ],
    [
      'accesses its certificates through a user-assigned managed identity',
      certificates,
      { properties: { sku: { name: 'VpnGw1AZ' } } },
      /^properties.virtualNetworkGateway1.id: the gateway has no user-assigned identity .*; give the gateway identity.type 'UserAssigned'/,
    ],
    [
      'needs the outbound certificate path identifier',
      without('outboundAuthCertificate'),
      { properties: { sku: { name: 'VpnGw1AZ' } }, identity },
      /^properties.certificateAuthentication.outboundAuthCertificate: is missing; .* PSK, Certificate$/,
    ],
    [
      'needs the inbound subject name',
      without('inboundAuthCertificateSubjectName'),
      { properties: { sku: { name: 'VpnGw1AZ' } }, identity },
      /^properties.certificateAuthentication.inboundAuthCertificateSubjectName: is missing; .* PSK, Certificate$/,
    ],
    [
      'needs the inbound certificate chain',
      without('inboundAuthCertificateChain'),
      { properties: { sku: { name: 'VpnGw1AZ' } }, identity },
      /^properties.certificateAuthentication.inboundAuthCertificateChain: is missing; .* PSK, Certificate$/,
    ],
  ])('authentication by them %s', (_what, properties, gateway, line) => {
    const found = judgeConnection({ properties }, gateway).map(formatDocumentFault)
    expect(found).toEqual([expect.stringMatching(line)])
  })

  it('is had otherwise', () => {
    const gateway = { properties: { sku: { name: 'VpnGw1AZ' } }, identity }
    expect(judgeConnection({ properties: certificates }, gateway)).toEqual([])
  })
})
