import { completeGatewaySettings, SKUS } from '@causeway/api-contract'
import { describe, expect, test } from 'vitest'
import { faultsOf, resourceOf } from './documents.suite.ts'
import { throughputOf } from './gateway-sku.ts'
import { readGatewayConfiguration } from './read-gateway-configuration.ts'

const HELD = { limits: { throughput: 'sku' } } as const

describe('the throughput of the SKU', () => {
  test.each(SKUS.map(({ name, generation, benchmarkMbps }) => ({ name, generation, benchmarkMbps })))(
    '$name of $generation',
    ({ name, generation, benchmarkMbps }) => {
      const resource = resourceOf({ sku: { name }, vpnGatewayGeneration: generation })
      const limit = throughputOf(resource, completeGatewaySettings(HELD)).throughputBytesPerSecond
      expect(limit).toBe(benchmarkMbps === undefined ? undefined : benchmarkMbps * 125_000)
      expect(throughputOf(resource, completeGatewaySettings({}))).toEqual({})
    },
  )

  test("is off or the SKU's", () => {
    const wrong = { limits: { throughput: 'fast' } } as unknown as typeof HELD
    expect(faultsOf({}, wrong).join()).toMatch(/limits\.throughput.*off.*sku/)
  })
})

test('a configuration names the resource group of its resource, where that has an id', () => {
  const id =
    '/subscriptions/22222222-3333-4444-8555-666666666666/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw'
  const { vpnClientConfiguration: _, ...properties } = resourceOf({}).properties
  const read = readGatewayConfiguration({ id, properties }, HELD)
  expect(read).toMatchObject({
    type: 'good',
    value: { name: 'gw', resourceGroup: 'rg', throughputBytesPerSecond: 81_250_000 },
  })
})
