import { MemoryNetwork } from '@causeway/datapath'
import { asciiBytes } from '@causeway/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  bothUp,
  bothWays,
  connectionOf,
  EAST,
  IKE_SUITE,
  onlyConnection,
  passes,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import { address, type TestGateway } from '../testing/test-gateway.suite.ts'
import type { SiteConnection } from './site-configuration.ts'

let network: MemoryNetwork
let running: TestGateway[]

beforeEach(() => {
  network = new MemoryNetwork()
  running = []
})

afterEach(async () => {
  for (const gateway of running) await gateway.stop()
})

async function pair(
  west: Partial<SiteConnection> = {},
  east: Partial<SiteConnection> = {},
): Promise<readonly [TestGateway, TestGateway]> {
  const second = await siteGateway(EAST, [connectionOf(EAST, WEST, east)], { network })
  running.push(second)
  const first = await siteGateway(WEST, [connectionOf(WEST, EAST, west)], { network })
  running.push(first)
  return [first, second]
}

test('two gateways with a shared key come up and carry packets both ways', async () => {
  const [west, east] = await pair({}, { mode: 'ResponderOnly' })
  await bothUp(west, east)
  expect(bothWays(west, east)).toBe(true)
  expect(onlyConnection(west)).toMatchObject({
    status: 'Connected',
    tunnels: [
      {
        tunnel: 't0',
        packetsSent: 1,
        packetsReceived: 1,
        sessions: [
          {
            isInitiator: true,
            method: 'psk',
            local: '192.0.2.1:4500',
            remote: '198.51.100.1:4500',
            localIdentity: '192.0.2.1',
            remoteIdentity: '198.51.100.1',
            isCarrier: true,
            children: [{ encryption: 'AES-GCM-16-256', local: ['0.0.0.0/0', '::/0'], bytesSent: 20 }],
          },
        ],
      },
    ],
  })
})

test('only what is routed passes: prefixes of the other side, from those of ours', async () => {
  const [west, east] = await pair({}, { mode: 'ResponderOnly' })
  await bothUp(west, east)
  expect(passes(west, '10.1.0.1', east, '10.3.0.1')).toBe(false)
  expect(passes(west, '10.7.0.1', east, '10.2.0.1')).toBe(false)
})

test('with another shared key nobody comes up, and both say why', async () => {
  const wrong = { type: 'psk', secret: asciiBytes('quite another key') } as const
  const [west, east] = await pair({ authentication: wrong }, { mode: 'ResponderOnly' })
  await west.eventually(() => onlyConnection(west).status === 'NotConnected')
  expect(onlyConnection(west).reason).toMatchObject({ code: 'refused' })
  expect(onlyConnection(west).reason.message).toMatch(/AUTHENTICATION_FAILED/)
  expect(onlyConnection(east).notes.join()).toMatch(/192\.0\.2\.1:4500 was not let in/)
  expect(JSON.stringify([west.recorded.lines, east.recorded.lines])).not.toContain('quite another')
})

test('a peer with another policy is refused, and both say what was proposed', async () => {
  const weak = { ...IKE_SUITE, encryption: 'AES-CBC-128' } as const
  const [west, east] = await pair(
    { ikeSuites: { initiator: [weak], responder: [weak] } },
    { mode: 'ResponderOnly' },
  )
  await east.eventually(() => onlyConnection(east).notes.length > 0)
  expect(onlyConnection(east).notes.join()).toMatch(
    /192\.0\.2\.1:500 was not let in: .*AES-CBC-128.*AES-CBC-256/,
  )
  await west.eventually(() => onlyConnection(west).status === 'NotConnected', 12_000)
  expect(onlyConnection(west).reason.message).toMatch(/NO_PROPOSAL_CHOSEN.*AES-CBC-128/)
}, 20_000)

test('nobody speaks of clients where there are none', async () => {
  const elsewhere = {
    remote: { type: 'address', address: address('192.0.2.99') },
    mode: 'ResponderOnly',
  } as const
  const [west, east] = await pair({}, elsewhere)
  await west.eventually(() => onlyConnection(west).status === 'NotConnected')
  expect(east.messages().join()).toContain('a peer was refused')
  expect(east.messages().join()).not.toContain('client refused')
})
