import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressLine } from '../harness/link.ts'
import { ipBatch, nft } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { expectInside } from '../harness/scenario.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

const NEXT_ADDRESS = '10.77.1.66'
const ROAMING = { connection: { mobike: 'yes' } }

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

test('a client that gets another address keeps its session', async () => {
  const client = await startClient(scenario, ROAMING)
  await client.initiate(CHILD)
  await expectInside(client)
  const before = await client.sa()

  await move(clientAddress(0), NEXT_ADDRESS)
  await expect.poll(async () => (await client.sa()).localHost, { timeout: 10_000 }).toBe(NEXT_ADDRESS)
  await expectInside(client)
  const after = await client.sa()
  expect(after.initiatorSpi).toBe(before.initiatorSpi)
  expect(after.virtualAddresses).toEqual(before.virtualAddresses)
  expect(JSON.stringify(await scenario.gateway.json('sessions'))).toContain(`${NEXT_ADDRESS}:`)
  await move(NEXT_ADDRESS, clientAddress(0))
})

test('a client without MOBIKE whose NAT gives it another port keeps its session', async () => {
  const client = await startClient(scenario, { connection: { mobike: 'no' } })
  await client.initiate(CHILD)
  await expectInside(client)
  await translatePort(50_000)
  const echoes = await ping(client.namespace, ADDRESSES.inside, { count: 20, device: client.device })
  expect(echoes.received).toBeGreaterThanOrEqual(18)
  expect(JSON.stringify(await scenario.gateway.json('sessions'))).toContain(`${clientAddress(0)}:50000`)
  expect(client.process.log().match(/IKE_SA gateway\[\d+\] established/g)).toHaveLength(1)
})

async function move(from: string, to: string): Promise<void> {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  await ipBatch(namespace, [
    `addr del ${from}/24 dev eth0`,
    addressLine(`${to}/24`, 'eth0'),
    `route add default via ${ADDRESSES.router}`,
  ])
}

/** The router gives the client's packets another source port, without keeping a connection's state. */
async function translatePort(port: number): Promise<void> {
  await nft(
    scenario.topology.router,
    `table ip float {
      chain out { type filter hook postrouting priority 300; oifname "wan" udp sport 4500 udp sport set ${port}; }
      chain in { type filter hook prerouting priority -300; iifname "wan" udp dport ${port} udp dport set 4500; }
    }`,
  )
}
