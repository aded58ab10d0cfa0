import { describe, expect, it } from 'vitest'
import type { VirtualNetworkGateway } from '../arm/schema/virtual-network-gateway.ts'
import { formatDocumentFault } from '../document-fault.ts'
import { GATEWAY_FEATURES } from './gateway-features.ts'
import { judgeSku, skuOf } from './judge-sku.ts'
import { type GatewayGeneration, SKU_FEATURES, SKU_NAMES, SKUS } from './sku-table.ts'

type Properties = VirtualNetworkGateway['properties']

const CLIENTS = 'properties.vpnClientConfiguration'

function gateway(properties: Properties, name: string | undefined = 'VpnGw1'): VirtualNetworkGateway {
  return { properties: { sku: { name }, ...properties } }
}

function lines(document: VirtualNetworkGateway, former?: VirtualNetworkGateway): string[] {
  return judgeSku(document, former).map(formatDocumentFault)
}

const pool = (...addressPrefixes: string[]) => ({ vpnClientAddressPool: { addressPrefixes } })
const ipConfiguration = (subnet: string) => ({ properties: { subnet: { id: `/v/subnets/${subnet}` } } })

/** What each of the features is asked for with. A feature without a row does not compile. */
const ASKED = {
  ikev2: { vpnClientConfiguration: { vpnClientProtocols: ['IkeV2'] } },
  openvpn: { vpnClientConfiguration: { vpnClientProtocols: ['openvpn'] } },
  radius: { vpnClientConfiguration: { vpnAuthenticationTypes: ['Radius'] } },
  ipv6: { vpnClientConfiguration: pool('10.0.0.0/24', 'fd00::/64') },
  bgp: { enableBgp: true },
  customPolicy: {
    vpnClientConfiguration: {
      vpnClientIpsecPolicies: [
        {
          saLifeTimeSeconds: 3600,
          saDataSizeKilobytes: 1024,
          ipsecEncryption: 'AES256',
          ipsecIntegrity: 'SHA256',
          ikeEncryption: 'AES256',
          ikeIntegrity: 'SHA256',
          dhGroup: 'ECP256',
          pfsGroup: 'ECP256',
        },
      ],
    },
  },
  policyGroups: { virtualNetworkGatewayPolicyGroups: [{ name: 'g', properties: { isDefault: true } }] },
  activeActive: {
    activeActive: true,
    ipConfigurations: [ipConfiguration('GatewaySubnet'), ipConfiguration('gatewaysubnet')],
  },
} as const satisfies Record<Exclude<keyof typeof SKU_FEATURES, 'certificateConnections'>, object>

describe('features', () => {
  it.each(GATEWAY_FEATURES)('$feature: Basic has it not, every other SKU does', ({ feature }) => {
    const properties = ASKED[feature as keyof typeof ASKED] as unknown as Properties
    for (const { name, generation } of SKUS) {
      const faults = judgeSku(gateway({ ...properties, vpnGatewayGeneration: generation }, name))
      if (name !== 'Basic') expect(faults, name).toEqual([])
      else
        expect(faults).toMatchObject([
          {
            rule: 'feature',
            path: 'properties.sku.name',
            problem: `Basic has no ${SKU_FEATURES[feature]}`,
            remedy: expect.stringMatching(/^use VpnGw1 or above, or /),
            allowed: SKU_NAMES.filter(each => each !== 'Basic'),
          },
        ])
    }
  })

  it('are all judged, those of connections apart', () => {
    const judged = GATEWAY_FEATURES.map(({ feature }) => feature)
    expect([...judged, 'certificateConnections'].toSorted()).toEqual(Object.keys(SKU_FEATURES).toSorted())
  })

  it('are all named at once', () => {
    const everything = { ...ASKED.bgp, ...ASKED.policyGroups, ...ASKED.ikev2 } as unknown as Properties
    expect(lines(gateway(everything, 'Basic'))).toEqual([
      'properties.sku.name: Basic has no IKEv2; use VpnGw1 or above, or Unlimited',
      'properties.sku.name: Basic has no BGP; use VpnGw1 or above, or set properties.enableBgp to false',
      'properties.sku.name: Basic has no policy groups; use VpnGw1 or above, or leave properties.virtualNetworkGatewayPolicyGroups and vngClientConnectionConfigurations empty',
    ])
  })

  it('are no matter for what is empty or off', () => {
    const off = {
      enableBgp: false,
      activeActive: false,
      virtualNetworkGatewayPolicyGroups: [],
      vpnClientConfiguration: {
        ...pool('10.0.0.0/24'),
        vpnClientProtocols: ['SSTP'],
        vpnAuthenticationTypes: ['Certificate'],
        vpnClientIpsecPolicies: [],
        vngClientConnectionConfigurations: [],
      },
    }
    expect(lines(gateway(off, 'Basic'))).toEqual([])
  })
})

