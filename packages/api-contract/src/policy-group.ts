import Type, { type Static } from 'typebox'

/** `VpnPolicyMemberAttributeType` of ARM: by what a user is a member of a group. */
export const GROUP_MEMBER_TYPES = ['AADGroupId', 'CertificateGroupId', 'RadiusAzureGroupId'] as const
export type GroupMemberType = (typeof GROUP_MEMBER_TYPES)[number]

/** Most policy groups of a gateway (Azure). */
export const POLICY_GROUP_LIMIT = 90
/** Most members of them together; a group counts once for every connection configuration that uses it (Azure). */
export const GROUP_MEMBER_LIMIT = 390
/** First octets of every `RadiusAzureGroupId`, hexadecimal (Azure). */
export const RADIUS_GROUP_PREFIX = '6ad1bd'
/** A pool of a connection configuration may not have a longer IPv4 prefix (Azure). */
export const GROUP_POOL_LONGEST = 24

/** Ours: more than any document that could be accepted has, so that the limit itself is what is reported. */
const LIST_LIMIT = 1_000

const text = Type.String({ maxLength: 2_048 })
const name = Type.String({ minLength: 1, maxLength: 80 })

/** Schema of `virtualNetworkGatewayPolicyGroups[]`. */
export const policyGroupSchema = Type.Object({
  id: Type.Optional(text),
  name,
  properties: Type.Object({
    isDefault: Type.Optional(Type.Boolean()),
    /** The lowest is looked at first. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
    policyMembers: Type.Optional(
      Type.Array(Type.Object({ name: Type.Optional(text), attributeType: text, attributeValue: text }), {
        maxItems: LIST_LIMIT,
      }),
    ),
  }),
})

/** Schema of `vngClientConnectionConfigurations[]`: which groups get their addresses out of which pool. */
export const connectionConfigurationSchema = Type.Object({
  id: Type.Optional(text),
  name,
  properties: Type.Object({
    vpnClientAddressPool: Type.Optional(
      Type.Object({ addressPrefixes: Type.Optional(Type.Array(text, { maxItems: LIST_LIMIT })) }),
    ),
    virtualNetworkGatewayPolicyGroups: Type.Optional(
      Type.Array(Type.Object({ id: text }), { maxItems: LIST_LIMIT }),
    ),
  }),
})

/** `VirtualNetworkGatewayPolicyGroup` of ARM. */
export type PolicyGroupResource = Static<typeof policyGroupSchema>
/** `VngClientConnectionConfiguration` of ARM. */
export type ConnectionConfigurationResource = Static<typeof connectionConfigurationSchema>
