import Type, { type Static } from 'typebox'
import { AUTHENTICATION_TYPES, CLIENT_PROTOCOLS } from '../../client-protocol.ts'
import { addressSpaceSchema, ipsecPolicySchema, provisioningState } from './common.ts'
import { connectionConfigurationSchema } from './policy-group.ts'
import {
  certificateText,
  entryName,
  integer,
  list,
  model,
  named,
  noted,
  readOnly,
  since,
  text,
} from './shape.ts'

/** Most root and intermediate certificates of a gateway together (Azure's limit on the list). */
export const ROOT_CERTIFICATE_LIMIT = 20
/** Ours: as many clients as the largest installation may have lost. */
const REVOCATION_LIMIT = 100_000

const rootCertificate = model(
  'VpnClientRootCertificate',
  {
    name: entryName,
    properties: model(
      'VpnClientRootCertificateProperties',
      /** Base64 of DER, base64 of PEM, or PEM. */
      { publicCertData: certificateText },
      { provisioningState },
    ),
  },
  { id: text, etag: readOnly(text) },
)

const revokedCertificate = model(
  'VpnClientRevokedCertificate',
  {
    name: entryName,
    properties: model(
      'VpnClientRevokedCertificateProperties',
      /** SHA-1 of the DER certificate, hexadecimal, in any case, with or without separators. */
      { thumbprint: Type.String({ maxLength: 256 }) },
      { provisioningState },
    ),
  },
  { id: text, etag: readOnly(text) },
)

/** Long enough for any; a RADIUS server takes fewer. It goes with its address: no secret is told to another server. */
const radiusSecret = noted(Type.String({ maxLength: 1_024 }), {
  writeOnly: true,
  boundTo: 'radiusServerAddress',
})

const radiusServer = model(
  'RadiusServer',
  /** IP address or DNS name. */
  { radiusServerAddress: text },
  {
    /** 1 to 30; the highest is asked first. */
    radiusServerScore: integer,
    /** Absent: not told, as in what ARM answers. */
    radiusServerSecret: radiusSecret,
  },
)

/** `VpnClientConfiguration`. */
export const vpnClientConfigurationSchema = model(
  'VpnClientConfiguration',
  {},
  {
    vpnClientAddressPool: addressSpaceSchema,
    vpnClientProtocols: Type.Array(named(CLIENT_PROTOCOLS), { maxItems: 8 }),
    vpnAuthenticationTypes: Type.Array(named(AUTHENTICATION_TYPES), { maxItems: 8 }),
    vpnClientRootCertificates: list(rootCertificate),
    vpnClientRevokedCertificates: list(revokedCertificate, { maxItems: REVOCATION_LIMIT }),
    vpnClientIpsecPolicies: list(ipsecPolicySchema),
    /** The only server, where there are no `radiusServers`. */
    radiusServerAddress: text,
    radiusServerSecret: radiusSecret,
    radiusServers: list(radiusServer, { key: 'radiusServerAddress' }),
    /** `https://login.microsoftonline.com/{tenant id}/`. */
    aadTenant: text,
    aadAudience: text,
    /** `https://sts.windows.net/{tenant id}/`. */
    aadIssuer: text,
    vngClientConnectionConfigurations: since('2022-05-01', list(connectionConfigurationSchema)),
  },
)

/** `VpnClientRootCertificate`: a root, or an intermediate uploaded after its root. */
export type VpnClientRootCertificate = Static<typeof rootCertificate>
/** `VpnClientRevokedCertificate`. */
export type VpnClientRevokedCertificate = Static<typeof revokedCertificate>
/** `RadiusServer`. */
export type RadiusServerResource = Static<typeof radiusServer>
/** `VpnClientConfiguration` of ARM. */
export type VpnClientConfiguration = Static<typeof vpnClientConfigurationSchema>
