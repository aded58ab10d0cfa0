import { createMemoryDatapath, type DatapathEvent, type MemoryDatapath } from '@causeway/datapath'
import type { SessionEvent } from '@causeway/ikev2'
import { prefixSelector } from '@causeway/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Ikev2ClientDriver, ikev2ClientDriver } from '../client/ikev2-client-driver.ts'
import { systemClock } from '../engine/clock.ts'
import { clientCredentials } from '../testing/credentials.suite.ts'
import { ikeListeners, ikev2Profile } from '../testing/ikev2-client.suite.ts'
import {
  address,
  innerPacket,
  prefix,
  recordingLog,
  type TestGateway,
  testGateway,
} from '../testing/test-gateway.suite.ts'

const SESSION = 1

let site: TestGateway
let client: Ikev2ClientDriver
let datapath: MemoryDatapath
let events: SessionEvent[]

function handleEvents(all: readonly DatapathEvent[]): void {
  for (const event of all) client.driver.handleDatapathEvent(event)
}

beforeEach(async () => {
  site = await testGateway({ tunnels: new Set(['IkeV2']), listeners: ikeListeners() })
  events = []
  const credentials = await clientCredentials(site.authority, 'alice')
  const { tunnelMtu } = site.configuration.ikev2
  datapath = createMemoryDatapath({ workers: 1, onEvents: handleEvents }, site.network)
  client = ikev2ClientDriver({
    profile: ikev2Profile(site, credentials),
    datapath,
    clock: systemClock,
    log: recordingLog().log,
    routes: [prefix('0.0.0.0/0'), prefix('::/0')],
    onConfiguration: () => undefined,
    onEvent: (_session, event) => events.push(event),
  })
  datapath.openTun({ name: 'client', mtu: tunnelMtu })
  const path = client.openPath(address('127.0.0.1'))
  client.driver.command({ type: 'connect', session: SESSION, path, terms: client.terms })
  await site.eventually(() => children().length === 1)
})

afterEach(async () => {
  client.driver.command({ type: 'disconnect', session: SESSION, reason: 'the test is over' })
  await site.stop()
  client.driver.close()
  datapath.close()
})

const children = () => events.flatMap(event => (event.type === 'child-established' ? [event.child] : []))

/** Whether both packets pass, one each way. */
function pass(up: Uint8Array, down: Uint8Array): boolean {
  datapath.tunWrite(up)
  site.datapath.tunWrite(down)
  return site.datapath.tunRead().length === 1 && datapath.tunRead().length === 1
}

/** An IPv6 packet without payload. */
function innerPacketV6(source: string, destination: string): Uint8Array {
  const head = [0x60, 0, 0, 0, 0, 0, 59, 64]
  return Uint8Array.of(...head, ...address(source).bytes, ...address(destination).bytes)
}

const ipv4Passes = () => pass(innerPacket('10.8.0.2', '10.1.0.1'), innerPacket('10.1.0.1', '10.8.0.2'))
const ipv6Passes = () =>
  pass(innerPacketV6('fd00:8::2', 'fd00:1::1'), innerPacketV6('fd00:1::1', 'fd00:8::2'))

/** Another Child SA, for IPv6 alone. */
async function addIpv6(): Promise<void> {
  client.driver.command({
    type: 'create-child',
    session: SESSION,
    local: [prefixSelector(prefix('fd00:8::2/128'))],
    remote: [prefixSelector(prefix('::/0'))],
  })
  await site.eventually(() => children().length === 2)
}

test('a further Child SA takes only what its selectors hold', async () => {
  expect([ipv4Passes(), ipv6Passes()]).toEqual([true, true])
  await addIpv6()
  expect([ipv4Passes(), ipv6Passes()]).toEqual([true, true])
})

test('when a further Child SA goes, the one that stays has its traffic again', async () => {
  await addIpv6()
  client.driver.command({ type: 'delete-child', session: SESSION, child: children()[1] as number })
  await site.eventually(() => events.some(({ type }) => type === 'child-closed'))
  expect([ipv4Passes(), ipv6Passes()]).toEqual([true, true])
})

test('refused Child SAs fill no log', async () => {
  const outside = [prefixSelector(prefix('172.16.0.0/12'))]
  const refused = () => events.filter(({ type }) => type === 'child-refused').length
  for (let count = 1; count <= 50; count++) {
    client.driver.command({ type: 'create-child', session: SESSION, local: outside, remote: outside })
    await site.eventually(() => refused() === count)
  }
  const lines = site.messages().filter(text => text.startsWith('Child SA refused'))
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.length).toBeLessThan(20)
  expect(ipv4Passes()).toBe(true)
})
