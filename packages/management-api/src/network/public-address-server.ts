import { type DocumentFault, quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import { type Body, propertiesOf } from '../resources/document.ts'
import type { ResourceChange, ResourceServer, ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import { publicAddressIdsOf } from './gateway-network.ts'
import { isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'
import { familyOf, publicAddressOf } from './public-address.ts'
import { applyAround, judgeAround } from './surroundings.ts'

/** Azure's default: minutes after which an idle flow is forgotten. Nothing here goes by it. */
const IDLE_MINUTES = 4

/** What stands behind `Microsoft.Network/publicIPAddresses`: an address by which the gateway is reached. */
export function publicAddressServer(options: NetworkOptions): ResourceServer {
  return {
    isQuick: true,
    check: async next => {
      const faults = judgeAddress(next.body)
      return faults.length > 0 ? faults : judgeAround(options, isAround, next, 'properties.ipAddress')
    },
    apply: change => applyChange(options, change),
    view: resource => addressView(options, resource),
  }
}

/** The gateway is known by its addresses. */
async function applyChange(options: NetworkOptions, change: ResourceChange): Promise<void> {
  // It is not removed while a gateway has it.
  if (change.type === 'put') await applyAround(options, isAround, change.next)
}

/** Whether an address is of a gateway. */
function isAround(gateway: Body, { id }: Pick<ServedResource, 'id'>): boolean {
  return publicAddressIdsOf(gateway).some(other => isSameId(other, id))
}

function judgeAddress(body: Body): readonly DocumentFault[] {
  const { ipAddress } = propertiesOf(body)
  if (typeof ipAddress !== 'string') return []
  const family = familyOf(body)
  if (parseIpAddress(ipAddress)?.family === family) return []
  return [
    {
      path: 'properties.ipAddress',
      problem: `${quote(ipAddress)} is not an IPv${family} address`,
      remedy: 'give an address of the version in publicIPAddressVersion, or leave it out',
    },
  ]
}

async function addressView(options: NetworkOptions, resource: ServedResource): Promise<Body> {
  const ipAddress = publicAddressOf(options, resource.body)
  const id = await configurationOf(options, resource.id)
  return {
    publicIPAddressVersion: 'IPv4',
    publicIPAllocationMethod: 'Dynamic',
    idleTimeoutInMinutes: IDLE_MINUTES,
    ...propertiesOf(resource.body),
    ...(ipAddress !== undefined && { ipAddress }),
    ...(id !== undefined && { ipConfiguration: { id } }),
  }
}

/** The IP configuration that an address is of. */
async function configurationOf({ resources }: NetworkOptions, address: string): Promise<string | undefined> {
  for (const user of resources.usersOf(address)) {
    const gateway = await resources.read(user)
    const entry = entriesAt(gateway?.body ?? {}, 'properties.ipConfigurations').find(each => {
      const id = valueAt(each, 'properties.publicIPAddress.id')
      return typeof id === 'string' && isSameId(id, address)
    })
    const { name }: Body = entry ?? {}
    if (gateway && entry) return `${gateway.id}/ipConfigurations/${String(name)}`
  }
  return undefined
}