describe('SKUs and generations', () => {
  const generations = ['None', 'Generation1', 'Generation2'] as const
  const combinations = generations.flatMap(generation => SKU_NAMES.map(name => [generation, name] as const))
  const exists = (generation: GatewayGeneration, name: string): boolean =>
    generation === 'None' ||
    SKUS.some(sku => sku.name === name && [generation, 'None'].includes(sku.generation))

  it.each(combinations)('%s %s is had if and only if the table has it', (generation, name) => {
    const found = lines(gateway({ vpnGatewayGeneration: generation }, name))
    if (exists(generation, name)) expect(found).toEqual([])
    else
      expect(found).toEqual([
        expect.stringContaining(
          `properties.sku.name: '${name}' is not a VPN SKU of ${generation}; use one of `,
        ),
      ])
  })

  it.each(['ErGw1AZ', 'ErGwScale', 'Standard', 'HighPerformance', 'UltraPerformance', 'VpnGw6', ''])(
    '%s is not a VPN SKU, and those that are are named',
    name => {
      expect(judgeSku(gateway({}, name))).toMatchObject([{ rule: 'sku', allowed: SKU_NAMES }])
      expect(lines(gateway({}, name))).toEqual([
        `properties.sku.name: '${name}' is not a VPN SKU; use one of ${SKU_NAMES.join(', ')}`,
      ])
    },
  )

  it('need a SKU, a generation that there is, and the tier of the SKU', () => {
    expect(lines({ properties: {} })).toEqual([
      `properties.sku.name: is missing; give one of ${SKU_NAMES.join(', ')}`,
    ])
    expect(lines(gateway({ vpnGatewayGeneration: 'Generation3' }))).toEqual([
      "properties.vpnGatewayGeneration: 'Generation3' is not known; use None, Generation1, Generation2",
    ])
    expect(lines({ properties: { sku: { name: 'VpnGw1', tier: 'VpnGw2' } } })).toEqual([
      "properties.sku.tier: 'VpnGw2' is not the tier of VpnGw1; use VpnGw1",
    ])
    expect(lines({ properties: { sku: { name: 'vpngw1', tier: 'VPNGW1' } } })).toEqual([])
  })

  it('tell the limits of a gateway', () => {
    expect(skuOf(gateway({ vpnGatewayGeneration: 'generation2' }, 'vpngw2'))?.benchmarkMbps).toBe(1_250)
    expect(skuOf(gateway({}, 'ErGw1AZ'))).toBeUndefined()
    expect(skuOf({ properties: {} })).toBeUndefined()
  })
})

