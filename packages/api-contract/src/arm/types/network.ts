import { apiVersionsOf } from '../api-versions.ts'
import { NAME_RULES } from '../name-rule.ts'
import { GROUP_PATH, type ResourceTypeDefinition, SUBSCRIPTION_PATH } from '../resource-type.ts'
import { tagsObject } from '../schema/common.ts'
import { ipAddressAvailability, virtualNetworkUsages } from '../schema/gateway-operations.ts'
import { localNetworkGatewaySchema } from '../schema/local-network-gateway.ts'
import { natRuleSchema } from '../schema/nat-rule.ts'
import { publicIpAddressSchema } from '../schema/public-ip-address.ts'
import { subnetSchema, virtualNetworkSchema } from '../schema/virtual-network.ts'

const NETWORK = `${GROUP_PATH}/providers/Microsoft.Network`
const EVERYWHERE = `${SUBSCRIPTION_PATH}/providers/Microsoft.Network`
const GATEWAY = `${NETWORK}/virtualNetworkGateways/{virtualNetworkGatewayName}`
const VIRTUAL_NETWORK = `${NETWORK}/virtualNetworks/{virtualNetworkName}`

/** What every type of this provider has in common. Children have no place and no tags. */
const NETWORK_CHILD = {
  apiVersions: apiVersionsOf('Microsoft.Network'),
  name: NAME_RULES.network,
  isTracked: false,
  put: { longRunning: 'azure-async-operation' },
  remove: { longRunning: 'location' },
  actions: [],
  parts: [],
  declined: [],
} as const satisfies Partial<ResourceTypeDefinition>

/** What those have that are not in another. */
export const NETWORK_TYPE = {
  ...NETWORK_CHILD,
  isTracked: true,
  patch: { body: tagsObject, operation: 'UpdateTags' },
} as const satisfies Partial<ResourceTypeDefinition>

/** The neighbours of gateways and connections. */
export const NETWORK_TYPES: readonly ResourceTypeDefinition[] = [
  {
    ...NETWORK_CHILD,
    type: 'Microsoft.Network/virtualNetworkGateways/natRules',
    title: 'VirtualNetworkGatewayNatRules',
    path: `${GATEWAY}/natRules/{natRuleName}`,
    lists: [{ path: `${GATEWAY}/natRules`, operation: 'ListByVirtualNetworkGateway' }],
    parent: 'Microsoft.Network/virtualNetworkGateways',
    actionPrefix: 'Microsoft.Network/virtualNetworkGateways/natRules',
    model: natRuleSchema,
  },
  {
    ...NETWORK_TYPE,
    type: 'Microsoft.Network/localNetworkGateways',
    title: 'LocalNetworkGateways',
    path: `${NETWORK}/localNetworkGateways/{localNetworkGatewayName}`,
    lists: [{ path: `${NETWORK}/localNetworkGateways`, operation: 'List' }],
    actionPrefix: 'Microsoft.Network/localNetworkGateways',
    model: localNetworkGatewaySchema,
  },
  {
    ...NETWORK_TYPE,
    type: 'Microsoft.Network/publicIPAddresses',
    title: 'PublicIPAddresses',
    path: `${NETWORK}/publicIPAddresses/{publicIpAddressName}`,
    lists: [
      { path: `${NETWORK}/publicIPAddresses`, operation: 'List' },
      { path: `${EVERYWHERE}/publicIPAddresses`, operation: 'ListAll' },
    ],
    actionPrefix: 'Microsoft.Network/publicIPAddresses',
    model: publicIpAddressSchema,
  },
  {
    ...NETWORK_TYPE,
    type: 'Microsoft.Network/virtualNetworks',
    title: 'VirtualNetworks',
    path: VIRTUAL_NETWORK,
    name: NAME_RULES.virtualNetwork,
    lists: [
      { path: `${NETWORK}/virtualNetworks`, operation: 'List' },
      { path: `${EVERYWHERE}/virtualNetworks`, operation: 'ListAll' },
    ],
    actionPrefix: 'Microsoft.Network/virtualNetworks',
    model: virtualNetworkSchema,
    actions: [
      {
        operation: 'CheckIPAddressAvailability',
        method: 'GET',
        path: 'CheckIPAddressAvailability',
        right: 'checkIpAddressAvailability/read',
        query: [{ name: 'ipAddress', isRequired: true }],
        result: ipAddressAvailability,
      },
      {
        operation: 'ListUsage',
        method: 'GET',
        path: 'usages',
        right: 'usages/read',
        result: virtualNetworkUsages,
      },
    ],
    parts: [
      {
        path: 'properties.subnets',
        segment: 'subnets',
        type: 'Microsoft.Network/virtualNetworks/subnets',
      },
      { path: 'properties.virtualNetworkPeerings', segment: 'virtualNetworkPeerings' },
    ],
  },
  {
    ...NETWORK_CHILD,
    type: 'Microsoft.Network/virtualNetworks/subnets',
    title: 'Subnets',
    path: `${VIRTUAL_NETWORK}/subnets/{subnetName}`,
    lists: [{ path: `${VIRTUAL_NETWORK}/subnets`, operation: 'List' }],
    parent: 'Microsoft.Network/virtualNetworks',
    actionPrefix: 'Microsoft.Network/virtualNetworks/subnets',
    model: subnetSchema,
    declined: ['PrepareNetworkPolicies', 'UnprepareNetworkPolicies'],
  },
]
