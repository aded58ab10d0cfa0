import type { VirtualNetworkGateway } from '@causeway/api-contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { iperf } from '../harness/iperf.ts'
import { applyGateway, applySettings, gatewayDocument } from '../harness/scenario.ts'
import { startSstpClient } from '../harness/sstp-client.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { issueClient, openSstp, type SstpScenario } from '../sstp/scenario.ts'
import { openApi, scrape } from './api.ts'

// The smallest throughput in the SKU table is Basic's, which has SSTP alone.

const BASIC_BITS = 100e6
const OFFERED_BITS = 180e6

let scenario: SstpScenario

beforeAll(async () => {
  scenario = await openSstp(1, {}, true)
  await applyGateway(scenario.gateway, basic())
})

afterAll(() => scenario?.close())

function basic(): VirtualNetworkGateway {
  const { properties, ...rest } = gatewayDocument(scenario.gateway, [scenario.root], { protocols: ['SSTP'] })
  const pool = { vpnClientAddressPool: { addressPrefixes: ['172.16.0.0/24'] } }
  const clients = { ...properties.vpnClientConfiguration, ...pool }
  return {
    ...rest,
    properties: { ...properties, sku: { name: 'Basic', tier: 'Basic' }, vpnClientConfiguration: clients },
  }
}

/** What came through of more than Basic carries, in bits a second. */
async function carried(): Promise<number> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const { authority, serverName } = scenario
  const client = startSstpClient(namespace, await issueClient(scenario, 'alice'), {
    server: ADDRESSES.gateway,
    serverName,
    authority,
    destinations: [ADDRESSES.insideNetwork],
    binding: 'right',
  })
  await client.waitFor(/^connected$/)
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  const { bytes, seconds } = await iperf(namespace, inside, {
    seconds: 4,
    direction: 'up',
    udpRate: OFFERED_BITS,
  })
  await client.stop()
  return (8 * bytes) / seconds
}

const dropped = async () =>
  (await scrape(await openApi(scenario.gateway))).get(
    'causeway_gateway_packet_drop_total{reason="throughput-limit"}',
  )

test('held to the SKU, all that is carried is what the SKU carries', async () => {
  const free = await carried()
  expect(free).toBeGreaterThan(1.2 * BASIC_BITS)
  expect(await dropped()).toBe(0)
  await applySettings(scenario.gateway, { limits: { throughput: 'sku' } })
  const held = await carried()
  expect(held).toBeGreaterThan(0.8 * BASIC_BITS)
  expect(held).toBeLessThan(1.05 * BASIC_BITS)
  expect(await dropped()).toBeGreaterThan(1_000)
})
