import {
  type DocumentFault,
  formatDocumentFault,
  GATEWAY_SUBNET,
  judgeSku,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
} from '@causeway/api-contract'
import type { ConfigurationFault } from '@causeway/gateway'
import type { Body } from '../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import { distinctFaults } from './distinct-faults.ts'
import { networkOf } from './gateway-network.ts'
import { asked, gatewayOf, isSameId, networkIdsOf } from './gateway-resource.ts'
import type { NetworkOptions, NetworkResources } from './network-options.ts'

const CONFIGURATIONS = 'properties.ipConfigurations'

/** Everything that is wrong with a gateway. Errors: `ResourceServerError` `Conflict` when there is another one. */
export async function judgeGateway(
  options: NetworkOptions,
  next: ServedResource,
  former: ServedResource | undefined,
): Promise<readonly DocumentFault[]> {
  const { gateway, resources } = options
  await judgeAlone(options, next.id)
  const resource = gatewayOf(next)
  const places = judgePlaces(next, resources)
  const ofSku = judgeSku(resource, former && gatewayOf(former))
  // Without a network to look at, what is wrong with the rest cannot be told from what is wrong with it.
  if (places.length > 0) return distinctFaults([...places, ...ofSku])
  const network = await networkOf(options, next.body)
  const ofGateway = await asked(async () => gateway.check({ resource, ...(network && { network }) }))
  return distinctFaults([...ofSku, ...ofGateway.map(inArmForm)])
}

/** One process runs one gateway. */
async function judgeAlone({ gateway, resources }: NetworkOptions, id: string): Promise<void> {
  const stored = await resources.ofType(VIRTUAL_NETWORK_GATEWAY_TYPE)
  const running = gateway.present()?.resource.id
  const others = [...stored.map(other => other.id), ...(running === undefined ? [] : [running])]
  const other = others.find(each => !isSameId(each, id))
  if (other !== undefined) throw anotherGateway(other)
}

/** Why a second gateway is refused. */
export function anotherGateway(id: string): ResourceServerError {
  return new ResourceServerError(
    'Conflict',
    `This installation runs one gateway, and '${id}' is there already. Change that one, delete it first, or make the second one in an installation of its own.`,
    id,
  )
}

/** A fault as one of the resource: what is wrong elsewhere is told of the property that leads there. */
function inArmForm(fault: ConfigurationFault): DocumentFault {
  const { document, path, problem, remedy } = fault
  const line = formatDocumentFault({ path, problem, remedy })
  switch (document) {
    case 'gateway':
      return { path, problem, remedy }
    case 'network':
      return {
        path: CONFIGURATIONS,
        problem: `its virtual network is not one that the gateway can be in: ${line}`,
        remedy: 'change the virtual network, or name another one',
      }
    case 'connection':
      return {
        path: '',
        problem: `its connection ${fault.connection ?? ''} cannot go on with it: ${line}`,
        remedy: 'change or delete the connection first, or leave the gateway as it is there',
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

function judgePlaces({ id, body }: ServedResource, resources: NetworkResources): readonly DocumentFault[] {
  const faults: DocumentFault[] = []
  const entries = entriesAt(body, CONFIGURATIONS)
  for (const [i, entry] of entries.entries()) {
    const path = `${CONFIGURATIONS}[${i}].properties`
    if (typeof valueAt(entry, 'properties.subnet.id') !== 'string')
      faults.push({
        path: `${path}.subnet.id`,
        problem: 'is missing',
        remedy: `name the subnet ${GATEWAY_SUBNET} of a virtual network, or leave ipConfigurations out`,
      })
    const used = publicAddressFault(entry, entries.slice(0, i), id, resources)
    if (used) faults.push({ path: `${path}.publicIPAddress.id`, ...used })
  }
  const [first, second] = networkIdsOf(body)
  if (second !== undefined)
    faults.push({
      path: CONFIGURATIONS,
      problem: `holds subnets of ${first} and of ${second}`,
      remedy: 'name one virtual network in all of them',
    })
  return faults
}

/** A public IP address is of one IP configuration. */
function publicAddressFault(
  entry: Body,
  before: readonly Body[],
  self: string,
  resources: NetworkResources,
): Omit<DocumentFault, 'path'> | undefined {
  const address = publicAddressId(entry)
  if (address === undefined) return undefined
  const remedy = 'name a public IP address of its own'
  if (before.some(other => isSameId(publicAddressId(other), address)))
    return { problem: `${address} is named by another IP configuration of this gateway`, remedy }
  const user = resources.usersOf(address).find(each => !isSameId(each, self))
  return user === undefined ? undefined : { problem: `${address} is in use by ${user}`, remedy }
}

function publicAddressId(entry: Body): string | undefined {
  const id = valueAt(entry, 'properties.publicIPAddress.id')
  return typeof id === 'string' ? id : undefined
}
