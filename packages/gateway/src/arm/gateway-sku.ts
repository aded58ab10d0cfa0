import {
  type CompleteGatewaySettings,
  judgeSku,
  skuOf,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { GatewayConfiguration, SessionLimits } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

const UNLIMITED = Number.MAX_SAFE_INTEGER

/** Reports what of a gateway does not go with its SKU, its kind or its IP configurations. */
export function checkSku(resource: VirtualNetworkGateway, report: Report): void {
  for (const { path, problem, remedy } of judgeSku(resource)) report(path, problem, remedy)
}

const BYTES_PER_MEGABIT = 125_000

/** What the SKU carries, where the settings hold it to that. */
export function throughputOf(
  resource: VirtualNetworkGateway,
  { limits }: CompleteGatewaySettings,
): Pick<GatewayConfiguration, 'throughputBytesPerSecond'> {
  const megabits = limits.throughput === 'sku' ? skuOf(resource)?.benchmarkMbps : undefined
  return megabits === undefined ? {} : { throughputBytesPerSecond: megabits * BYTES_PER_MEGABIT }
}

/** Most sessions that the SKU allows; no limit is the largest number. A SKU that there is not allows none. */
export function sessionLimitsOf(resource: VirtualNetworkGateway): SessionLimits {
  const limits = skuOf(resource)
  if (!limits) return { sstp: 0, ikev2OpenVpn: 0 }
  const { sstpSessions: sstp = UNLIMITED, ikev2OpenVpnSessions: ikev2OpenVpn = UNLIMITED } = limits
  return { sstp, ikev2OpenVpn }
}
