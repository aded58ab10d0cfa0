import { describe, expect, it } from 'vitest'
import { SKU_NAMES, skuLimits } from './sku-table.ts'

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
  })

  it('knows every name that it lists, and no other', () => {
    expect(SKU_NAMES.filter(name => skuLimits(name) === undefined)).toEqual([])
    expect(skuLimits('ErGw1AZ')).toBeUndefined()
    expect(skuLimits('constructor')).toBeUndefined()
  })
})
