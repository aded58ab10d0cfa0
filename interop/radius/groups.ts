import type { PolicyGroupResource, VirtualNetworkGateway } from '@causeway/api-contract'

/** Of a policy group its octets in MS-Azure-Policy-ID, as `0x…`; without, only its name leads into it. */
export interface RadiusGroup {
  readonly policyId?: string
  /** Of its own pool, which is 172.17.`network`.0/24. */
  readonly network: number
}

/** A gateway's document with these groups, and another for everybody else, whose pool is the gateway's. */
export function withGroups(
  document: VirtualNetworkGateway,
  groups: Readonly<Record<string, RadiusGroup>>,
): VirtualNetworkGateway {
  const { vpnClientConfiguration, ...properties } = document.properties
  const list = Object.entries(groups)
  return {
    ...document,
    properties: {
      ...properties,
      virtualNetworkGatewayPolicyGroups: [
        ...list.map(([name, { policyId }], i) => ({
          name,
          properties: { priority: 10 + i, policyMembers: members(policyId) },
        })),
        { name: 'everybody', properties: { priority: 99, isDefault: true } },
      ] satisfies PolicyGroupResource[],
      vpnClientConfiguration: {
        ...vpnClientConfiguration,
        vngClientConnectionConfigurations: list.map(([name, { network }]) => ({
          name: `${name}-pool`,
          properties: {
            vpnClientAddressPool: { addressPrefixes: [`172.17.${network}.0/24`] },
            virtualNetworkGatewayPolicyGroups: [{ id: `/virtualNetworkGatewayPolicyGroups/${name}` }],
          },
        })),
      },
    },
  }
}

/** A group has to have a member: this one is nobody. */
function members(policyId = '0x6ad1bdff'): { attributeType: string; attributeValue: string }[] {
  return [{ attributeType: 'RadiusAzureGroupId', attributeValue: policyId.slice(2) }]
}
