import {
  GATEWAY_GENERATIONS,
  type VirtualNetworkGateway,
  VPN_TYPES,
} from '../arm/schema/virtual-network-gateway.ts'
import { canonicalName } from '../client-protocol.ts'
import { quote } from '../document-fault.ts'
import { judgeFeatures } from './gateway-features.ts'
import { judgeNetwork } from './gateway-network.ts'
import { judgeResize, RESIZE_REASONS, resizesOf } from './resize.ts'
import { faultsOf, type SkuFault, type TakeFault } from './sku-fault.ts'
import { type GatewayGeneration, type SkuLimits, skuLimits, skuNames } from './sku-table.ts'

const SKU = 'properties.sku.name'
const ANEW = 'or delete the gateway and create it anew'

/**
 * Judges a gateway by its SKU and its kind: every rule of the seed's SKU table and of what goes with it, all faults
 * and not only the first.
 *
 * @param former the gateway as it was: some changes need a new one. Absent: it is new.
 */
export function judgeSku(
  gateway: VirtualNetworkGateway,
  former?: VirtualNetworkGateway,
): readonly SkuFault[] {
  return faultsOf(take => {
    const generation = judgeGeneration(gateway, take)
    const sku = judgeName(gateway, generation, take)
    judgeKind(gateway, sku, take)
    if (sku) judgeFeatures(gateway, sku, take)
    judgeNetwork(gateway, take)
    if (former) judgeChange(gateway, former, sku, take)
  })
}

/** The limits of a gateway's SKU. `undefined`: it has none that there is. */
export function skuOf({ properties }: VirtualNetworkGateway): SkuLimits | undefined {
  const { sku, vpnGatewayGeneration: generation } = properties
  return sku?.name === undefined
    ? undefined
    : skuLimits(sku.name, canonicalName(GATEWAY_GENERATIONS, generation ?? 'None') ?? 'None')
}

function judgeGeneration({ properties }: VirtualNetworkGateway, take: TakeFault): GatewayGeneration {
  const text = properties.vpnGatewayGeneration ?? 'None'
  const generation = canonicalName(GATEWAY_GENERATIONS, text)
  if (!generation) {
    const path = 'properties.vpnGatewayGeneration'
    const allowed = GATEWAY_GENERATIONS
    take('generation', path, `${quote(text)} is not known`, `use ${allowed.join(', ')}`, allowed)
  }
  return generation ?? 'None'
}

function judgeName(
  gateway: VirtualNetworkGateway,
  generation: GatewayGeneration,
  take: TakeFault,
): SkuLimits | undefined {
  const { name, tier } = gateway.properties.sku ?? {}
  const allowed = skuNames(generation)
  if (name === undefined) {
    take('sku', SKU, 'is missing', `give one of ${allowed.join(', ')}`, allowed)
    return undefined
  }
  const sku = skuLimits(name, generation)
  const where = generation === 'None' ? '' : ` of ${generation}`
  if (!sku)
    take('sku', SKU, `${quote(name)} is not a VPN SKU${where}`, `use one of ${allowed.join(', ')}`, allowed)
  else if (tier !== undefined && tier.toLowerCase() !== name.toLowerCase())
    take('tier', 'properties.sku.tier', `${quote(tier)} is not the tier of ${sku.name}`, `use ${sku.name}`, [
      sku.name,
    ])
  return sku
}

/** Point-to-site needs a route-based VPN gateway (the seed); Basic alone is had policy-based (facts §8). */
function judgeKind({ properties }: VirtualNetworkGateway, sku: SkuLimits | undefined, take: TakeFault): void {
  const { gatewayType = 'Vpn', vpnType = 'RouteBased', vpnClientConfiguration } = properties
  if (gatewayType.toLowerCase() !== 'vpn')
    take('gateway-type', 'properties.gatewayType', `${gatewayType} is not a VPN gateway`, 'use Vpn', ['Vpn'])
  const type = canonicalName(VPN_TYPES, vpnType)
  if (type === 'RouteBased') return
  const path = 'properties.vpnType'
  const fault = (problem: string): void => take('vpn-type', path, problem, 'use RouteBased', ['RouteBased'])
  if (!type) fault(`${quote(vpnType)} is not known`)
  else if (vpnClientConfiguration) fault(`${type} cannot serve point-to-site clients`)
  else if (sku && sku.name !== 'Basic')
    fault(`${type} cannot be had with the SKU ${sku.name}, only with Basic`)
}

function judgeChange(
  gateway: VirtualNetworkGateway,
  former: VirtualNetworkGateway,
  sku: SkuLimits | undefined,
  take: TakeFault,
): void {
  for (const [property, usual] of IMMUTABLE) {
    const [then, now] = [former.properties[property] ?? usual, gateway.properties[property] ?? usual]
    if (then.toLowerCase() === now.toLowerCase()) continue
    const problem = `${quote(then)} cannot become ${quote(now)}`
    take('immutable', `properties.${property}`, problem, `keep ${then}, ${ANEW}`, [then])
  }
  const from = skuOf(former)
  const verdict = from && sku ? judgeResize(from, sku) : undefined
  if (!from || !sku || verdict?.type !== 'refused') return
  const allowed = [...new Set(resizesOf(from).map(({ name }) => name))]
  const [one, other] = namesApart(from, sku)
  const problem = `${one} cannot become ${other}: ${RESIZE_REASONS[verdict.reason]}`
  take('resize', SKU, problem, `use one of ${allowed.join(', ')}, ${ANEW}`, allowed)
}

/** What a gateway is for good, and what it is unless it says. */
const IMMUTABLE = [
  ['gatewayType', 'Vpn'],
  ['vpnType', 'RouteBased'],
] as const

/** Names that both generations have are told apart by them. */
function namesApart(one: SkuLimits, other: SkuLimits): readonly [string, string] {
  if (one.name !== other.name) return [one.name, other.name]
  return [`${one.name} of ${one.generation}`, `${other.name} of ${other.generation}`]
}
