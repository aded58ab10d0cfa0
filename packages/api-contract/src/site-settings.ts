import Type, { type Static } from 'typebox'

/** Ours: as many as a gateway has tunnels. */
const REMOTE_GATEWAY_LIMIT = 100
const PREFIX_LIMIT = 256
const ID_LENGTH = 2_048
/** Of a DNS name (RFC 1035 §2.3.4), or an address. */
const HOST_LENGTH = 253

const strict = { additionalProperties: false } as const

const remoteGateway = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: ID_LENGTH }),
    address: Type.Optional(Type.String({ minLength: 2, maxLength: 64 })),
    fqdn: Type.Optional(Type.String({ minLength: 1, maxLength: HOST_LENGTH })),
    addressPrefixes: Type.Array(Type.String({ minLength: 2, maxLength: 64 }), {
      minItems: 1,
      maxItems: PREFIX_LIMIT,
    }),
  },
  strict,
)

/** What may be done where it cannot be learned whether a device's certificate is revoked. */
export const REVOCATION_MODES = ['soft', 'hard', 'off'] as const

/** Schema of the settings' `sites`. */
export const siteSettingsSchema = Type.Object(
  {
    allowWeakIpsec: Type.Optional(Type.Boolean()),
    revocation: Type.Optional(Type.Enum(REVOCATION_MODES)),
    clientTransit: Type.Optional(Type.Boolean()),
    siteTransit: Type.Optional(Type.Boolean()),
    remoteGateways: Type.Optional(Type.Array(remoteGateway, { maxItems: REMOTE_GATEWAY_LIMIT })),
  },
  strict,
)

/**
 * The part of the settings about connections to sites; what is absent has a default. `allowWeakIpsec`: take what is
 * weak of Azure's lists too (SHA-1, the 1,024-bit group); `revocation`: whether certificates of devices are asked about,
 * and whether one is let in about which nobody could say: `soft`: yes, `hard`: no, `off`: nobody is asked;
 * `clientTransit`: clients and sites reach each other; `siteTransit`: sites reach each other; `remoteGateways`: gateways
 * of other installations, for connections of type `Vnet2Vnet`.
 */
export type SiteSettings = Static<typeof siteSettingsSchema>
/**
 * The gateway of another installation: `id` as connections name it, `address` or `fqdn` where it is reached,
 * `addressPrefixes` what lies inside it.
 */
export type RemoteGatewaySettings = Static<typeof remoteGateway>

/** Defaults of the site settings: Azure's transit is by BGP alone. */
export const DEFAULT_SITES: Required<SiteSettings> = {
  allowWeakIpsec: false,
  revocation: 'soft',
  clientTransit: false,
  siteTransit: false,
  remoteGateways: [],
}
