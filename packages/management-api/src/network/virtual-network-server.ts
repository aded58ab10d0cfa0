import { type DocumentFault, GATEWAY_SUBNET, quote } from '@causeway/api-contract'
import { formatIpPrefix, parseIpAddress } from '@causeway/wire'
import type { Body } from '../resources/document.ts'
import type { ResourceChange, ResourceServer, ServedResource } from '../resources/resource-server.ts'
import { entriesAt, valueAt } from '../resources/schema-paths.ts'
import {
  isInside,
  judgeApart,
  type NamedPrefix,
  readNamedPrefix,
  readNamedPrefixes,
} from './address-space.ts'
import { isSameId, networkIdsOf, textsAt } from './gateway-resource.ts'
import type { NetworkOptions } from './network-options.ts'
import { applyAround, judgeAround } from './surroundings.ts'

const SPACE = 'properties.addressSpace.addressPrefixes'
const DNS = 'properties.dhcpOptions.dnsServers'
const SUBNETS = 'properties.subnets'
/** Smallest subnet for gateways (Azure). */
const GATEWAY_SUBNET_BITS = { 4: 29, 6: 64 } as const

/** What stands behind `Microsoft.Network/virtualNetworks`: the network of the gateway that is in it. */
export function virtualNetworkServer(options: NetworkOptions): ResourceServer {
  return {
    isQuick: true,
    check: async next => {
      const faults = networkFaults(next.body)
      return faults.length > 0 ? faults : judgeAround(options, isAround, next, SPACE)
    },
    apply: change => applyChange(options, change),
  }
}

/** The gateway in a network has what the network has. */
async function applyChange(options: NetworkOptions, change: ResourceChange): Promise<void> {
  // It is not removed while a gateway is in it.
  if (change.type === 'put') await applyAround(options, isAround, change.next)
}

/** Whether a gateway is in a network. */
function isAround(gateway: Body, { id }: Pick<ServedResource, 'id'>): boolean {
  return networkIdsOf(gateway).some(other => isSameId(other, id))
}

function networkFaults(body: Body): readonly DocumentFault[] {
  const faults: DocumentFault[] = []
  const texts = textsAt(body, SPACE)
  if (texts.length === 0)
    faults.push({ path: SPACE, problem: 'is empty', remedy: 'give a prefix, as 10.1.0.0/16' })
  const spaces = readNamedPrefixes(texts, SPACE, faults)
  judgeApart(spaces, faults)
  for (const [i, text] of textsAt(body, DNS).entries())
    if (!parseIpAddress(text))
      faults.push({
        path: `${DNS}[${i}]`,
        problem: `${quote(text)} is not an IP address`,
        remedy: 'give the address of a DNS server, as 10.1.0.4',
      })
  judgeApart(
    entriesAt(body, SUBNETS).flatMap((subnet, i) => subnetPrefixes(subnet, i, spaces, faults)),
    faults,
  )
  return faults
}

function subnetPrefixes(
  subnet: Body,
  index: number,
  spaces: readonly NamedPrefix[],
  faults: DocumentFault[],
): readonly NamedPrefix[] {
  const path = `${SUBNETS}[${index}].properties`
  const one = valueAt(subnet, 'properties.addressPrefix')
  const prefixes = [
    ...(typeof one === 'string' ? readNamedPrefix(one, `${path}.addressPrefix`, faults) : []),
    ...readNamedPrefixes(
      textsAt(subnet, 'properties.addressPrefixes').filter(text => text !== one),
      `${path}.addressPrefixes`,
      faults,
    ),
  ]
  if (typeof one !== 'string' && textsAt(subnet, 'properties.addressPrefixes').length === 0)
    faults.push({ path: `${path}.addressPrefix`, problem: 'is missing', remedy: 'give one, as 10.1.1.0/24' })
  const { name } = subnet
  for (const prefix of prefixes) judgeSubnetPrefix(prefix, String(name), spaces, faults)
  return prefixes
}

function judgeSubnetPrefix(
  { path, prefix }: NamedPrefix,
  name: string,
  spaces: readonly NamedPrefix[],
  faults: DocumentFault[],
): void {
  const text = formatIpPrefix(prefix)
  if (!isInside(prefix, spaces))
    faults.push({
      path,
      problem: `${text} is not in the address space of the network`,
      remedy: `give a prefix within ${spaces.map(space => formatIpPrefix(space.prefix)).join(', ') || SPACE}`,
    })
  const longest = GATEWAY_SUBNET_BITS[prefix.address.family]
  if (name.toLowerCase() === GATEWAY_SUBNET.toLowerCase() && prefix.length > longest)
    faults.push({
      path,
      problem: `${text} is too small for ${GATEWAY_SUBNET}`,
      remedy: `give a /${longest} or larger`,
    })
}
