import {
  type AuthenticationType,
  type GatewayGeneration,
  quote,
  SKU_NAMES,
  skuLimits,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { TunnelType } from '../authentication/identity.ts'
import type { SessionLimits } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

const GENERATIONS: readonly GatewayGeneration[] = ['None', 'Generation1', 'Generation2']

const NO_SESSIONS: SessionLimits = { sstp: 0, ikev2OpenVpn: 0 }

/** Most sessions that the SKU allows; no limit is the largest number. */
export function readSessionLimits(
  properties: VirtualNetworkGateway['properties'],
  tunnels: ReadonlySet<TunnelType>,
  types: ReadonlySet<AuthenticationType>,
  report: Report,
): SessionLimits {
  const generation = readGeneration(properties.vpnGatewayGeneration, report)
  const name = properties.sku?.name
  if (name === undefined) {
    report('properties.sku.name', 'is missing', `give one of ${SKU_NAMES.join(', ')}`)
    return NO_SESSIONS
  }
  const limits = skuLimits(name, generation)
  if (!limits) {
    const where = generation === 'None' ? '' : ` of ${generation}`
    report(
      'properties.sku.name',
      `${quote(name)} is not a VPN SKU${where}`,
      `use one of ${SKU_NAMES.join(', ')}`,
    )
    return NO_SESSIONS
  }
  if (types.has('Radius') && !limits.radius)
    report('properties.sku.name', `${name} has no RADIUS`, 'use VpnGw1 or above, or Unlimited')
  const { sstpSessions: sstp = UNLIMITED, ikev2OpenVpnSessions: ikev2OpenVpn = UNLIMITED } = limits
  const lacking =
    ikev2OpenVpn > 0
      ? []
      : ([
          ['IkeV2', 'IKEv2'],
          ['OpenVPN', 'OpenVPN'],
        ] as const)
  for (const [tunnel, title] of lacking)
    if (tunnels.has(tunnel))
      report('properties.sku.name', `${name} has no ${title}`, 'use VpnGw1 or above, or Unlimited')
  return { sstp, ikev2OpenVpn }
}

const UNLIMITED = Number.MAX_SAFE_INTEGER

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
