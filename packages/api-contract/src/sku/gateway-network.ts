import type { AddressSpace } from '../arm/schema/common.ts'
import type { VirtualNetworkGateway } from '../arm/schema/virtual-network-gateway.ts'
import { quote } from '../document-fault.ts'
import { POOL_LIMITS, type PoolLimits } from './pool-limits.ts'
import type { TakeFault } from './sku-fault.ts'

/** The one subnet that gateways may be in (Azure). */
export const GATEWAY_SUBNET = 'GatewaySubnet'
/** IP configurations that an active-active gateway needs at least: one for each instance (Azure). */
export const ACTIVE_ACTIVE_CONFIGURATIONS = 2

const CLIENTS = 'properties.vpnClientConfiguration'

/** Faults of IP configurations and of the sizes of pools. */
export function judgeNetwork(gateway: VirtualNetworkGateway, take: TakeFault): void {
  const { activeActive = false, ipConfigurations = [], vpnClientConfiguration } = gateway.properties
  if (activeActive && ipConfigurations.length < ACTIVE_ACTIVE_CONFIGURATIONS)
    take(
      'active-active',
      'properties.ipConfigurations',
      `holds ${ipConfigurations.length}, and an active-active gateway needs ${ACTIVE_ACTIVE_CONFIGURATIONS}`,
      `give ${ACTIVE_ACTIVE_CONFIGURATIONS}, each with a public IP address of its own, or set properties.activeActive to false`,
    )
  for (const [i, { properties }] of ipConfigurations.entries()) {
    const path = `properties.ipConfigurations[${i}].properties.subnet.id`
    judgeSubnet(properties?.subnet?.id, path, take)
  }
  const limits = activeActive ? POOL_LIMITS.activeActive : POOL_LIMITS.alone
  judgePool(vpnClientConfiguration?.vpnClientAddressPool, `${CLIENTS}.vpnClientAddressPool`, limits, take)
  const configurations = vpnClientConfiguration?.vngClientConnectionConfigurations ?? []
  for (const [i, { properties }] of configurations.entries()) {
    const path = `${CLIENTS}.vngClientConnectionConfigurations[${i}].properties.vpnClientAddressPool`
    judgePool(properties.vpnClientAddressPool, path, POOL_LIMITS.group, take)
  }
}

function judgeSubnet(id: string | undefined, path: string, take: TakeFault): void {
  const name = id?.split('/').at(-1)
  if (name === undefined || name.toLowerCase() === GATEWAY_SUBNET.toLowerCase()) return
  const problem = `${quote(name)} is not a subnet for gateways`
  take('gateway-subnet', path, problem, `use the subnet ${GATEWAY_SUBNET} of the virtual network`, [
    GATEWAY_SUBNET,
  ])
}

function judgePool(pool: AddressSpace | undefined, path: string, limits: PoolLimits, take: TakeFault): void {
  for (const text of pool?.addressPrefixes ?? []) {
    const longest = text.includes(':') ? limits.ipv6 : limits.ipv4
    const length = prefixLength(text)
    if (length !== undefined && length > longest)
      take('pool-size', `${path}.addressPrefixes`, `${text} is too small`, `give a /${longest} or larger`)
  }
}

/** Of a prefix or a single address. `undefined`: it is neither, which whoever reads the addresses reports. */
function prefixLength(text: string): number | undefined {
  const [, address = '', length] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  if (!/[.:]/.test(address)) return undefined
  const whole = address.includes(':') ? 128 : 32
  const bits = length === undefined ? whole : Number(length)
  return bits <= whole ? bits : undefined
}
