import { type DocumentFault, quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import { type Body, propertiesOf } from '../resources/document.ts'
import type { ResourceServer, ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import { isSameId } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'

/** Azure's default: minutes after which an idle flow is forgotten. Nothing here goes by it. */
const IDLE_MINUTES = 4

/** What stands behind `Microsoft.Network/publicIPAddresses`: an address by which the gateway is reached. */
export function publicAddressServer(options: NetworkOptions): ResourceServer {
  return {
    check: async ({ body }) => judgeAddress(body),
    view: resource => addressView(options, resource),
  }
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

/** As it was put; else the first address of its family by which the installation is reached. */
export function publicAddressOf(
  { gateway }: Pick<NetworkOptions, 'gateway'>,
  body: Body,
): string | undefined {
  const { ipAddress } = propertiesOf(body)
  if (typeof ipAddress === 'string') return ipAddress
  const family = familyOf(body)
  return gateway.settings().hostNames?.find(name => parseIpAddress(name)?.family === family)
}

function familyOf(body: Body): 4 | 6 {
  const { publicIPAddressVersion: version } = propertiesOf(body)
  return version === 'IPv6' ? 6 : 4
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
