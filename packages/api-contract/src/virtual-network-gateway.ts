import Type, { type Static } from 'typebox'
import { type Checked, checkedAgainst } from './document-fault.ts'
import { connectionConfigurationSchema, policyGroupSchema } from './policy-group.ts'

/** Most root and intermediate certificates of a gateway together (Azure's limit on the list). */
export const ROOT_CERTIFICATE_LIMIT = 20

/** Longest `publicCertData` taken: a certificate of a 16 KB key material is a mistake. */
const CERTIFICATE_DATA_LIMIT = 32_768
const NAME_LIMIT = 80
const LIST_LIMIT = 1_000

const text = Type.String({ maxLength: 2_048 })
const name = Type.String({ minLength: 1, maxLength: NAME_LIMIT })

const addressSpace = Type.Object({
  addressPrefixes: Type.Optional(Type.Array(text, { maxItems: LIST_LIMIT })),
})

const rootCertificate = Type.Object({
  id: Type.Optional(text),
  name,
  properties: Type.Object({
    /** Base64 of DER, base64 of PEM, or PEM. */
    publicCertData: Type.String({ minLength: 1, maxLength: CERTIFICATE_DATA_LIMIT }),
  }),
})

const revokedCertificate = Type.Object({
  id: Type.Optional(text),
  name,
  properties: Type.Object({
    /** SHA-1 of the DER certificate, hexadecimal, in any case, with or without separators. */
    thumbprint: Type.String({ maxLength: 256 }),
  }),
})

const ipsecPolicy = Type.Object({
  saLifeTimeSeconds: Type.Integer(),
  saDataSizeKilobytes: Type.Integer(),
  ipsecEncryption: text,
  ipsecIntegrity: text,
  ikeEncryption: text,
  ikeIntegrity: text,
  dhGroup: text,
  pfsGroup: text,
})

/** Long enough for any; a RADIUS server takes fewer. */
const secret = Type.String({ maxLength: 1_024 })

const radiusServer = Type.Object({
  /** IP address or DNS name. */
  radiusServerAddress: text,
  /** 1 to 30; the highest is asked first. */
  radiusServerScore: Type.Optional(Type.Integer()),
  /** Absent: not told, as in what ARM answers. */
  radiusServerSecret: Type.Optional(secret),
})

const vpnClientConfiguration = Type.Object({
  vpnClientAddressPool: Type.Optional(addressSpace),
  vpnClientProtocols: Type.Optional(Type.Array(text, { maxItems: 8 })),
  vpnAuthenticationTypes: Type.Optional(Type.Array(text, { maxItems: 8 })),
  vpnClientRootCertificates: Type.Optional(Type.Array(rootCertificate, { maxItems: LIST_LIMIT })),
  vpnClientRevokedCertificates: Type.Optional(Type.Array(revokedCertificate, { maxItems: 100_000 })),
  vpnClientIpsecPolicies: Type.Optional(Type.Array(ipsecPolicy, { maxItems: LIST_LIMIT })),
  /** The only server, where there are no `radiusServers`. */
  radiusServerAddress: Type.Optional(text),
  radiusServerSecret: Type.Optional(secret),
  radiusServers: Type.Optional(Type.Array(radiusServer, { maxItems: LIST_LIMIT })),
  /** `https://login.microsoftonline.com/{tenant id}/`. */
  aadTenant: Type.Optional(text),
  aadAudience: Type.Optional(text),
  /** `https://sts.windows.net/{tenant id}/`. */
  aadIssuer: Type.Optional(text),
  vngClientConnectionConfigurations: Type.Optional(
    Type.Array(connectionConfigurationSchema, { maxItems: LIST_LIMIT }),
  ),
})

const virtualNetworkGateway = Type.Object({
  id: Type.Optional(text),
  name: Type.Optional(name),
  type: Type.Optional(text),
  location: Type.Optional(text),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  properties: Type.Object({
    gatewayType: Type.Optional(text),
    vpnType: Type.Optional(text),
    vpnGatewayGeneration: Type.Optional(text),
    resourceGuid: Type.Optional(text),
    activeActive: Type.Optional(Type.Boolean()),
    adminState: Type.Optional(text),
    sku: Type.Optional(Type.Object({ name: Type.Optional(text), tier: Type.Optional(text) })),
    customRoutes: Type.Optional(addressSpace),
    vpnClientConfiguration: Type.Optional(vpnClientConfiguration),
    virtualNetworkGatewayPolicyGroups: Type.Optional(Type.Array(policyGroupSchema, { maxItems: LIST_LIMIT })),
  }),
})

/** `AddressSpace` of ARM. */
export type AddressSpace = Static<typeof addressSpace>
/** `VpnClientRootCertificate`: a root, or an intermediate uploaded after its root. */
export type VpnClientRootCertificate = Static<typeof rootCertificate>
/** `VpnClientRevokedCertificate`. */
export type VpnClientRevokedCertificate = Static<typeof revokedCertificate>
/** `IpsecPolicy`: a custom policy, which replaces the defaults. */
export type IpsecPolicy = Static<typeof ipsecPolicy>
/** `RadiusServer`. */
export type RadiusServerResource = Static<typeof radiusServer>
/** `VpnClientConfiguration`, as far as the gateway reads it. */
export type VpnClientConfiguration = Static<typeof vpnClientConfiguration>
/**
 * `Microsoft.Network/virtualNetworkGateways`, as far as the gateway reads it. A document may hold
 * more: properties of newer API versions are kept and not looked at.
 */
export type VirtualNetworkGateway = Static<typeof virtualNetworkGateway>

export const VIRTUAL_NETWORK_GATEWAY_TYPE = 'Microsoft.Network/virtualNetworkGateways'

/**
 * Checks the shape of a resource. The value itself is returned, unknown properties and all, or
 * what is wrong with it. Whether its contents make sense is the gateway's to say.
 */
export function readVirtualNetworkGateway(value: unknown): Checked<VirtualNetworkGateway> {
  return checkedAgainst(virtualNetworkGateway, value)
}
