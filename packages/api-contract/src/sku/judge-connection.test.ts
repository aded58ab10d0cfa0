import { describe, expect, it } from 'vitest'
import type { Connection } from '../arm/schema/connection.ts'
import type { VirtualNetworkGateway } from '../arm/schema/virtual-network-gateway.ts'
import { formatDocumentFault } from '../document-fault.ts'
import { judgeConnection } from './judge-connection.ts'
import { SKU_NAMES, SKUS } from './sku-table.ts'

const identity = { type: 'UserAssigned', userAssignedIdentities: { '/i': {} } }
const OTHERS = SKU_NAMES.filter(name => name !== 'Basic').join(', ')

function gateway(name = 'VpnGw1', rest: object = { identity }): VirtualNetworkGateway {
  return { properties: { sku: { name } }, ...rest }
}

function connection(properties: Partial<Connection['properties']> = {}): Connection {
  return { properties: { virtualNetworkGateway1: { id: '/g' }, connectionType: 'IPsec', ...properties } }
}

function lines(of: Connection, on: VirtualNetworkGateway = gateway(), others = 0): string[] {
  return judgeConnection(of, on, others).map(formatDocumentFault)
}

const certificates = {
  authenticationType: 'Certificate',
  certificateAuthentication: {
    outboundAuthCertificate: 'https://v.vault.example/certificates/c/1',
    inboundAuthCertificateSubjectName: 'site-1',
    inboundAuthCertificateChain: ['MII'],
  },
} as const satisfies Partial<Connection['properties']>

const policy = {
  saLifeTimeSeconds: 27_000,
  saDataSizeKilobytes: 102_400_000,
  ipsecEncryption: 'GCMAES256',
  ipsecIntegrity: 'GCMAES256',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA384',
  dhGroup: 'DHGroup14',
  pfsGroup: 'None',
}

describe('certificate authentication', () => {
  it('is had with every SKU but Basic', () => {
    for (const { name } of SKUS)
      expect(lines(connection({ ...certificates }), gateway(name)), name).toEqual(
        name === 'Basic'
          ? [
              `properties.authenticationType: the gateway's SKU Basic has no site-to-site certificate authentication; use PSK, or a gateway of ${OTHERS}`,
            ]
          : [],
      )
  })

  it.each([
    'outboundAuthCertificate',
    'inboundAuthCertificateSubjectName',
    'inboundAuthCertificateChain',
  ] as const)('needs %s', property => {
    const { [property]: _, ...rest } = certificates.certificateAuthentication
    for (const empty of [undefined, property.endsWith('Chain') ? [] : '']) {
      const certificateAuthentication = { ...rest, ...(empty !== undefined && { [property]: empty }) }
      expect(lines(connection({ ...certificates, certificateAuthentication }))).toEqual([
        expect.stringMatching(
          `^properties.certificateAuthentication.${property}: is missing; give .*, or use another authenticationType of PSK, Certificate$`,
        ),
      ])
    }
  })

  it('needs all of it, an identity, IKEv2 and IPsec', () => {
    expect(lines(connection({ authenticationType: 'certificate' }))).toHaveLength(3)
    expect(lines(connection({ ...certificates }), gateway('VpnGw1', {}))).toEqual([
      "properties.virtualNetworkGateway1.id: the gateway has no user-assigned identity to read its certificate with; give the gateway identity.type 'UserAssigned' and identity.userAssignedIdentities, or use PSK",
    ])
    expect(lines(connection({ ...certificates, connectionProtocol: 'IKEv1' }))).toEqual([
      'properties.connectionProtocol: certificate authentication needs IKEv2; use IKEv2',
    ])
    expect(lines(connection({ ...certificates, connectionType: 'Vnet2Vnet' }))).toEqual([
      "properties.connectionType: 'Vnet2Vnet' has no certificate authentication; use IPsec",
    ])
  })

  it('is no matter for a connection by pre-shared key', () => {
    expect(lines(connection({ authenticationType: 'PSK', sharedKey: 'k' }), gateway('Basic', {}))).toEqual([])
  })
})

describe('a connection of a Basic gateway', () => {
  it.each([
    [
      { ipsecPolicies: [policy] },
      `properties.ipsecPolicies: the gateway's SKU Basic has no custom IPsec policies; leave it empty, or a gateway of ${OTHERS}`,
    ],
    [
      { enableBgp: true },
      `properties.enableBgp: the gateway's SKU Basic has no BGP; set it to false, or a gateway of ${OTHERS}`,
    ],
  ])('has not: %j', (properties, line) => {
    expect(lines(connection(properties), gateway('Basic'))).toEqual([line])
    expect(lines(connection(properties), gateway('VpnGw1'))).toEqual([])
  })
})

describe('the number of tunnels', () => {
  it.each(SKUS)('$generation $name: $tunnels', ({ name, generation, tunnels }) => {
    const on = { properties: { sku: { name }, vpnGatewayGeneration: generation } }
    expect(lines(connection(), on, (tunnels ?? 1_000_000) - 1)).toEqual([])
    if (tunnels !== undefined)
      expect(lines(connection(), on, tunnels)).toEqual([
        `properties.virtualNetworkGateway1.id: the gateway has ${tunnels} connections, and its SKU ${name} allows ${tunnels}; delete one, or use a larger SKU`,
      ])
  })

  it('is one for a policy-based gateway, which speaks IKEv1', () => {
    const on = { properties: { sku: { name: 'Basic' }, vpnType: 'PolicyBased' } }
    expect(lines(connection({ connectionProtocol: 'IKEv1' }), on)).toEqual([])
    expect(lines(connection({ connectionProtocol: 'IKEv1' }), on, 1)).toEqual([
      expect.stringContaining('the gateway has 1 connection, and a policy-based gateway allows 1'),
    ])
    expect(lines(connection(), on)).toEqual([
      'properties.connectionProtocol: a policy-based gateway has IKEv1 alone; use IKEv1',
    ])
  })
})

describe('dead peer detection', () => {
  it.each([0, 9, 45, 3600])('may be after %i seconds', dpdTimeoutSeconds => {
    expect(lines(connection({ dpdTimeoutSeconds }))).toEqual([])
  })

  it.each([1, 8, 3601])('may not be after %i', dpdTimeoutSeconds => {
    expect(lines(connection({ dpdTimeoutSeconds }))).toEqual([
      `properties.dpdTimeoutSeconds: ${dpdTimeoutSeconds} is not accepted; give 9 to 3600`,
    ])
  })
})
