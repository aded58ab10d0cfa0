import type { ConnectionRecord, TunnelRecord } from '@causeway/gateway'
import { type Body, isObject, propertiesOf } from '../../resources/document.ts'
import type { ServedResource } from '../../resources/resource-server.ts'
import type { NetworkOptions } from '../network-options.ts'

/** Azure: seconds after which a silent device is asked for a sign of life. */
const DPD_SECONDS = 45

/** What ARM fills in of a connection that its maker left out, and how it stands. */
export function connectionView({ gateway }: Pick<NetworkOptions, 'gateway'>, resource: ServedResource): Body {
  const { body } = resource
  return {
    connectionProtocol: 'IKEv2',
    connectionMode: 'Default',
    authenticationType: 'PSK',
    routingWeight: 0,
    dpdTimeoutSeconds: DPD_SECONDS,
    enableBgp: false,
    useLocalAzureIpAddress: false,
    usePolicyBasedTrafficSelectors: false,
    ipsecPolicies: [],
    trafficSelectorPolicies: [],
    ...propertiesOf(body),
    ...endsOf(body),
    ...standing(recordOf(gateway.connections(), resource.id)),
  }
}

/** How a connection stands. `undefined`: it is not in force. */
export function recordOf(records: readonly ConnectionRecord[], id: string): ConnectionRecord | undefined {
  const key = id.toLowerCase()
  return records.find(record => record.id === key)
}

/** Azure: `Unknown` is what nobody could say. Ingress is what the other side sends. */
function standing(record: ConnectionRecord | undefined): Body {
  const tunnels = record?.tunnels ?? []
  return {
    connectionStatus: record?.status ?? 'Unknown',
    tunnelConnectionStatus: tunnels.map(tunnelHealth),
    ingressBytesTransferred: tunnels.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
    egressBytesTransferred: tunnels.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
  }
}

function tunnelHealth(record: TunnelRecord): Body {
  const { tunnel, status, bytesReceived, bytesSent, lastEstablishedSeconds } = record
  return {
    tunnel,
    connectionStatus: status,
    ingressBytesTransferred: bytesReceived,
    egressBytesTransferred: bytesSent,
    ...(lastEstablishedSeconds !== undefined && {
      lastConnectionEstablishedUtcTime: new Date(lastEstablishedSeconds * 1_000).toISOString(),
    }),
  }
}

/** Its ends as ARM answers them: @azure/arm-network 39 reads `properties` of each, and ARM's are empty. */
function endsOf(body: Body): Body {
  const properties = propertiesOf(body)
  const ends = ['virtualNetworkGateway1', 'virtualNetworkGateway2', 'localNetworkGateway2'].flatMap(name => {
    const end = properties[name]
    return isObject(end) ? [[name, { ...end, properties: {} }] as const] : []
  })
  return Object.fromEntries(ends)
}
