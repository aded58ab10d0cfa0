import {
  type DocumentFault,
  formatDocumentFault,
  parseResourceId,
  quote,
  resourceTypeOf,
} from '@causeway/api-contract'
import type { ConfigurationFault } from '@causeway/gateway'
import { propertiesOf } from '../../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../../resources/resource-server.ts'
import { valueAt } from '../../resources/schema-paths.ts'
import { distinctFaults } from '../distinct-faults.ts'
import { asked, inForce, isSameId } from '../gateway-resource.ts'
import type { NetworkOptions } from '../network-options.ts'
import { outboundFaults } from './certificate-path.ts'
import { connectionResource, endAt, GATEWAY_PATH, REMOTE_PATH, SITE_PATH } from './connection-peer.ts'

const TYPE_PATH = 'properties.connectionType'
const KEY_PATH = 'properties.sharedKey'
/** Azure: what a pre-shared key may hold. */
const KEY = /^[!-,./0-}]+$/

/**
 * Everything that is wrong with a connection. Errors: `ResourceServerError` `Conflict` while its gateway does not run:
 * nobody could tell what is wrong with it.
 */
export async function judgeConnectionBody(
  options: NetworkOptions,
  next: ServedResource,
): Promise<readonly DocumentFault[]> {
  const own = [
    ...gatewayFaults(next),
    ...endFaults(options, next),
    ...keyFaults(next),
    ...outboundFaults(options.vaultDomains, next),
  ]
  // Without both ends what is wrong with the rest cannot be told from what is wrong with them.
  if (own.some(({ path }) => ENDS.has(path))) return own
  judgeGatewayRuns(options, endAt(next, GATEWAY_PATH) ?? '')
  const resource = await connectionResource(options.resources, next)
  const further = await asked(async () => options.gateway.checkConnection(resource))
  const ofGateway = further
    .map(fault => inArmForm(fault, next.name))
    .filter(({ path }) => !own.some(fault => fault.path === path))
  return distinctFaults([...own, ...ofGateway])
}

const ENDS: ReadonlySet<string> = new Set([GATEWAY_PATH, SITE_PATH, REMOTE_PATH, TYPE_PATH])

/** A connection is of the gateway that runs. */
function judgeGatewayRuns(options: NetworkOptions, id: string): void {
  if (inForce(options, id)) return
  throw new ResourceServerError(
    'Conflict',
    `The gateway ${id} does not run: it is being made, or could not be applied. Wait for its operation, or put it again without what that names.`,
    GATEWAY_PATH,
  )
}

function gatewayFaults(next: ServedResource): readonly DocumentFault[] {
  const id = endAt(next, GATEWAY_PATH) ?? ''
  if (isOfType(id, 'virtualNetworkGateways')) return []
  const problem = `${quote(id)} is not a virtual network gateway`
  return [{ path: GATEWAY_PATH, problem, remedy: 'give the id of one' }]
}

/** A site is a local network gateway; another gateway is one that the settings know. */
function endFaults(options: NetworkOptions, next: ServedResource): readonly DocumentFault[] {
  const { connectionType } = propertiesOf(next.body)
  switch (connectionType) {
    case 'IPsec':
      return siteFaults(next)
    case 'Vnet2Vnet':
      return remoteFaults(options, next)
    default:
      return [
        {
          path: TYPE_PATH,
          problem: `${quote(String(connectionType))} is not supported`,
          remedy: 'use IPsec, with a local network gateway for the other side, or Vnet2Vnet',
        },
      ]
  }
}

function siteFaults(next: ServedResource): readonly DocumentFault[] {
  const peer = endAt(next, SITE_PATH)
  if (peer === undefined)
    return [
      {
        path: SITE_PATH,
        problem: 'is missing',
        remedy: 'give the id of the local network gateway of the other side',
      },
    ]
  if (isOfType(peer, 'localNetworkGateways')) return []
  const problem = `${quote(peer)} is not a local network gateway`
  return [{ path: SITE_PATH, problem, remedy: 'give the id of one' }]
}

function remoteFaults({ gateway }: NetworkOptions, next: ServedResource): readonly DocumentFault[] {
  const id = endAt(next, REMOTE_PATH)
  const fault = (problem: string, remedy: string): readonly DocumentFault[] => [
    { path: REMOTE_PATH, problem, remedy },
  ]
  if (id === undefined) return fault('is missing', 'give the id of the gateway of the other side')
  if (isSameId(id, endAt(next, GATEWAY_PATH)))
    return fault('is the gateway of this side', 'give the id of the gateway of the other side')
  const known = gateway.settings().sites?.remoteGateways ?? []
  if (known.some(remote => isSameId(remote.id, id))) return []
  return fault(
    `${quote(id)} is a gateway that this installation does not know`,
    'name it in sites.remoteGateways of the settings, with its address and networks, or use IPsec with a local network gateway',
  )
}

function keyFaults({ body }: ServedResource): readonly DocumentFault[] {
  const key = valueAt(body, KEY_PATH)
  if (typeof key !== 'string' || KEY.test(key)) return []
  return [
    {
      path: KEY_PATH,
      problem: 'holds a character that devices do not take in a pre-shared key',
      remedy: 'use printable ASCII without spaces, hyphens and tildes',
    },
  ]
}

/** A fault as one of the connection: what is wrong elsewhere is told of the property that leads there. */
function inArmForm(fault: ConfigurationFault, name: string): DocumentFault {
  const { document, connection = name, path, problem, remedy } = fault
  const line = formatDocumentFault({ path, problem, remedy })
  switch (document) {
    case 'connection':
      return connection === name
        ? { path, problem, remedy }
        : {
            path: '',
            problem: `the connection ${connection} has a fault: ${line}`,
            remedy: 'change that one first',
          }
    case 'gateway':
    case 'network':
      return {
        path: GATEWAY_PATH,
        problem: `it does not go with the gateway: ${line}`,
        remedy: 'change the one or the other',
      }
    case 'settings':
      return {
        path: '',
        problem: `it does not go with the settings of the gateway: ${line}`,
        remedy: 'change the one or the other',
      }
    default:
      return document satisfies never
  }
}

function isOfType(id: string, word: string): boolean {
  const read = parseResourceId(id)
  return (
    read.type === 'good' &&
    resourceTypeOf(read.id).toLowerCase() === `microsoft.network/${word}`.toLowerCase()
  )
}
