import type { ManagementPlace } from '../harness/management.ts'

/** Where everything is. */
export const LOCATION = 'local'
/** The network behind the gateway: the inside host of the topology is in it. */
export const NETWORK_SPACE = '10.1.0.0/16'
export const GATEWAY_PREFIX = '10.1.255.0/27'
export const DNS_SERVER = '10.1.0.4'
export const POOL = '172.16.201.0/24'

/** Ids and bodies of one resource group, as the SDKs have them: without `properties`. */
export class LifeBodies {
  readonly group: string
  readonly #prefix: string

  constructor({ subscriptionId }: ManagementPlace, group: string) {
    this.group = group
    this.#prefix = `/subscriptions/${subscriptionId}/resourceGroups/${group}`
  }

  /** Path of the group, for calls that no SDK here has. */
  get groupPath(): string {
    return `${this.#prefix}?api-version=2021-04-01`
  }

  id(type: string, name: string, provider = 'Microsoft.Network'): string {
    return `${this.#prefix}/providers/${provider}/${type}/${name}`
  }

  network(changes: object = {}): object {
    return {
      location: LOCATION,
      addressSpace: { addressPrefixes: [NETWORK_SPACE] },
      dhcpOptions: { dnsServers: [DNS_SERVER] },
      subnets: [{ name: 'GatewaySubnet', addressPrefix: GATEWAY_PREFIX }],
      ...changes,
    }
  }

  publicAddress(): object {
    return { location: LOCATION, sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static' }
  }

  /** A VpnGw1 in the network `net` with the address `pip`. */
  gateway(changes: object = {}): object {
    return {
      location: LOCATION,
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      sku: { name: 'VpnGw1', tier: 'VpnGw1' },
      ipConfigurations: [this.configuration()],
      ...changes,
    }
  }

  configuration(network = 'net', subnet = 'GatewaySubnet', address = 'pip'): object {
    return {
      name: 'default',
      subnet: { id: `${this.id('virtualNetworks', network)}/subnets/${subnet}` },
      publicIPAddress: { id: this.id('publicIPAddresses', address) },
    }
  }

  localGateway(changes: object = {}): object {
    return {
      location: LOCATION,
      gatewayIpAddress: '203.0.113.1',
      localNetworkAddressSpace: { addressPrefixes: ['192.168.7.0/24'] },
      ...changes,
    }
  }

  /** Between the gateway `gw` and the site `lng`. */
  connection(changes: object = {}): object {
    return {
      location: LOCATION,
      connectionType: 'IPsec',
      virtualNetworkGateway1: { id: this.id('virtualNetworkGateways', 'gw') },
      localNetworkGateway2: { id: this.id('localNetworkGateways', 'lng') },
      ...changes,
    }
  }
}

/** Clients that sign in with certificates of a root, over OpenVPN and IKEv2. */
export function clientConfiguration(root: string, changes: object = {}): object {
  return {
    vpnClientAddressPool: { addressPrefixes: [POOL] },
    vpnClientProtocols: ['IkeV2', 'OpenVPN'],
    vpnAuthenticationTypes: ['Certificate'],
    vpnClientRootCertificates: [{ name: 'root', publicCertData: root }],
    ...changes,
  }
}
