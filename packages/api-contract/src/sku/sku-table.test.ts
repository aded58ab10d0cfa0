import { describe, expect, it } from 'vitest'
import { SKU_FEATURES, SKU_NAMES, SKUS, skuLimits, skuNames } from './sku-table.ts'

/** The seed's table as it is printed there; tunnels, SSTP, IKEv2 and OpenVPN, throughput, BGP, zones, machines. */
const SEED = `
Generation1 Basic Max. 10 Max. 128 Not Supported 100 Mbps Not Supported No 200
Generation1 VpnGw1 Max. 30 Max. 128 Max. 250 650 Mbps Supported No 450
Generation1 VpnGw2 Max. 30 Max. 128 Max. 500 1 Gbps Supported No 1300
Generation1 VpnGw3 Max. 30 Max. 128 Max. 1000 1.25 Gbps Supported No 4000
Generation1 VpnGw1AZ Max. 30 Max. 128 Max. 250 650 Mbps Supported Yes 1000
Generation1 VpnGw2AZ Max. 30 Max. 128 Max. 500 1 Gbps Supported Yes 2000
Generation1 VpnGw3AZ Max. 30 Max. 128 Max. 1000 1.25 Gbps Supported Yes 5000
Generation2 VpnGw2 Max. 30 Max. 128 Max. 500 1.25 Gbps Supported No 685
Generation2 VpnGw3 Max. 30 Max. 128 Max. 1000 2.5 Gbps Supported No 2240
Generation2 VpnGw4 Max. 100* Max. 128 Max. 5000 5 Gbps Supported No 5300
Generation2 VpnGw5 Max. 100* Max. 128 Max. 10000 10 Gbps Supported No 6700
Generation2 VpnGw2AZ Max. 30 Max. 128 Max. 500 1.25 Gbps Supported Yes 2000
Generation2 VpnGw3AZ Max. 30 Max. 128 Max. 1000 2.5 Gbps Supported Yes 3300
Generation2 VpnGw4AZ Max. 100* Max. 128 Max. 5000 5 Gbps Supported Yes 4400
Generation2 VpnGw5AZ Max. 100* Max. 128 Max. 10000 10 Gbps Supported Yes 9000`

const rows = SEED.trim()
  .split('\n')
  .map(line => {
    const [, generation, name, tunnels, sstp, most, speed, unit, bgp, zones, machines] =
      /^(\w+) (\w+) Max\. (\d+)\*? Max\. (\d+) (?:Max\. (\d+)|Not Supported) ([\d.]+) (\w)bps (Not )?Supported (\w+) (\d+)$/.exec(
        line,
      ) ?? []
    return {
      generation,
      name,
      tunnels: Number(tunnels),
      sstpSessions: Number(sstp),
      ikev2OpenVpnSessions: Number(most ?? 0),
      benchmarkMbps: Number(speed) * (unit === 'G' ? 1_000 : 1),
      bgp: bgp === undefined,
      zoneRedundant: zones === 'Yes',
      virtualMachines: Number(machines),
    }
  })

describe("the seed's table of SKUs", () => {
  it.each(rows)('$generation $name is as printed', row => {
    expect(
      SKUS.find(({ name, generation }) => name === row.name && generation === row.generation),
    ).toMatchObject(row)
  })

  it('is whole, and has ours after it', () => {
    expect(rows).toHaveLength(15)
    expect(SKUS.map(({ generation, name }) => `${generation} ${name}`)).toEqual([
      ...rows.map(({ generation, name }) => `${generation} ${name}`),
      'None Unlimited',
    ])
  })

  it('says that Basic alone lacks anything, and nothing of the rest twice', () => {
    const lacking = SKUS.filter(({ lacks }) => lacks.length > 0)
    expect(lacking.map(({ name }) => name)).toEqual(['Basic'])
    expect([...(lacking[0]?.lacks ?? [])].toSorted()).toEqual(Object.keys(SKU_FEATURES).toSorted())
    for (const { lacks, bgp } of SKUS) expect(lacks.includes('bgp')).toBe(!bgp)
  })
})

describe('Unlimited', () => {
  it('has no limit and lacks nothing, in any generation', () => {
    for (const generation of ['None', 'Generation1', 'Generation2'] as const)
      expect(skuLimits('unlimited', generation)).toEqual({
        name: 'Unlimited',
        generation: 'None',
        bgp: true,
        zoneRedundant: false,
        lacks: [],
      })
  })
})

describe('skuLimits', () => {
  it.each([
    ['VpnGw1', 'Generation1', 250],
    ['VpnGw2', 'Generation2', 500],
    ['VpnGw3AZ', 'Generation1', 1000],
    ['VpnGw5AZ', 'Generation2', 10000],
    ['vpngw4', 'None', 5000],
    ['Basic', 'Generation1', 0],
    ['Unlimited', 'Generation2', undefined],
  ] as const)('%s of %s allows %s IKEv2 and OpenVPN sessions', (name, generation, sessions) => {
    expect(skuLimits(name, generation)?.ikev2OpenVpnSessions).toBe(sessions)
  })

  it('knows generations apart', () => {
    expect(skuLimits('VpnGw1', 'Generation2')).toBeUndefined()
    expect(skuLimits('VpnGw4', 'Generation1')).toBeUndefined()
    expect(skuLimits('VpnGw2', 'Generation1')?.benchmarkMbps).toBe(1000)
    expect(skuLimits('VpnGw2', 'Generation2')?.benchmarkMbps).toBe(1250)
    expect(skuNames('Generation2')).not.toContain('Basic')
    expect(skuNames('Generation1')).toContain('Unlimited')
  })

  it('knows every name that it lists, and no other', () => {
    expect(SKU_NAMES).toHaveLength(12)
    expect(SKU_NAMES.filter(name => skuLimits(name) === undefined)).toEqual([])
    expect(skuLimits('ErGw1AZ')).toBeUndefined()
    expect(skuLimits('constructor')).toBeUndefined()
  })
})
