import Type, { type Static } from 'typebox'
import {
  addressSpaceSchema,
  extendedLocation,
  ipamPoolAllocations,
  provisioningState,
  subResource,
  trackedResource,
} from './common.ts'
import { entryName, flag, integer, list, model, named, readOnly, since, text } from './shape.ts'

const subnetProperties = model(
  'SubnetProperties',
  {},
  {
    addressPrefix: text,
    addressPrefixes: list(text),
    networkSecurityGroup: subResource,
    routeTable: subResource,
    natGateway: subResource,
    serviceEndpoints: list(model('ServiceEndpoint', {}, { service: text, locations: list(text) })),
    serviceEndpointPolicies: list(subResource),
    privateEndpoints: readOnly(list(subResource)),
    ipConfigurations: readOnly(list(subResource)),
    ipConfigurationProfiles: readOnly(list(subResource)),
    ipAllocations: list(subResource),
    resourceNavigationLinks: readOnly(list(subResource)),
    serviceAssociationLinks: readOnly(list(subResource)),
    delegations: list(Type.Record(Type.String(), Type.Unknown())),
    purpose: readOnly(text),
    provisioningState,
    privateEndpointNetworkPolicies: named([
      'Enabled',
      'Disabled',
      'NetworkSecurityGroupEnabled',
      'RouteTableEnabled',
    ]),
    privateLinkServiceNetworkPolicies: named(['Enabled', 'Disabled']),
    applicationGatewayIPConfigurations: list(subResource),
    sharingScope: since('2024-05-01', named(['Tenant', 'DelegatedServices'])),
    defaultOutboundAccess: since('2023-05-01', flag),
    ipamPoolPrefixAllocations: since('2024-05-01', ipamPoolAllocations),
    serviceGateway: since('2025-05-01', subResource),
  },
)

/** Schema of `Microsoft.Network/virtualNetworks/subnets`, by itself and within its network. */
export const subnetSchema = model(
  'Subnet',
  {},
  { id: text, name: entryName, etag: readOnly(text), type: readOnly(text), properties: subnetProperties },
)

const peering = model(
  'VirtualNetworkPeering',
  {},
  { id: text, name: entryName, properties: Type.Record(Type.String(), Type.Unknown()) },
)

const encryption = model(
  'VirtualNetworkEncryption',
  { enabled: flag },
  { enforcement: named(['DropUnencrypted', 'AllowUnencrypted']) },
)

const bgpCommunities = model(
  'VirtualNetworkBgpCommunities',
  { virtualNetworkCommunity: text },
  { regionalCommunity: readOnly(text) },
)

/** Schema of `Microsoft.Network/virtualNetworks`. */
export const virtualNetworkSchema = model(
  'VirtualNetwork',
  {
    properties: model(
      'VirtualNetworkProperties',
      {},
      {
        addressSpace: addressSpaceSchema,
        dhcpOptions: model('DhcpOptions', {}, { dnsServers: list(text) }),
        flowTimeoutInMinutes: integer,
        subnets: list(subnetSchema),
        virtualNetworkPeerings: list(peering),
        resourceGuid: readOnly(text),
        provisioningState,
        enableDdosProtection: flag,
        enableVmProtection: flag,
        ddosProtectionPlan: subResource,
        bgpCommunities,
        encryption,
        ipAllocations: list(subResource),
        flowLogs: readOnly(list(subResource)),
        privateEndpointVNetPolicies: since('2024-05-01', named(['Disabled', 'Basic'])),
        defaultPublicNatGateway: since('2024-10-01', subResource),
      },
    ),
  },
  { ...trackedResource, extendedLocation, etag: readOnly(text) },
)

/** `VirtualNetwork` of ARM. */
export type VirtualNetwork = Static<typeof virtualNetworkSchema>
/** `Subnet` of ARM. */
export type Subnet = Static<typeof subnetSchema>
