import type { VirtualNetworkGateway } from '../arm/schema/virtual-network-gateway.ts'
import type { TakeFault } from './sku-fault.ts'
import { SKU_FEATURES, SKUS, type SkuFeature, type SkuLimits } from './sku-table.ts'

/** How a gateway's document asks for a feature, and what else than another SKU helps. */
interface FeatureUse {
  readonly feature: SkuFeature
  /** Where the document asks for it. */
  readonly asks: (gateway: VirtualNetworkGateway) => boolean
  /** As it ends `use VpnGw1 or above, or …`. */
  readonly instead: string
}

/** Features in the order in which they are reported. A connection's own: `judgeConnection`. */
export const GATEWAY_FEATURES: readonly FeatureUse[] = [
  { feature: 'radius', asks: asksFor('vpnAuthenticationTypes', 'Radius'), instead: 'Unlimited' },
  { feature: 'ikev2', asks: asksFor('vpnClientProtocols', 'IkeV2'), instead: 'Unlimited' },
  { feature: 'openvpn', asks: asksFor('vpnClientProtocols', 'OpenVPN'), instead: 'Unlimited' },
  {
    feature: 'ipv6',
    asks: ({ properties }) =>
      (properties.vpnClientConfiguration?.vpnClientAddressPool?.addressPrefixes ?? []).some(isIpv6),
    instead: 'an IPv4 pool alone',
  },
  {
    feature: 'bgp',
    asks: ({ properties }) => properties.enableBgp === true,
    instead: 'set properties.enableBgp to false',
  },
  {
    feature: 'customPolicy',
    asks: ({ properties }) => holds(properties.vpnClientConfiguration?.vpnClientIpsecPolicies),
    instead: 'leave properties.vpnClientConfiguration.vpnClientIpsecPolicies empty',
  },
  {
    feature: 'policyGroups',
    asks: ({ properties }) =>
      holds(properties.virtualNetworkGatewayPolicyGroups) ||
      holds(properties.vpnClientConfiguration?.vngClientConnectionConfigurations),
    instead: 'leave properties.virtualNetworkGatewayPolicyGroups and vngClientConnectionConfigurations empty',
  },
  {
    feature: 'activeActive',
    asks: ({ properties }) => properties.activeActive === true,
    instead: 'set properties.activeActive to false',
  },
]

/** Faults for what the gateway asks for and its SKU has not. */
export function judgeFeatures(gateway: VirtualNetworkGateway, sku: SkuLimits, take: TakeFault): void {
  for (const { feature, asks, instead } of GATEWAY_FEATURES)
    if (sku.lacks.includes(feature) && asks(gateway))
      take(
        'feature',
        'properties.sku.name',
        `${sku.name} has no ${SKU_FEATURES[feature]}`,
        `use VpnGw1 or above, or ${instead}`,
        skusWith(feature),
      )
}

/** Names of the SKUs that have a feature. */
export function skusWith(feature: SkuFeature): readonly string[] {
  return [...new Set(SKUS.filter(({ lacks }) => !lacks.includes(feature)).map(({ name }) => name))]
}

function asksFor(
  property: 'vpnClientProtocols' | 'vpnAuthenticationTypes',
  name: string,
): FeatureUse['asks'] {
  return ({ properties }) =>
    (properties.vpnClientConfiguration?.[property] ?? []).some(
      each => each.toLowerCase() === name.toLowerCase(),
    )
}

function holds(list: readonly unknown[] | undefined): boolean {
  return (list ?? []).length > 0
}

function isIpv6(prefix: string): boolean {
  return prefix.includes(':')
}
