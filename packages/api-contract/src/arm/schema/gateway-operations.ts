import Type, { type Static } from 'typebox'
import { asNumber } from './common.ts'
import { connectionListEntity } from './connection.ts'
import { certificateText, dateTime, integer, list, model, named, noted, readOnly, text } from './shape.ts'

/** Bodies and results of the operations of gateways and connections. */

/** Longest text that an operation answers in a JSON string: a device script, a list of devices. */
const RESULT_LIMIT = 1_048_576

/** A JSON string: a URL, XML or JSON within it, as ARM has it. */
export const stringResult = Type.String({ maxLength: RESULT_LIMIT })

/** `VpnClientParameters`: what a profile package is wanted for. */
export const vpnClientParameters = model(
  'VpnClientParameters',
  {},
  {
    processorArchitecture: named(['Amd64', 'X86']),
    authenticationMethod: named(['EAPTLS', 'EAPMSCHAPv2']),
    radiusServerAuthCertificate: certificateText,
    clientRootCertificates: list(certificateText, { maxItems: 20 }),
  },
)

/** `VpnDeviceScriptParameters`: one of the supported devices. */
export const vpnDeviceScriptParameters = model(
  'VpnDeviceScriptParameters',
  {},
  { vendor: text, deviceFamily: text, firmwareVersion: text },
)

/** `VpnPacketCaptureStartParameters`: `filterData` is JSON in a string. */
export const packetCaptureStartParameters = model(
  'VpnPacketCaptureStartParameters',
  {},
  { filterData: Type.String({ maxLength: 16_384 }) },
)

/** `VpnPacketCaptureStopParameters`: where the capture is to go; whoever has the URL may write there. */
export const packetCaptureStopParameters = model(
  'VpnPacketCaptureStopParameters',
  {},
  { sasUrl: noted(Type.String({ maxLength: 8_192 }), { writeOnly: true }) },
)

/** `P2SVpnConnectionRequest`: ids as of the health list; az sends resource ids whose last segment is one. */
export const p2sConnectionRequest = model('P2SVpnConnectionRequest', {}, { vpnConnectionIds: list(text) })

/** `VpnClientConnectionHealthDetail`: one session. */
export const connectionHealthDetail = model(
  'VpnClientConnectionHealthDetail',
  {},
  {
    vpnConnectionId: readOnly(text),
    /** Seconds. */
    vpnConnectionDuration: readOnly(integer),
    vpnConnectionTime: readOnly(dateTime),
    publicIpAddress: readOnly(text),
    privateIpAddress: readOnly(text),
    vpnUserName: readOnly(text),
    maxBandwidth: readOnly(integer),
    egressPacketsTransferred: readOnly(integer),
    egressBytesTransferred: readOnly(integer),
    ingressPacketsTransferred: readOnly(integer),
    ingressBytesTransferred: readOnly(integer),
    maxPacketsPerSecond: readOnly(integer),
  },
)

export const connectionHealthList = model(
  'VpnClientConnectionHealthDetailListResult',
  { value: list(connectionHealthDetail, { maxItems: 100_000 }) },
  {},
)

const bgpPeerStatus = model(
  'BgpPeerStatus',
  {},
  {
    localAddress: readOnly(text),
    neighbor: readOnly(text),
    asn: readOnly(asNumber),
    state: readOnly(named(['Unknown', 'Stopped', 'Idle', 'Connecting', 'Connected'])),
    connectedDuration: readOnly(text),
    routesReceived: readOnly(integer),
    messagesSent: readOnly(integer),
    messagesReceived: readOnly(integer),
  },
)

export const bgpPeerStatusList = model('BgpPeerStatusListResult', { value: list(bgpPeerStatus) }, {})

const gatewayRoute = model(
  'GatewayRoute',
  {},
  {
    localAddress: readOnly(text),
    network: readOnly(text),
    nextHop: readOnly(text),
    sourcePeer: readOnly(text),
    origin: readOnly(text),
    asPath: readOnly(text),
    weight: readOnly(integer),
  },
)

export const gatewayRouteList = model('GatewayRouteListResult', { value: list(gatewayRoute) }, {})

const radiusAuthServer = model(
  'RadiusAuthServer',
  {},
  { radiusServerAddress: text, radiusServerSecret: text },
)

/** `RadiusAuthServerListResult`: the one answer that shows these secrets. */
export const radiusAuthServerList = model(
  'RadiusAuthServerListResult',
  { value: list(radiusAuthServer) },
  { nextLink: text },
)

/** `VirtualNetworkGatewayListConnectionsResult`. */
export const connectionListEntities = model(
  'VirtualNetworkGatewayListConnectionsResult',
  { value: list(connectionListEntity) },
  { nextLink: text },
)

/** `IPAddressAvailabilityResult`. */
export const ipAddressAvailability = model(
  'IPAddressAvailabilityResult',
  {},
  { available: Type.Boolean(), availableIPAddresses: list(text), isPlatformReserved: Type.Boolean() },
)

/** `VirtualNetworkListUsageResult`. */
export const virtualNetworkUsages = model(
  'VirtualNetworkListUsageResult',
  {
    value: list(
      model('VirtualNetworkUsage', {}, { id: text, currentValue: integer, limit: integer, unit: text }),
    ),
  },
  { nextLink: text },
)

/** One P2S session as ARM shows it. */
export type ConnectionHealthDetail = Static<typeof connectionHealthDetail>
/** `VpnClientParameters` of ARM. */
export type VpnClientParameters = Static<typeof vpnClientParameters>
