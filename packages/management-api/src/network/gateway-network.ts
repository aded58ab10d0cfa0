import type { GatewayNetwork } from '@causeway/gateway'
import type { Body } from '../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import { isSameId, networkIdsOf, textsAt } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'
import { publicAddressOf } from './public-address.ts'

/**
 * The network that a gateway is in, with its public addresses. `undefined`: it names none. Errors: `ResourceServerError`
 * `InvalidResourceReference` for a network that is not there.
 *
 * @param changed a virtual network or a public IP address that is to be so, in place of what is applied of it
 */
export async function networkOf(
  options: Pick<NetworkOptions, 'resources' | 'gateway'>,
  body: Body,
  changed?: ServedResource,
): Promise<GatewayNetwork | undefined> {
  const [id] = networkIdsOf(body)
  if (id === undefined) return undefined
  const network = await resourceAt(options, id, changed)
  if (!network)
    throw new ResourceServerError(
      'InvalidResourceReference',
      `The virtual network ${id} is not there; make it first, or name another one.`,
      'properties.ipConfigurations',
    )
  const publicAddresses = await publicAddressesOf(options, body, changed)
  return { ...networkFrom(network.body), ...(publicAddresses.length > 0 && { publicAddresses }) }
}

/** What of a virtual network matters to a gateway in it. */
export function networkFrom(body: Body): Omit<GatewayNetwork, 'publicAddresses'> {
  return {
    addressPrefixes: textsAt(body, 'properties.addressSpace.addressPrefixes'),
    dnsServers: textsAt(body, 'properties.dhcpOptions.dnsServers'),
  }
}

/** Ids of a gateway's public IP addresses, in the order of its IP configurations. */
export function publicAddressIdsOf(body: Body): readonly string[] {
  return entriesAt(body, 'properties.ipConfigurations').flatMap(entry => {
    const id = valueAt(entry, 'properties.publicIPAddress.id')
    return typeof id === 'string' ? [id] : []
  })
}

async function publicAddressesOf(
  options: Pick<NetworkOptions, 'resources' | 'gateway'>,
  body: Body,
  changed: ServedResource | undefined,
): Promise<readonly string[]> {
  const addresses: string[] = []
  for (const id of publicAddressIdsOf(body)) {
    const address = await resourceAt(options, id, changed)
    const text = address && publicAddressOf(options, address.body)
    // Two that are not told apart are one place: a tunnel is not dialled twice from it.
    if (text !== undefined && !addresses.includes(text)) addresses.push(text)
  }
  return addresses
}

async function resourceAt(
  { resources }: Pick<NetworkOptions, 'resources'>,
  id: string,
  changed: ServedResource | undefined,
): Promise<Pick<ServedResource, 'body'> | undefined> {
  return changed && isSameId(changed.id, id) ? changed : resources.running(id)
}
