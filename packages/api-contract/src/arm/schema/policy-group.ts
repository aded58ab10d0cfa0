import Type, { type Static } from 'typebox'
import { addressSpaceSchema, provisioningState, subResource } from './common.ts'
import { entryName, flag, list, model, named, readOnly, text } from './shape.ts'

/** `VpnPolicyMemberAttributeType` of ARM: by what a user is a member of a group. */
export const GROUP_MEMBER_TYPES = ['AADGroupId', 'CertificateGroupId', 'RadiusAzureGroupId'] as const
export type GroupMemberType = (typeof GROUP_MEMBER_TYPES)[number]

/** Most policy groups of a gateway (Azure). */
export const POLICY_GROUP_LIMIT = 90
/** Most members of them together; a group counts once for every connection configuration that uses it (Azure). */
export const GROUP_MEMBER_LIMIT = 390
/** First octets of every `RadiusAzureGroupId`, hexadecimal (Azure). */
export const RADIUS_GROUP_PREFIX = '6ad1bd'

const member = model(
  'VirtualNetworkGatewayPolicyGroupMember',
  { attributeType: named(GROUP_MEMBER_TYPES), attributeValue: text },
  { name: text },
)

const groupReference = Type.With(Type.Object({ id: text }, { title: 'PolicyGroupReference' }), {
  reference: true,
})

/** Schema of `virtualNetworkGatewayPolicyGroups[]`. */
export const policyGroupSchema = model(
  'VirtualNetworkGatewayPolicyGroup',
  {
    name: entryName,
    properties: model(
      'VirtualNetworkGatewayPolicyGroupProperties',
      {},
      {
        isDefault: flag,
        /** The lowest is looked at first. */
        priority: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
        policyMembers: list(member),
        vngClientConnectionConfigurations: readOnly(list(subResource)),
        provisioningState,
      },
    ),
  },
  { id: text, etag: readOnly(text) },
)

/** Schema of `vngClientConnectionConfigurations[]`: which groups get their addresses out of which pool. */
export const connectionConfigurationSchema = model(
  'VngClientConnectionConfiguration',
  {
    name: entryName,
    properties: model(
      'VngClientConnectionConfigurationProperties',
      {},
      {
        vpnClientAddressPool: addressSpaceSchema,
        virtualNetworkGatewayPolicyGroups: list(groupReference, { key: 'id' }),
        provisioningState,
      },
    ),
  },
  { id: text, etag: readOnly(text) },
)

/** `VirtualNetworkGatewayPolicyGroup` of ARM. */
export type PolicyGroupResource = Static<typeof policyGroupSchema>
/** `VngClientConnectionConfiguration` of ARM. */
export type ConnectionConfigurationResource = Static<typeof connectionConfigurationSchema>
