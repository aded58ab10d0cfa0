import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { iperf, longestStall } from '../harness/iperf.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { dial, openScenario, type Scenario } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** Two renegotiations, ten seconds apart, fall within. */
const SECONDS = 24
/** Enough that a lost packet shows; little enough that two runs at once fit a small machine. */
const RATE = 60e6
const EVERY_10_SECONDS = { openvpn: { renegotiationSeconds: 10 } }

let byClient: Scenario
let byGateway: Scenario
let profiles: Map<Scenario, string>

beforeAll(async () => {
  byClient = await openScenario()
  byGateway = await openScenario({ settings: EVERY_10_SECONDS })
  profiles = new Map()
  for (const scenario of [byClient, byGateway]) {
    profiles.set(scenario, (await scenario.gateway.addClient('alice')).azure)
  }
})

afterAll(async () => {
  await byClient?.close()
  await byGateway?.close()
})

describe.concurrent('every 10 s under load, no stall above 1 s', () => {
  test('asked for by the client, over UDP', () => expectSteady(byClient, 'udp', ['--reneg-sec', '10']))
  test('asked for by the client, over TCP', () => expectSteady(byClient, 'tcp', ['--reneg-sec', '10']))
  test('asked for by the gateway, over UDP', () => expectSteady(byGateway, 'udp', ['--reneg-sec', '0']))
  test('asked for by the gateway, over TCP', () => expectSteady(byGateway, 'tcp', ['--reneg-sec', '0']))
})

async function expectSteady(scenario: Scenario, protocol: string, args: readonly string[]): Promise<void> {
  const profile = profiles.get(scenario) ?? ''
  const edit = { drop: ['reneg-sec'] }
  const client = dial(scenario, profile, { protocol, edit, args, title: `renegotiation ${protocol}` })
  await client.connected()
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  const flow = { seconds: SECONDS, device: client.device, rate: RATE, intervalSeconds: 0.2 }
  const directions = ['up', 'down'] as const
  const results = await Promise.all(
    directions.map(direction => iperf(client.namespace, inside, { ...flow, direction })),
  )
  for (const result of results) expect(longestStall(result.intervals)).toBeLessThanOrEqual(1)
  expect(handshakes(client)).toBeGreaterThanOrEqual(3)
  expect(client.process.log().match(/Initialization Sequence Completed/g)).toHaveLength(1)
  await client.stop()
}

function handshakes(client: OpenVpnClient): number {
  return client.process.log().match(/Control Channel: TLS/g)?.length ?? 0
}
