/** `vpnGatewayGeneration`. */
export type GatewayGeneration = 'None' | 'Generation1' | 'Generation2'

/** What a SKU may lack, and how messages call it. */
export const SKU_FEATURES = {
  ikev2: 'IKEv2',
  openvpn: 'OpenVPN',
  radius: 'RADIUS',
  ipv6: 'IPv6',
  bgp: 'BGP',
  customPolicy: 'custom IPsec policies',
  policyGroups: 'policy groups',
  activeActive: 'active-active mode',
  certificateConnections: 'site-to-site certificate authentication',
} as const
export type SkuFeature = keyof typeof SKU_FEATURES

/** What a gateway SKU allows: a row of the seed's table of gateway SKUs. */
export interface SkuLimits {
  readonly name: string
  /** `None`: of no generation. */
  readonly generation: GatewayGeneration
  /** S2S and VNet-to-VNet tunnels; absent: no limit of the SKU. */
  readonly tunnels?: number
  /** Sessions over SSTP at once; absent: no limit of the SKU. */
  readonly sstpSessions?: number
  /** Sessions over IKEv2 and OpenVPN at once; 0: not supported; absent: no limit of the SKU. */
  readonly ikev2OpenVpnSessions?: number
  /** Aggregate throughput benchmark in Mbit/s; absent: not stated. */
  readonly benchmarkMbps?: number
  readonly bgp: boolean
  readonly zoneRedundant: boolean
  /** Virtual machines that the network may have; absent: not stated. Told, not enforced. */
  readonly virtualMachines?: number
  /** What it has not. */
  readonly lacks: readonly SkuFeature[]
}

/** The seed: BGP, IKEv2 and with it OpenVPN, IPv6, RADIUS, S2S certificates; facts §8 and §5: the others. */
const BASIC_LACKS: readonly SkuFeature[] = [
  'ikev2',
  'openvpn',
  'radius',
  'ipv6',
  'bgp',
  'customPolicy',
  'policyGroups',
  'activeActive',
  'certificateConnections',
]

/** The seed's table, row by row: S2S tunnels, SSTP, IKEv2 and OpenVPN, Mbit/s, zone-redundant, virtual machines. */
const ROWS = [
  ['Generation1', 'Basic', 10, 128, 0, 100, false, 200],
  ['Generation1', 'VpnGw1', 30, 128, 250, 650, false, 450],
  ['Generation1', 'VpnGw2', 30, 128, 500, 1_000, false, 1_300],
  ['Generation1', 'VpnGw3', 30, 128, 1_000, 1_250, false, 4_000],
  ['Generation1', 'VpnGw1AZ', 30, 128, 250, 650, true, 1_000],
  ['Generation1', 'VpnGw2AZ', 30, 128, 500, 1_000, true, 2_000],
  ['Generation1', 'VpnGw3AZ', 30, 128, 1_000, 1_250, true, 5_000],
  ['Generation2', 'VpnGw2', 30, 128, 500, 1_250, false, 685],
  ['Generation2', 'VpnGw3', 30, 128, 1_000, 2_500, false, 2_240],
  ['Generation2', 'VpnGw4', 100, 128, 5_000, 5_000, false, 5_300],
  ['Generation2', 'VpnGw5', 100, 128, 10_000, 10_000, false, 6_700],
  ['Generation2', 'VpnGw2AZ', 30, 128, 500, 1_250, true, 2_000],
  ['Generation2', 'VpnGw3AZ', 30, 128, 1_000, 2_500, true, 3_300],
  ['Generation2', 'VpnGw4AZ', 100, 128, 5_000, 5_000, true, 4_400],
  ['Generation2', 'VpnGw5AZ', 100, 128, 10_000, 10_000, true, 9_000],
] as const

/** Ours: no limit but the machine's and the address pool's. The quick start uses it. */
const UNLIMITED: SkuLimits = {
  name: 'Unlimited',
  generation: 'None',
  bgp: true,
  zoneRedundant: false,
  lacks: [],
}

/** Every SKU of a VPN gateway: the seed's rows in its order, ours last. */
export const SKUS: readonly SkuLimits[] = [
  ...ROWS.map(
    ([generation, name, tunnels, sstp, ikev2OpenVpnSessions, benchmarkMbps, zoneRedundant, machines]) => ({
      name,
      generation,
      tunnels,
      sstpSessions: sstp,
      ikev2OpenVpnSessions,
      benchmarkMbps,
      bgp: name !== 'Basic',
      zoneRedundant,
      virtualMachines: machines,
      lacks: name === 'Basic' ? BASIC_LACKS : [],
    }),
  ),
  UNLIMITED,
]

/** The SKU names that the gateway takes, in the seed's order, ours last. */
export const SKU_NAMES: readonly string[] = skuNames('None')

/** The SKU names of a generation; `None`: of both. Ours goes with either. */
export function skuNames(generation: GatewayGeneration): readonly string[] {
  const own = SKUS.filter(sku => isOf(sku, generation)).map(({ name }) => name)
  return [...new Set(own)]
}

/**
 * The limits of a SKU, its name in any case. Without a generation, names that both generations
 * have mean the first. `undefined`: there is no such SKU in that generation.
 */
export function skuLimits(name: string, generation: GatewayGeneration = 'None'): SkuLimits | undefined {
  const wanted = name.toLowerCase()
  return SKUS.find(sku => sku.name.toLowerCase() === wanted && isOf(sku, generation))
}

function isOf(sku: SkuLimits, generation: GatewayGeneration): boolean {
  return generation === 'None' || sku.generation === 'None' || sku.generation === generation
}
