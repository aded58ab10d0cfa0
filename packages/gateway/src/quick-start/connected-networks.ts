import type { NetworkInterfaceInfo } from 'node:os'
import {
  formatIpAddress,
  formatIpPrefix,
  type IpAddress,
  type IpPrefix,
  ipPrefix,
  parseIpAddress,
  parseIpPrefix,
  prefixContains,
} from '@causeway/wire'

/** The machine's interfaces, as `os.networkInterfaces()` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Networks that are private: RFC 1918, and RFC 4193 for IPv6. */
const PRIVATE: readonly IpPrefix[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].flatMap(
  text => parseIpPrefix(text) ?? [],
)

const LINK_LOCAL: readonly IpPrefix[] = ['169.254.0.0/16', 'fe80::/10'].flatMap(
  text => parseIpPrefix(text) ?? [],
)

/** Interfaces of containers, virtual machines and tunnels: what lies there is not the site's network. */
const VIRTUAL = /^(docker|br-|veth|virbr|vnet|cni|flannel|cali|podman|lxc|lxd|tun|tap|wg|causeway)/

/** Private networks that the machine has an address in, each once. */
export function connectedPrivateNetworks(interfaces: Interfaces): IpPrefix[] {
  const networks = new Map<string, IpPrefix>()
  for (const { cidr } of realAddresses(interfaces)) {
    const network = networkOf(cidr)
    if (network && PRIVATE.some(range => prefixContains(range, network.address)))
      networks.set(formatIpPrefix(network), network)
  }
  return [...networks.values()]
}

/**
 * The machine's own addresses that others can reach: what clients are told to connect to. Public ones
 * come before private ones, which may be those of the inside; IPv4 comes before IPv6.
 */
export function reachableAddresses(interfaces: Interfaces): string[] {
  const addresses = realAddresses(interfaces)
    .flatMap(({ address }) => parseIpAddress(address) ?? [])
    .filter(address => !LINK_LOCAL.some(range => prefixContains(range, address)))
  const rank = (address: IpAddress): number =>
    (address.family === 4 ? 0 : 2) + (PRIVATE.some(range => prefixContains(range, address)) ? 1 : 0)
  return addresses.toSorted((a, b) => rank(a) - rank(b)).map(formatIpAddress)
}

function realAddresses(interfaces: Interfaces): NetworkInterfaceInfo[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal }) => !internal)
}

function networkOf(cidr: string | null): IpPrefix | undefined {
  const [text = '', length] = (cidr ?? '').split('/')
  const address = parseIpAddress(text)
  return address && length !== undefined ? ipPrefix(address, Number(length)) : undefined
}