describe('kinds of gateways', () => {
  const clients = { vpnClientConfiguration: {} }

  it.each([
    [
      { gatewayType: 'ExpressRoute' },
      'VpnGw1',
      'properties.gatewayType: ExpressRoute is not a VPN gateway; use Vpn',
    ],
    [
      { gatewayType: 'LocalGateway' },
      'VpnGw1',
      'properties.gatewayType: LocalGateway is not a VPN gateway; use Vpn',
    ],
    [
      { vpnType: 'PolicyBased', ...clients },
      'Basic',
      'properties.vpnType: PolicyBased cannot serve point-to-site clients; use RouteBased',
    ],
    [
      { vpnType: 'policybased', ...clients },
      'VpnGw1',
      'properties.vpnType: PolicyBased cannot serve point-to-site clients; use RouteBased',
    ],
    [
      { vpnType: 'PolicyBased' },
      'VpnGw1',
      'properties.vpnType: PolicyBased cannot be had with the SKU VpnGw1, only with Basic; use RouteBased',
    ],
    [{ vpnType: 'Magic' }, 'VpnGw1', "properties.vpnType: 'Magic' is not known; use RouteBased"],
  ])('%j with %s is refused', (properties, name, line) => {
    expect(lines(gateway(properties, name))).toEqual([line])
  })

  it.each([
    [{ vpnType: 'PolicyBased' }, 'Basic'],
    [{ vpnType: 'routebased', gatewayType: 'VPN', ...clients }, 'Basic'],
    [{}, 'VpnGw5AZ'],
  ])('%j with %s is had', (properties, name) => {
    expect(lines(gateway(properties, name))).toEqual([])
  })
})

describe('the network of a gateway', () => {
  const inSubnet = ipConfiguration('GatewaySubnet')

  it.each([
    [{ activeActive: true }, 'holds 0'],
    [{ activeActive: true, ipConfigurations: [inSubnet] }, 'holds 1'],
  ])('active-active needs two IP configurations: %j', (properties, part) => {
    expect(lines(gateway(properties))).toEqual([
      `properties.ipConfigurations: ${part}, and an active-active gateway needs 2; give 2, each with a public IP address of its own, or set properties.activeActive to false`,
    ])
  })

  it('is in the subnet for gateways, in any case', () => {
    const ipConfigurations = [ipConfiguration('GATEWAYSUBNET'), {}, ipConfiguration('default')]
    expect(lines(gateway({ ipConfigurations }))).toEqual([
      "properties.ipConfigurations[2].properties.subnet.id: 'default' is not a subnet for gateways; use the subnet GatewaySubnet of the virtual network",
    ])
  })

  const two = { activeActive: true, ipConfigurations: [inSubnet, inSubnet] }
  it.each([
    [{}, '10.0.0.0/29', '10.0.0.0/30', 29],
    [two, '10.0.0.0/28', '10.0.0.0/29', 28],
    [{}, 'fd00::/125', 'fd00::/126', 125],
    [two, 'fd00::/125', 'fd00::/127', 125],
    [{}, '10.0.0.0/8', '10.0.0.1', 29],
    [{}, '::ffff:10.0.0.0/120', 'fd00::1', 125],
  ])('%#: has a pool that is large enough', (properties, good, bad, longest) => {
    expect(lines(gateway({ ...properties, vpnClientConfiguration: pool(good) }))).toEqual([])
    expect(lines(gateway({ ...properties, vpnClientConfiguration: pool(bad) }))).toEqual([
      `${CLIENTS}.vpnClientAddressPool.addressPrefixes: ${bad} is too small; give a /${longest} or larger`,
    ])
  })

  it.each([
    ['10.0.0.0/24', '10.0.0.0/25', 24],
    ['fd00::/120', 'fd00::/121', 120],
  ])('has pools of groups that are large enough: %s, not %s', (good, bad, longest) => {
    const vngClientConnectionConfigurations = [good, bad].map(prefix => ({
      name: 'c',
      properties: pool(prefix),
    }))
    expect(lines(gateway({ vpnClientConfiguration: { vngClientConnectionConfigurations } }))).toEqual([
      `${CLIENTS}.vngClientConnectionConfigurations[1].properties.vpnClientAddressPool.addressPrefixes: ${bad} is too small; give a /${longest} or larger`,
    ])
  })

  it.each(['', '1', 'x', '10.0.0.0/x', '10.0.0.0/33', 'fd00::/129', '/30', 'feed', ':'.repeat(2_000)])(
    '%j is no prefix, and not ours to report, or one of whatever length',
    text => {
      const found = judgeSku(gateway({ vpnClientConfiguration: pool(text) }))
      expect(found.every(({ rule }) => rule === 'pool-size')).toBe(true)
      if (!text.startsWith(':')) expect(found).toEqual([])
    },
  )
})

