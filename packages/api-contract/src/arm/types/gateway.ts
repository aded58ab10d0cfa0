import { GROUP_PATH, type ResourceAction, type ResourceTypeDefinition } from '../resource-type.ts'
import { tagsObject, vpnClientIpsecParameters } from '../schema/common.ts'
import { connectionResetSharedKey, connectionSchema, connectionSharedKey } from '../schema/connection.ts'
import {
  bgpPeerStatusList,
  connectionHealthList,
  connectionListEntities,
  gatewayRouteList,
  p2sConnectionRequest,
  packetCaptureStartParameters,
  packetCaptureStopParameters,
  radiusAuthServerList,
  stringResult,
  vpnClientParameters,
  vpnDeviceScriptParameters,
} from '../schema/gateway-operations.ts'
import { virtualNetworkGatewaySchema } from '../schema/virtual-network-gateway.ts'
import { NETWORK_TYPE } from './network.ts'

const NETWORK = `${GROUP_PATH}/providers/Microsoft.Network`

/** A POST whose path and right are one word, as most have them. */
function post(operation: string, word: string, rest: Partial<ResourceAction> = {}): ResourceAction {
  return { operation, method: 'POST', path: word, right: `${word}/action`, ...rest }
}

const later = { longRunning: 'location' } as const

const PACKET_CAPTURE: readonly ResourceAction[] = [
  post('StartPacketCapture', 'startPacketCapture', {
    ...later,
    body: packetCaptureStartParameters,
    isBodyOptional: true,
    result: stringResult,
  }),
  post('StopPacketCapture', 'stopPacketCapture', {
    ...later,
    body: packetCaptureStopParameters,
    result: stringResult,
  }),
]

const GATEWAY_ACTIONS: readonly ResourceAction[] = [
  {
    operation: 'ListConnections',
    method: 'GET',
    path: 'connections',
    right: 'connections/read',
    result: connectionListEntities,
  },
  post('Reset', 'reset', { ...later, query: [{ name: 'gatewayVip' }], result: virtualNetworkGatewaySchema }),
  post('ResetVpnClientSharedKey', 'resetvpnclientsharedkey', later),
  post('Generatevpnclientpackage', 'generatevpnclientpackage', {
    ...later,
    body: vpnClientParameters,
    result: stringResult,
  }),
  post('GenerateVpnProfile', 'generatevpnprofile', {
    ...later,
    body: vpnClientParameters,
    result: stringResult,
  }),
  post('GetVpnProfilePackageUrl', 'getvpnprofilepackageurl', { ...later, result: stringResult }),
  post('GetBgpPeerStatus', 'getBgpPeerStatus', {
    ...later,
    query: [{ name: 'peer' }],
    result: bgpPeerStatusList,
  }),
  post('SupportedVpnDevices', 'supportedvpndevices', { result: stringResult }),
  post('ListRadiusSecrets', 'listRadiusSecrets', { result: radiusAuthServerList }),
  post('GetLearnedRoutes', 'getLearnedRoutes', { ...later, result: gatewayRouteList }),
  post('GetAdvertisedRoutes', 'getAdvertisedRoutes', {
    ...later,
    query: [{ name: 'peer', isRequired: true }],
    result: gatewayRouteList,
  }),
  post('SetVpnclientIpsecParameters', 'setvpnclientipsecparameters', {
    ...later,
    body: vpnClientIpsecParameters,
    result: vpnClientIpsecParameters,
  }),
  post('GetVpnclientIpsecParameters', 'getvpnclientipsecparameters', {
    ...later,
    result: vpnClientIpsecParameters,
  }),
  post('GetVpnclientConnectionHealth', 'getVpnClientConnectionHealth', {
    ...later,
    result: connectionHealthList,
  }),
  post('DisconnectVirtualNetworkGatewayVpnConnections', 'disconnectVirtualNetworkGatewayVpnConnections', {
    ...later,
    body: p2sConnectionRequest,
  }),
  ...PACKET_CAPTURE,
]

const SHARED_KEY: readonly ResourceAction[] = [
  {
    operation: 'GetSharedKey',
    method: 'GET',
    path: 'sharedkey',
    // Not `read`: whoever may read everything may not read secrets.
    right: 'sharedKey/action',
    result: connectionSharedKey,
  },
  {
    operation: 'SetSharedKey',
    method: 'PUT',
    path: 'sharedkey',
    right: 'sharedKey/write',
    longRunning: 'azure-async-operation',
    body: connectionSharedKey,
    result: connectionSharedKey,
  },
  post('ResetSharedKey', 'sharedkey/reset', {
    ...later,
    right: 'sharedKey/reset/action',
    body: connectionResetSharedKey,
    result: connectionResetSharedKey,
  }),
]

const CONNECTION_ACTIONS: readonly ResourceAction[] = [
  ...SHARED_KEY,
  post('GetIkeSas', 'getikesas', { ...later, result: stringResult }),
  post('ResetConnection', 'resetconnection', later),
  ...PACKET_CAPTURE,
]

const patch = { body: tagsObject, operation: 'UpdateTags', longRunning: 'azure-async-operation' } as const

/** VPN gateways and their connections. */
export const GATEWAY_TYPES: readonly ResourceTypeDefinition[] = [
  {
    ...NETWORK_TYPE,
    type: 'Microsoft.Network/virtualNetworkGateways',
    title: 'VirtualNetworkGateways',
    path: `${NETWORK}/virtualNetworkGateways/{virtualNetworkGatewayName}`,
    lists: [{ path: `${NETWORK}/virtualNetworkGateways`, operation: 'List' }],
    actionPrefix: 'Microsoft.Network/virtualNetworkGateways',
    model: virtualNetworkGatewaySchema,
    patch,
    actions: GATEWAY_ACTIONS,
    parts: [
      { path: 'properties.ipConfigurations', segment: 'ipConfigurations' },
      {
        path: 'properties.natRules',
        segment: 'natRules',
        type: 'Microsoft.Network/virtualNetworkGateways/natRules',
      },
      {
        path: 'properties.virtualNetworkGatewayPolicyGroups',
        segment: 'virtualNetworkGatewayPolicyGroups',
      },
      {
        path: 'properties.vpnClientConfiguration.vpnClientRootCertificates',
        segment: 'vpnClientRootCertificates',
      },
      {
        path: 'properties.vpnClientConfiguration.vpnClientRevokedCertificates',
        segment: 'vpnClientRevokedCertificates',
      },
      {
        path: 'properties.vpnClientConfiguration.vngClientConnectionConfigurations',
        segment: 'vngClientConnectionConfigurations',
      },
    ],
    declined: [
      'getResiliencyInformation',
      'getRoutesInformation',
      'getEffectiveRoutes',
      'getFailoverAllTestsDetails',
      'getFailoverSingleTestDetails',
      'startSiteFailoverTest',
      'stopSiteFailoverTest',
      'prepareMigration',
      'executeMigration',
      'commitMigration',
      'abortMigration',
    ],
  },
  {
    ...NETWORK_TYPE,
    type: 'Microsoft.Network/connections',
    title: 'VirtualNetworkGatewayConnections',
    path: `${NETWORK}/connections/{virtualNetworkGatewayConnectionName}`,
    lists: [{ path: `${NETWORK}/connections`, operation: 'List' }],
    actionPrefix: 'Microsoft.Network/connections',
    model: connectionSchema,
    patch,
    actions: [
      ...CONNECTION_ACTIONS,
      post('VpnDeviceConfigurationScript', 'vpndeviceconfigurationscript', {
        body: vpnDeviceScriptParameters,
        result: stringResult,
      }),
    ],
  },
]
