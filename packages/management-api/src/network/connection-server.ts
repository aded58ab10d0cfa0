import {
  type Connection,
  type DocumentFault,
  judgeConnection,
  parseResourceId,
  quote,
  resourceTypeOf,
} from '@causeway/api-contract'
import { type Body, isObject, propertiesOf } from '../resources/document.ts'
import type {
  ActionCall,
  ActionResult,
  ResourceServer,
  ServedResource,
} from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import { captureAction } from './capture-action.ts'
import { deviceScript } from './device-script/device-script.ts'
import { gatewayOf, isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

const GATEWAY = 'properties.virtualNetworkGateway1.id'
const PEER = 'properties.localNetworkGateway2.id'
/** Azure: seconds after which a silent device is asked for a sign of life. */
const DPD_SECONDS = 45
/** Azure: what a pre-shared key may hold. */
const KEY = /^[!-,./0-}]+$/

/**
 * What stands behind `Microsoft.Network/connections`: the rules of Azure. No tunnel is dialled yet, and so every
 * connection is `NotConnected`.
 */
export function connectionServer(options: NetworkOptions): ResourceServer {
  return {
    check: next => judge(options, next),
    view: async resource => connectionView(resource),
    action: call => connectionAction(options, call),
  }
}

async function connectionAction(
  options: NetworkOptions,
  call: ActionCall,
): Promise<ActionResult | undefined> {
  switch (call.name) {
    // JSON in a text, as ARM has it: there is no SA without a tunnel.
    case 'GetIkeSas':
      return { type: 'done', result: '[]' }
    case 'ResetConnection':
      return { type: 'done' }
    case 'VpnDeviceConfigurationScript':
      return { type: 'done', result: await deviceScript(options, call) }
    case 'StartPacketCapture':
    case 'StopPacketCapture':
      return { type: 'done', result: await captureAction(options, call) }
    default:
      return undefined
  }
}

async function judge(options: NetworkOptions, next: ServedResource): Promise<readonly DocumentFault[]> {
  const connection = next.body as unknown as Connection
  const own = [...judgeEnds(next.body), ...judgePolicies(next.body), ...judgeKey(next.body)]
  const id = connection.properties.virtualNetworkGateway1.id
  const gateway = isOfType(id, 'virtualNetworkGateways') ? await options.resources.read(id) : undefined
  if (!gateway)
    return [
      ...own,
      {
        path: GATEWAY,
        problem: `${quote(id)} is not a virtual network gateway`,
        remedy: 'give the id of one',
      },
    ]
  const others = await otherConnections(options, gateway.id, next.id)
  const judged = judgeConnection(connection, gatewayOf(gateway), others)
  return [...own, ...judged.map(({ path, problem, remedy }) => ({ path, problem, remedy }))]
}

/** How many other connections a gateway has. */
async function otherConnections(
  { resources }: NetworkOptions,
  gateway: string,
  self: string,
): Promise<number> {
  const users = resources.usersOf(gateway).filter(user => !isSameId(user, self))
  return users.filter(user => isOfType(user, 'connections')).length
}

function isOfType(id: string, word: string): boolean {
  const read = parseResourceId(id)
  return (
    read.type === 'good' &&
    resourceTypeOf(read.id).toLowerCase() === `microsoft.network/${word}`.toLowerCase()
  )
}

/** A site is a local network gateway. What is between two gateways needs two of them, and there is one. */
function judgeEnds(body: Body): readonly DocumentFault[] {
  const { connectionType } = propertiesOf(body)
  if (connectionType !== 'IPsec')
    return [
      {
        path: 'properties.connectionType',
        problem: `${quote(String(connectionType))} is not supported`,
        remedy: 'use IPsec, with a local network gateway for the other side',
      },
    ]
  const peer = valueAt(body, PEER)
  if (typeof peer !== 'string')
    return [
      {
        path: PEER,
        problem: 'is missing',
        remedy: 'give the id of the local network gateway of the other side',
      },
    ]
  if (isOfType(peer, 'localNetworkGateways')) return []
  const problem = `${quote(peer)} is not a local network gateway`
  return [{ path: PEER, problem, remedy: 'give the id of one' }]
}

/** Azure: one policy, whole; a GCM cipher is its own integrity. */
function judgePolicies(body: Body): readonly DocumentFault[] {
  const path = 'properties.ipsecPolicies'
  const [policy, ...more] = entriesAt(body, path)
  if (!policy) return []
  if (more.length > 0)
    return [
      { path, problem: `holds ${more.length + 1} policies`, remedy: 'give one, or none for the defaults' },
    ]
  const { ipsecEncryption, ipsecIntegrity } = policy
  const isGcm = [ipsecEncryption, ipsecIntegrity].some(name => String(name).startsWith('GCM'))
  if (!isGcm || ipsecEncryption === ipsecIntegrity) return []
  return [
    {
      path: `${path}[0].ipsecIntegrity`,
      problem: `${quote(String(ipsecIntegrity))} does not go with ${quote(String(ipsecEncryption))}`,
      remedy: 'give the same GCM cipher in both, or none of them',
    },
  ]
}

function judgeKey(body: Body): readonly DocumentFault[] {
  const { sharedKey } = propertiesOf(body)
  if (typeof sharedKey !== 'string' || KEY.test(sharedKey)) return []
  return [
    {
      path: 'properties.sharedKey',
      problem: 'holds a character that devices do not take in a pre-shared key',
      remedy: 'use printable ASCII without spaces, hyphens and tildes',
    },
  ]
}

/** What ARM fills in of a connection that its maker left out, and how it stands. */
function connectionView({ body }: ServedResource): Body {
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
    connectionStatus: 'NotConnected',
    tunnelConnectionStatus: [],
    ingressBytesTransferred: 0,
    egressBytesTransferred: 0,
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
