import { describe, expect, it } from 'vitest'
import { judgeResize, resizesOf } from './resize.ts'
import { type GatewayGeneration, SKUS, type SkuLimits, skuLimits } from './sku-table.ts'

function sku(text: string): SkuLimits {
  const [name = '', generation = 'None'] = text.split('/')
  const found = skuLimits(name, generation as GatewayGeneration)
  if (!found) throw new Error(`no SKU ${text}`)
  return found
}

/** Everything that each SKU may become; whatever is not here is refused. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'Basic/Generation1': ['Basic', 'Unlimited'],
  'VpnGw1/Generation1': ['VpnGw1', 'VpnGw2', 'VpnGw3', 'VpnGw1AZ', 'VpnGw2AZ', 'VpnGw3AZ', 'Unlimited'],
  'VpnGw2/Generation1': ['VpnGw2', 'VpnGw3', 'VpnGw2AZ', 'VpnGw3AZ', 'Unlimited'],
  'VpnGw3/Generation1': ['VpnGw3', 'VpnGw3AZ', 'Unlimited'],
  'VpnGw1AZ/Generation1': ['VpnGw1AZ', 'VpnGw2AZ', 'VpnGw3AZ', 'Unlimited'],
  'VpnGw2AZ/Generation1': ['VpnGw2AZ', 'VpnGw3AZ', 'Unlimited'],
  'VpnGw3AZ/Generation1': ['VpnGw3AZ', 'Unlimited'],
  'VpnGw2/Generation2': [
    'VpnGw2',
    'VpnGw3',
    'VpnGw4',
    'VpnGw5',
    'VpnGw2AZ',
    'VpnGw3AZ',
    'VpnGw4AZ',
    'VpnGw5AZ',
    'Unlimited',
  ],
  'VpnGw3/Generation2': ['VpnGw3', 'VpnGw4', 'VpnGw5', 'VpnGw3AZ', 'VpnGw4AZ', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw4/Generation2': ['VpnGw4', 'VpnGw5', 'VpnGw4AZ', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw5/Generation2': ['VpnGw5', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw2AZ/Generation2': ['VpnGw2AZ', 'VpnGw3AZ', 'VpnGw4AZ', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw3AZ/Generation2': ['VpnGw3AZ', 'VpnGw4AZ', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw4AZ/Generation2': ['VpnGw4AZ', 'VpnGw5AZ', 'Unlimited'],
  'VpnGw5AZ/Generation2': ['VpnGw5AZ', 'Unlimited'],
}

describe('what a gateway may become', () => {
  it.each(Object.entries(ALLOWED))('%s: %j', (from, allowed) => {
    const found = resizesOf(sku(from))
    expect(found.map(({ name }) => name)).toEqual(allowed)
    for (const { generation } of found) expect([sku(from).generation, 'None']).toContain(generation)
  })

  it('is everything, for one that is Unlimited', () => {
    expect(resizesOf(sku('Unlimited'))).toEqual(SKUS)
  })

  it('was asked for every SKU', () => {
    expect(Object.keys(ALLOWED)).toHaveLength(SKUS.length - 1)
  })

  it.each([
    ['Basic', 'VpnGw1', 'fromBasic'],
    ['VpnGw1', 'Basic', 'toBasic'],
    ['VpnGw2/Generation1', 'VpnGw2/Generation2', 'generation'],
    ['VpnGw3/Generation1', 'VpnGw4AZ/Generation2', 'generation'],
    ['VpnGw3', 'VpnGw2', 'smaller'],
    ['VpnGw3', 'VpnGw1AZ', 'smaller'],
    ['VpnGw2AZ', 'VpnGw2', 'zones'],
    ['VpnGw2AZ', 'VpnGw3', 'zones'],
  ] as const)('is not, from %s, %s: %s', (from, to, reason) => {
    expect(judgeResize(sku(from), sku(to))).toEqual({ type: 'refused', reason })
  })
})
