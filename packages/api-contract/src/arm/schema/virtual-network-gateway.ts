import type { Static } from 'typebox'
import { type Checked, checkedAgainst } from '../../document-fault.ts'
import {
  addressSpaceSchema,
  bgpSettings,
  extendedLocation,
  managedServiceIdentity,
  provisioningState,
  subResource,
  trackedResource,
} from './common.ts'
import { natRuleSchema } from './nat-rule.ts'
import { policyGroupSchema } from './policy-group.ts'
import { entryName, flag, integer, list, model, named, readOnly, since, text } from './shape.ts'
import { vpnClientConfigurationSchema } from './vpn-client-configuration.ts'

export const VIRTUAL_NETWORK_GATEWAY_TYPE = 'Microsoft.Network/virtualNetworkGateways'

/** `VirtualNetworkGatewaySkuName` of ARM, and ours. Which of them a VPN gateway may have: `SKU_NAMES`. */
export const GATEWAY_SKU_NAMES = [
  'Basic',
  'HighPerformance',
  'Standard',
  'UltraPerformance',
  'VpnGw1',
  'VpnGw2',
  'VpnGw3',
  'VpnGw4',
  'VpnGw5',
  'VpnGw1AZ',
  'VpnGw2AZ',
  'VpnGw3AZ',
  'VpnGw4AZ',
  'VpnGw5AZ',
  'ErGw1AZ',
  'ErGw2AZ',
  'ErGw3AZ',
  'ErGwScale',
  'Unlimited',
] as const

export const GATEWAY_TYPES = ['Vpn', 'ExpressRoute', 'LocalGateway'] as const
export const VPN_TYPES = ['PolicyBased', 'RouteBased'] as const
export const GATEWAY_GENERATIONS = ['None', 'Generation1', 'Generation2'] as const

const ipConfiguration = model(
  'VirtualNetworkGatewayIPConfiguration',
  {},
  {
    id: text,
    name: entryName,
    etag: readOnly(text),
    properties: model(
      'VirtualNetworkGatewayIPConfigurationProperties',
      {},
      {
        privateIPAllocationMethod: named(['Static', 'Dynamic']),
        subnet: subResource,
        publicIPAddress: subResource,
        privateIPAddress: readOnly(text),
        provisioningState,
      },
    ),
  },
)

const sku = model(
  'VirtualNetworkGatewaySku',
  {},
  { name: named(GATEWAY_SKU_NAMES), tier: named(GATEWAY_SKU_NAMES), capacity: readOnly(integer) },
)

const autoScaleConfiguration = model(
  'VirtualNetworkGatewayAutoScaleConfiguration',
  {},
  { bounds: model('VirtualNetworkGatewayAutoScaleBounds', {}, { min: integer, max: integer }) },
)

const migrationStatus = model(
  'VirtualNetworkGatewayMigrationStatus',
  {},
  {
    state: named(['None', 'InProgress', 'Succeeded', 'Failed']),
    phase: named([
      'None',
      'Prepare',
      'PrepareSucceeded',
      'Execute',
      'ExecuteSucceeded',
      'Commit',
      'CommitSucceeded',
      'AbortSucceeded',
      'Abort',
    ]),
    errorMessage: text,
  },
)

const properties = model(
  'VirtualNetworkGatewayProperties',
  {},
  {
    autoScaleConfiguration: since('2023-05-01', autoScaleConfiguration),
    ipConfigurations: list(ipConfiguration),
    gatewayType: named(GATEWAY_TYPES),
    vpnType: named(VPN_TYPES),
    vpnGatewayGeneration: named(GATEWAY_GENERATIONS),
    enableBgp: flag,
    enablePrivateIpAddress: flag,
    virtualNetworkGatewayMigrationStatus: since('2024-10-01', migrationStatus),
    activeActive: flag,
    enableHighBandwidthVpnGateway: since('2024-10-01', flag),
    disableIPSecReplayProtection: flag,
    gatewayDefaultSite: subResource,
    sku,
    vpnClientConfiguration: vpnClientConfigurationSchema,
    virtualNetworkGatewayPolicyGroups: since('2022-05-01', list(policyGroupSchema)),
    bgpSettings,
    customRoutes: addressSpaceSchema,
    resourceGuid: readOnly(text),
    provisioningState,
    enableDnsForwarding: flag,
    inboundDnsForwardingEndpoint: readOnly(text),
    vNetExtendedLocationResourceId: text,
    natRules: list(natRuleSchema),
    enableBgpRouteTranslationForNat: flag,
    allowVirtualWanTraffic: since('2022-05-01', flag),
    allowRemoteVnetTraffic: since('2022-05-01', flag),
    adminState: since('2022-11-01', named(['Enabled', 'Disabled'])),
    resiliencyModel: since('2024-05-01', named(['SingleHomed', 'MultiHomed'])),
  },
)

/** Schema of {@link VIRTUAL_NETWORK_GATEWAY_TYPE}. */
export const virtualNetworkGatewaySchema = model(
  'VirtualNetworkGateway',
  { properties },
  {
    ...trackedResource,
    extendedLocation,
    etag: readOnly(text),
    identity: since('2024-05-01', managedServiceIdentity),
  },
)

/**
 * `Microsoft.Network/virtualNetworkGateways`. A document may hold more: properties of newer API versions are kept
 * and not looked at.
 */
export type VirtualNetworkGateway = Static<typeof virtualNetworkGatewaySchema>

/**
 * Checks the shape of a resource. The value itself is returned, unknown properties and all, or
 * what is wrong with it. Whether its contents make sense is the gateway's to say.
 */
export function readVirtualNetworkGateway(value: unknown): Checked<VirtualNetworkGateway> {
  return checkedAgainst(virtualNetworkGatewaySchema, value)
}
