/** What a gateway SKU allows. Figures: the seed's table of gateway SKUs. */
export interface SkuLimits {
  /** Sessions over SSTP at once; absent: no limit of the SKU. */
  readonly sstpSessions?: number
  /** Sessions over IKEv2 and OpenVPN at once; 0: not supported; absent: no limit of the SKU. */
  readonly ikev2OpenVpnSessions?: number
  /** S2S and VNet-to-VNet tunnels; absent: no limit of the SKU. */
  readonly tunnels?: number
  /** Aggregate throughput benchmark in Mbit/s; absent: not stated. Informative, not enforced. */
  readonly benchmarkMbps?: number
  readonly bgp: boolean
  readonly zoneRedundant: boolean
  readonly ipv6: boolean
  readonly radius: boolean
}

const small = { sstpSessions: 128, ipv6: true, radius: true, bgp: true } as const
const perTunnel30 = { ...small, tunnels: 30 } as const
const perTunnel100 = { ...small, tunnels: 100 } as const

/** Generation 1 of VPN gateways. */
const GENERATION_1 = {
  Basic: {
    sstpSessions: 128,
    ikev2OpenVpnSessions: 0,
    tunnels: 10,
    benchmarkMbps: 100,
    bgp: false,
    zoneRedundant: false,
    ipv6: false,
    radius: false,
  },
  VpnGw1: { ...perTunnel30, ikev2OpenVpnSessions: 250, benchmarkMbps: 650, zoneRedundant: false },
  VpnGw2: { ...perTunnel30, ikev2OpenVpnSessions: 500, benchmarkMbps: 1000, zoneRedundant: false },
  VpnGw3: { ...perTunnel30, ikev2OpenVpnSessions: 1000, benchmarkMbps: 1250, zoneRedundant: false },
  VpnGw1AZ: { ...perTunnel30, ikev2OpenVpnSessions: 250, benchmarkMbps: 650, zoneRedundant: true },
  VpnGw2AZ: { ...perTunnel30, ikev2OpenVpnSessions: 500, benchmarkMbps: 1000, zoneRedundant: true },
  VpnGw3AZ: { ...perTunnel30, ikev2OpenVpnSessions: 1000, benchmarkMbps: 1250, zoneRedundant: true },
} as const satisfies Record<string, SkuLimits>

/** Generation 2 of VPN gateways. */
const GENERATION_2 = {
  VpnGw2: { ...perTunnel30, ikev2OpenVpnSessions: 500, benchmarkMbps: 1250, zoneRedundant: false },
  VpnGw3: { ...perTunnel30, ikev2OpenVpnSessions: 1000, benchmarkMbps: 2500, zoneRedundant: false },
  VpnGw4: { ...perTunnel100, ikev2OpenVpnSessions: 5000, benchmarkMbps: 5000, zoneRedundant: false },
  VpnGw5: { ...perTunnel100, ikev2OpenVpnSessions: 10000, benchmarkMbps: 10000, zoneRedundant: false },
  VpnGw2AZ: { ...perTunnel30, ikev2OpenVpnSessions: 500, benchmarkMbps: 1250, zoneRedundant: true },
  VpnGw3AZ: { ...perTunnel30, ikev2OpenVpnSessions: 1000, benchmarkMbps: 2500, zoneRedundant: true },
  VpnGw4AZ: { ...perTunnel100, ikev2OpenVpnSessions: 5000, benchmarkMbps: 5000, zoneRedundant: true },
  VpnGw5AZ: { ...perTunnel100, ikev2OpenVpnSessions: 10000, benchmarkMbps: 10000, zoneRedundant: true },
} as const satisfies Record<string, SkuLimits>

/** Ours: no limit but the machine's and the address pool's. The quick start uses it. */
const UNLIMITED: SkuLimits = { bgp: true, zoneRedundant: false, ipv6: true, radius: true }

/** The SKU names that the gateway takes, in the seed's order, ours last. */
export const SKU_NAMES: readonly string[] = [
  ...new Set([...Object.keys(GENERATION_1), ...Object.keys(GENERATION_2)]),
  'Unlimited',
]

/** `vpnGatewayGeneration`. */
export type GatewayGeneration = 'None' | 'Generation1' | 'Generation2'

/**
 * The limits of a SKU, its name in any case. Without a generation, names that both generations
 * have mean the first. `undefined`: there is no such SKU in that generation.
 */
export function skuLimits(name: string, generation: GatewayGeneration = 'None'): SkuLimits | undefined {
  const wanted = name.toLowerCase()
  if (wanted === 'unlimited') return UNLIMITED
  const first = byName(GENERATION_1, wanted)
  const second = byName(GENERATION_2, wanted)
  if (generation === 'Generation1') return first
  if (generation === 'Generation2') return second
  return first ?? second
}

function byName(table: Readonly<Record<string, SkuLimits>>, wanted: string): SkuLimits | undefined {
  return Object.entries(table).find(([name]) => name.toLowerCase() === wanted)?.[1]
}
