import { createHash, randomUUID } from 'node:crypto'
import {
  DEFAULT_LISTENERS,
  type GatewaySettings,
  VIRTUAL_NETWORK_GATEWAY_TYPE,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import {
  formatIpPrefix,
  type IpPrefix,
  ipAddress,
  ipPrefix,
  parseIpPrefix,
  prefixesOverlap,
} from '@causeway/wire'
import { connectedPrivateNetworks, type Interfaces, reachableAddresses } from './connected-networks.ts'

/** What the gateway is called until somebody names it. */
export const GATEWAY_NAME = 'causeway'
/** The ARM name of the gateway's own root in its documents. */
export const OWN_ROOT_NAME = 'causeway-root'

/** IPv4 pools of the quick start: the first that no connected network overlaps. */
const IPV4_POOLS = ['172.16.201.0/24', '10.201.0.0/24', '192.168.201.0/24'] as const

/** Ours: the subnet of the installation's IPv6 prefix that clients get. */
const IPV6_SUBNET = 201

/** The first settings: the private networks that the machine is connected to lie inside. */
export function firstSettings(interfaces: Interfaces): GatewaySettings {
  return {
    hostNames: reachableAddresses(interfaces).slice(0, 4),
    insidePrefixes: connectedPrivateNetworks(interfaces).map(formatIpPrefix),
  }
}

/**
 * The first resource: IKEv2, OpenVPN and, where there is a TCP port for it, SSTP; certificates of our own
 * root, pools of both families.
 */
export function firstResource(
  id: string,
  rootCertificate: Uint8Array,
  { listeners = [...DEFAULT_LISTENERS] }: GatewaySettings,
  interfaces: Interfaces,
): VirtualNetworkGateway {
  const hasTcp = listeners.some(({ transport }) => transport === 'tcp')
  const resourceGuid = randomUUID()
  const connected = connectedPrivateNetworks(interfaces)
  const publicCertData = Buffer.from(rootCertificate).toString('base64')
  return {
    id,
    name: GATEWAY_NAME,
    type: VIRTUAL_NETWORK_GATEWAY_TYPE,
    location: 'local',
    properties: {
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      sku: { name: 'Unlimited', tier: 'Unlimited' },
      resourceGuid,
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: [ipv4Pool(connected), ipv6Pool(resourceGuid)] },
        vpnClientProtocols: ['IkeV2', ...(hasTcp ? ['SSTP'] : []), 'OpenVPN'],
        vpnAuthenticationTypes: ['Certificate'],
        vpnClientRootCertificates: [{ name: OWN_ROOT_NAME, properties: { publicCertData } }],
        vpnClientRevokedCertificates: [],
      },
    },
  }
}

/** The resource with other client prefixes. */
export function withAddressPool(
  resource: VirtualNetworkGateway,
  addressPrefixes: string[],
): VirtualNetworkGateway {
  const { properties } = resource
  const clients = { ...properties.vpnClientConfiguration, vpnClientAddressPool: { addressPrefixes } }
  return { ...resource, properties: { ...properties, vpnClientConfiguration: clients } }
}

/** An IPv6 prefix of the installation's own (RFC 4193 §3.2: 40 bits, here out of its GUID). */
export function ipv6Pool(resourceGuid: string): string {
  const digest = createHash('sha256').update(resourceGuid.toLowerCase()).digest()
  const bytes = new Uint8Array(16)
  bytes.set([0xfd, ...digest.subarray(0, 5), 0, IPV6_SUBNET])
  return formatIpPrefix(ipPrefix(ipAddress(bytes), 64))
}

function ipv4Pool(connected: readonly IpPrefix[]): string {
  const free = IPV4_POOLS.find(text => {
    const pool = parseIpPrefix(text)
    return pool !== undefined && !connected.some(network => prefixesOverlap(network, pool))
  })
  return free ?? IPV4_POOLS[0]
}
