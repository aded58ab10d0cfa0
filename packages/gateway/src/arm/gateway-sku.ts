import { judgeSku, skuOf, type VirtualNetworkGateway } from '@causeway/api-contract'
import type { SessionLimits } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

const UNLIMITED = Number.MAX_SAFE_INTEGER

/** Reports what of a gateway does not go with its SKU, its kind or its IP configurations. */
export function checkSku(resource: VirtualNetworkGateway, report: Report): void {
  for (const { path, problem, remedy } of judgeSku(resource)) report(path, problem, remedy)
}

/** Most sessions that the SKU allows; no limit is the largest number. A SKU that there is not allows none. */
export function sessionLimitsOf(resource: VirtualNetworkGateway): SessionLimits {
  const limits = skuOf(resource)
  if (!limits) return { sstp: 0, ikev2OpenVpn: 0 }
  const { sstpSessions: sstp = UNLIMITED, ikev2OpenVpnSessions: ikev2OpenVpn = UNLIMITED } = limits
  return { sstp, ikev2OpenVpn }
}
