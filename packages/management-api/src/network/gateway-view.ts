import { skuOf } from '@causeway/api-contract'
import { type Body, isObject, propertiesOf } from '../resources/document.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { entriesAt } from '../resources/schema-paths.ts'
import { gatewayOf } from './gateway-resource.ts'

/** Instances of a gateway as Azure counts them; also where one process does it all. */
const CAPACITY = 2
/** The AS number of Azure's gateways until they are given another (RFC 6996: private). */
const AZURE_ASN = 65_515

/** What ARM fills in of a gateway that its maker left out. */
export function gatewayView(resource: ServedResource): Body {
  const own = propertiesOf(resource.body)
  const sku = skuOf(gatewayOf(resource))
  const { sku: given, bgpSettings: bgp, ipConfigurations } = own
  const { name, ...rest }: Body = isObject(given) ? given : {}
  return {
    gatewayType: 'Vpn',
    vpnType: 'RouteBased',
    enableBgp: false,
    activeActive: false,
    enablePrivateIpAddress: false,
    disableIPSecReplayProtection: false,
    allowRemoteVnetTraffic: false,
    allowVirtualWanTraffic: false,
    // az lists the rules of what is there, and not of what is left out.
    natRules: [],
    ...own,
    vpnGatewayGeneration: sku?.generation ?? 'None',
    sku: { name, tier: name, ...rest, capacity: CAPACITY },
    bgpSettings: { asn: AZURE_ASN, peerWeight: 0, ...(isObject(bgp) && bgp) },
    ...(Array.isArray(ipConfigurations) && { ipConfigurations: configurationsOf(resource) }),
  }
}

function configurationsOf({ body }: ServedResource): readonly Body[] {
  return entriesAt(body, 'properties.ipConfigurations').map(entry => ({
    ...entry,
    properties: { privateIPAllocationMethod: 'Dynamic', ...propertiesOf(entry) },
  }))
}
