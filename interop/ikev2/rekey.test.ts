import { afterAll, beforeAll, expect, test } from 'vitest'
import { iperf, longestStall } from '../harness/iperf.ts'
import { ping } from '../harness/ping.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

const SECONDS = 8
const ECHOES = SECONDS * 10

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

const cases = [
  ['Child SAs every second, no group', 'aes256gcm16', { rekey_time: '1s', rand_time: '0s' }, {}],
  ['Child SAs every second, ECP 256', 'aes256gcm16-ecp256', { rekey_time: '1s', rand_time: '0s' }, {}],
  ['IKE SAs every second', 'aes256gcm16', {}, { rekey_time: '1s', rand_time: '0s' }],
  [
    'both every second',
    'aes256-sha256-ecp384',
    { rekey_time: '1s', rand_time: '0s' },
    { rekey_time: '1s', rand_time: '0s' },
  ],
] as const

test.each(cases)('%s, under a flow: no echo is lost', async (_, esp, child, connection) => {
  const client = await startClient(scenario, { esp, child, connection, ike: 'aes256gcm16-prfsha384-ecp384' })
  await client.initiate(CHILD)
  const inside = { namespace: scenario.topology.inside, address: ADDRESSES.inside }
  const flow = { seconds: SECONDS, rate: 20e6, intervalSeconds: 0.5 }
  const [echoes, down] = await Promise.all([
    ping(client.namespace, ADDRESSES.inside, { count: ECHOES, intervalSeconds: 0.1, device: client.device }),
    iperf(client.namespace, inside, { ...flow, direction: 'down' }),
  ])
  expect(echoes.received).toBe(echoes.sent)
  expect(down.bitsPerSecond).toBeGreaterThan(15e6)
  expect(longestStall(down.intervals)).toBe(0)
  const log = client.process.log()
  const count = (pattern: RegExp): number => [...log.matchAll(pattern)].length
  if ('rekey_time' in child) expect(count(/CHILD_SA inside\{\d+\} established/g)).toBeGreaterThan(4)
  if ('rekey_time' in connection) expect(count(/IKE_SA gateway\[\d+\] rekeyed/g)).toBeGreaterThan(4)
  expect((await client.sas()).length).toBeLessThanOrEqual(2)
})