describe('changes', () => {
  it.each([
    [
      gateway({}, 'Basic'),
      gateway({}, 'VpnGw1'),
      'properties.sku.name: Basic cannot become VpnGw1: a Basic gateway keeps its SKU; use one of Basic, Unlimited, or delete the gateway and create it anew',
    ],
    [
      gateway({}, 'VpnGw1'),
      gateway({}, 'Basic'),
      'properties.sku.name: VpnGw1 cannot become Basic: no gateway becomes a Basic one; use one of VpnGw1, VpnGw2, VpnGw3, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ, Unlimited, or delete the gateway and create it anew',
    ],
    [
      gateway({}, 'VpnGw3'),
      gateway({}, 'VpnGw2'),
      'properties.sku.name: VpnGw3 cannot become VpnGw2: a gateway is not made smaller; use one of VpnGw3, VpnGw3AZ, Unlimited, or delete the gateway and create it anew',
    ],
    [
      gateway({}, 'VpnGw3AZ'),
      gateway({}, 'VpnGw3'),
      'properties.sku.name: VpnGw3AZ cannot become VpnGw3: a zone-redundant gateway stays one; use one of VpnGw3AZ, Unlimited, or delete the gateway and create it anew',
    ],
    [
      gateway({ vpnGatewayGeneration: 'Generation1' }, 'VpnGw3'),
      gateway({ vpnGatewayGeneration: 'Generation2' }, 'VpnGw3'),
      'properties.sku.name: VpnGw3 of Generation1 cannot become VpnGw3 of Generation2: a gateway keeps its generation; use one of VpnGw3, VpnGw3AZ, Unlimited, or delete the gateway and create it anew',
    ],
    [
      gateway({ vpnType: 'RouteBased' }, 'Basic'),
      gateway({ vpnType: 'PolicyBased' }, 'Basic'),
      "properties.vpnType: 'RouteBased' cannot become 'PolicyBased'; keep RouteBased, or delete the gateway and create it anew",
    ],
  ])('%#: need a new gateway', (former, now, line) => {
    expect(lines(now, former)).toEqual([line])
  })

  it('of the gateway type are named beside what is wrong with it', () => {
    expect(judgeSku(gateway({ gatewayType: 'ExpressRoute' }), gateway({})).map(({ rule }) => rule)).toEqual([
      'gateway-type',
      'immutable',
    ])
  })

  it.each([
    [gateway({}, 'VpnGw1'), gateway({}, 'VpnGw3AZ')],
    [gateway({}, 'VpnGw1'), gateway({ vpnGatewayGeneration: 'Generation1' }, 'vpngw1')],
    [gateway({ gatewayType: 'Vpn', vpnType: 'RouteBased' }), gateway({ gatewayType: 'VPN' })],
    [gateway({}, 'Unlimited'), gateway({}, 'VpnGw1')],
    [gateway({}, 'VpnGw1'), gateway({}, 'Unlimited')],
    [gateway({}, 'ErGw1AZ'), gateway({}, 'VpnGw1')],
    [gateway({ vpnClientConfiguration: pool('10.0.0.0/24') }), gateway({})],
  ])('%#: of other kinds do not', (former, now) => {
    expect(lines(now, former)).toEqual([])
  })
})
