import {
  type GatewayGeneration,
  quote,
  SKU_NAMES,
  skuLimits,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { Report } from './configuration-fault.ts'

const GENERATIONS: readonly GatewayGeneration[] = ['None', 'Generation1', 'Generation2']

/** Most OpenVPN sessions that the SKU allows; no limit is the largest number. */
export function readSessionLimit(properties: VirtualNetworkGateway['properties'], report: Report): number {
  const generation = readGeneration(properties.vpnGatewayGeneration, report)
  const name = properties.sku?.name
  if (name === undefined) {
    report('properties.sku.name', 'is missing', `give one of ${SKU_NAMES.join(', ')}`)
    return 0
  }
  const limits = skuLimits(name, generation)
  if (!limits) {
    const where = generation === 'None' ? '' : ` of ${generation}`
    report(
      'properties.sku.name',
      `${quote(name)} is not a VPN SKU${where}`,
      `use one of ${SKU_NAMES.join(', ')}`,
    )
    return 0
  }
  const sessions = limits.ikev2OpenVpnSessions ?? Number.MAX_SAFE_INTEGER
  if (sessions === 0)
    report('properties.sku.name', `${name} has no OpenVPN`, 'use VpnGw1 or above, or Unlimited')
  return sessions
}

function readGeneration(text: string | undefined, report: Report): GatewayGeneration {
  const generation = GENERATIONS.find(known => known.toLowerCase() === (text ?? 'None').toLowerCase())
  if (generation === undefined)
    report(
      'properties.vpnGatewayGeneration',
      `${quote(text ?? '')} is not known`,
      `use ${GENERATIONS.join(', ')}`,
    )
  return generation ?? 'None'
}
