/** Every resource type that we serve, as ARM spells it. */
export const RESOURCE_TYPES = [
  'Microsoft.Resources/tenants',
  'Microsoft.Resources/subscriptions',
  'Microsoft.Resources/locations',
  'Microsoft.Resources/providers',
  'Microsoft.Resources/resourceGroups',
  'Microsoft.Resources/deployments',
  'Microsoft.Network/virtualNetworkGateways',
  'Microsoft.Network/virtualNetworkGateways/natRules',
  'Microsoft.Network/localNetworkGateways',
  'Microsoft.Network/connections',
  'Microsoft.Network/publicIPAddresses',
  'Microsoft.Network/virtualNetworks',
  'Microsoft.Network/virtualNetworks/subnets',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Authorization/roleDefinitions',
  'Microsoft.Authorization/roleAssignments',
] as const
export type ResourceTypeName = (typeof RESOURCE_TYPES)[number]

/** Segments of ids that no type of ours has, and that ids of parts and references have: their spelling alone. */
export const PART_SEGMENTS = [
  'ipConfigurations',
  'vpnClientRootCertificates',
  'vpnClientRevokedCertificates',
  'virtualNetworkGatewayPolicyGroups',
  'vngClientConnectionConfigurations',
  'virtualNetworkPeerings',
  'sharedKey',
  'operations',
  'operationResults',
  'locations',
] as const

/** A type by its name in any case. `undefined`: not one of ours. */
export function resourceTypeName(text: string): ResourceTypeName | undefined {
  const wanted = text.toLowerCase()
  return RESOURCE_TYPES.find(type => type.toLowerCase() === wanted)
}
