import type { NetworkInterfaceInfo } from 'node:os'
import {
  formatIpPrefix,
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

/** The machine's own addresses that others can reach, IPv4 first: what clients are told to connect to. */
export function reachableAddresses(interfaces: Interfaces): string[] {
  const addresses = realAddresses(interfaces).filter(({ address }) => {
    const parsed = parseIpAddress(address)
    return parsed !== undefined && !LINK_LOCAL.some(range => prefixContains(range, parsed))
  })
  const ofFamily = (family: string) => addresses.filter(entry => entry.family === family)
  return [...ofFamily('IPv4'), ...ofFamily('IPv6')].map(({ address }) => address)
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
