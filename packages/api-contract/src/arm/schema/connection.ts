import Type, { type Static } from 'typebox'
import { ipsecPolicySchema, provisioningState, subResource, trackedResource } from './common.ts'
import {
  certificateText,
  dateTime,
  flag,
  integer,
  list,
  model,
  named,
  noted,
  readOnly,
  since,
  text,
} from './shape.ts'

export const CONNECTION_TYPES = ['IPsec', 'Vnet2Vnet', 'ExpressRoute', 'VPNClient'] as const
export const CONNECTION_PROTOCOLS = ['IKEv2', 'IKEv1'] as const
export const CONNECTION_MODES = ['Default', 'ResponderOnly', 'InitiatorOnly'] as const
export const CONNECTION_AUTHENTICATION_TYPES = ['PSK', 'Certificate'] as const
export const CONNECTION_STATUSES = ['Unknown', 'Connecting', 'Connected', 'NotConnected'] as const

/** Clients send the whole gateway here; its id alone counts, and alone is answered. */
const gatewayReference = noted(Type.Object({ id: text }, { title: 'GatewayReference' }), { reference: true })

/** Azure takes 1 to 128 characters. */
export const sharedKeyText = Type.String({ minLength: 1, maxLength: 128, secret: true })

const tunnelHealth = model(
  'TunnelConnectionHealth',
  {},
  {
    tunnel: readOnly(text),
    connectionStatus: readOnly(named(CONNECTION_STATUSES)),
    ingressBytesTransferred: readOnly(integer),
    egressBytesTransferred: readOnly(integer),
    lastConnectionEstablishedUtcTime: readOnly(dateTime),
  },
)

const trafficSelectorPolicy = model(
  'TrafficSelectorPolicy',
  { localAddressRanges: list(text), remoteAddressRanges: list(text) },
  {},
)

const customBgpAddress = model(
  'GatewayCustomBgpIpAddressIpConfiguration',
  { ipConfigurationId: text, customBgpIpAddress: text },
  {},
)

const tunnelProperties = model(
  'VirtualNetworkGatewayConnectionTunnelProperties',
  {},
  { tunnelIpAddress: text, bgpPeeringAddress: text },
)

/** The S2S seed's certificates of a connection. */
export const certificateAuthenticationSchema = model(
  'CertificateAuthentication',
  {},
  {
    /** Identifier in the key vault: `https://VAULT/certificates/NAME/VERSION` or `…/secrets/…`, version optional. */
    outboundAuthCertificate: text,
    /** Of the leaf that the other side shows: its common name, with or without `CN=`. */
    inboundAuthCertificateSubjectName: text,
    /** The root first, then intermediates; base64 of DER. */
    inboundAuthCertificateChain: list(certificateText, { maxItems: 20 }),
  },
)

const required = {
  virtualNetworkGateway1: gatewayReference,
  connectionType: named(CONNECTION_TYPES),
} as const

const optional = {
  authorizationKey: noted(text, { writeOnly: true }),
  virtualNetworkGateway2: gatewayReference,
  localNetworkGateway2: gatewayReference,
  ingressNatRules: list(subResource),
  egressNatRules: list(subResource),
  connectionProtocol: named(CONNECTION_PROTOCOLS),
  routingWeight: Type.Integer({ minimum: 0, maximum: 32_000 }),
  /** Seconds; Azure: 45 unless said otherwise. */
  dpdTimeoutSeconds: Type.Integer({ minimum: 0, maximum: 3_600 }),
  connectionMode: named(CONNECTION_MODES),
  tunnelProperties: since('2024-10-01', list(tunnelProperties, { key: 'tunnelIpAddress' })),
  sharedKey: noted(sharedKeyText, { writeOnly: true }),
  connectionStatus: readOnly(named(CONNECTION_STATUSES)),
  tunnelConnectionStatus: readOnly(list(tunnelHealth)),
  egressBytesTransferred: readOnly(integer),
  ingressBytesTransferred: readOnly(integer),
  peer: subResource,
  enableBgp: flag,
  gatewayCustomBgpIpAddresses: list(customBgpAddress, { key: 'ipConfigurationId' }),
  useLocalAzureIpAddress: flag,
  usePolicyBasedTrafficSelectors: flag,
  ipsecPolicies: list(ipsecPolicySchema),
  trafficSelectorPolicies: list(trafficSelectorPolicy),
  resourceGuid: readOnly(text),
  provisioningState,
  expressRouteGatewayBypass: flag,
  enablePrivateLinkFastPath: since('2022-07-01', flag),
  authenticationType: since('2025-03-01', named(CONNECTION_AUTHENTICATION_TYPES)),
  certificateAuthentication: since('2025-03-01', certificateAuthenticationSchema),
  routingConfiguration: since('2025-07-01', Type.Record(Type.String(), Type.Unknown())),
} as const

const properties = model('VirtualNetworkGatewayConnectionProperties', required, optional)

/** Schema of `Microsoft.Network/connections`. */
export const connectionSchema = model(
  'VirtualNetworkGatewayConnection',
  { properties },
  { ...trackedResource, etag: readOnly(text) },
)

/** `VirtualNetworkGatewayConnectionListEntity`: a gateway's own list of connections has references alone. */
export const connectionListEntity = model(
  'VirtualNetworkGatewayConnectionListEntity',
  {
    properties: model('VirtualNetworkGatewayConnectionListEntityProperties', required, optional),
  },
  { ...trackedResource, etag: readOnly(text) },
)

/** `ConnectionSharedKey`: body and answer of `sharedkey`. */
export const connectionSharedKey = model('ConnectionSharedKey', { value: sharedKeyText }, { id: text })

/** `ConnectionResetSharedKey`: a new key of so many characters. */
export const connectionResetSharedKey = model(
  'ConnectionResetSharedKey',
  { keyLength: Type.Integer({ minimum: 1, maximum: 128 }) },
  {},
)

/** `VirtualNetworkGatewayConnection` of ARM. */
export type Connection = Static<typeof connectionSchema>
/** `CertificateAuthentication` of ARM. */
export type ConnectionCertificateAuthentication = Static<typeof certificateAuthenticationSchema>
