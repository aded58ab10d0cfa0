import { type DocumentFault, quote } from '@causeway/api-contract'
import { parseIpAddress } from '@causeway/wire'
import { type Body, propertiesOf } from '../resources/document.ts'
import type { ResourceServer } from '../resources/resource-server.ts'
import { readNamedPrefixes } from './address-space.ts'
import { textsAt } from './gateway-resource.ts'

const SPACE = 'properties.localNetworkAddressSpace.addressPrefixes'
/** RFC 1123 §2.1: labels of letters, digits and hyphens. */
const DNS_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/

/** What stands behind `Microsoft.Network/localNetworkGateways`: rules, and nothing that runs. */
export function localGatewayServer(): ResourceServer {
  return { check: async ({ body }) => localGatewayFaults(body) }
}

function localGatewayFaults(body: Body): readonly DocumentFault[] {
  const faults: DocumentFault[] = [...addressFaults(body)]
  readNamedPrefixes(textsAt(body, SPACE), SPACE, faults)
  return faults
}

/** Azure: an address or a name, and not both. */
function addressFaults(body: Body): readonly DocumentFault[] {
  const { gatewayIpAddress: address, fqdn } = propertiesOf(body)
  const path = 'properties.gatewayIpAddress'
  const isAddress = typeof address === 'string' && address !== ''
  const isName = typeof fqdn === 'string' && fqdn !== ''
  if (isAddress === isName)
    return [
      {
        path,
        problem: isAddress ? 'is given, and so is properties.fqdn' : 'is missing, and so is properties.fqdn',
        remedy: 'give one of them',
      },
    ]
  if (isAddress && !parseIpAddress(address))
    return [{ path, problem: `${quote(address)} is not an IP address`, remedy: 'give one, as 203.0.113.7' }]
  if (isName && !DNS_NAME.test(fqdn))
    return [
      {
        path: 'properties.fqdn',
        problem: `${quote(fqdn)} is not a domain name`,
        remedy: 'give one, as vpn.example.org',
      },
    ]
  return []
}
