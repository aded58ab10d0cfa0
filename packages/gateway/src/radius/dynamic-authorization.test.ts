import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { asciiBytes } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SECRET } from '../../../radius/src/testing/server.suite.ts'
import type { SessionTimes } from '../session/session-deadlines.ts'
import { SessionTable } from '../session/session-table.ts'
import { address, prefix, recordingLog } from '../testing/test-gateway.suite.ts'
import { DynamicAuthorizationDriver } from './dynamic-authorization.ts'
import { DynamicClient } from './dynamic-client.suite.ts'
import { RADIUS_TERMS, type TestSession, testSession } from './sessions.suite.ts'

const ANY_PORT = 0

/** Its time, in seconds. */
const NOW = 1_732_000_000
const clock = { now: () => performance.now(), unixSeconds: () => NOW }

let table: SessionTable
let limits: SessionTimes[]
let alice: TestSession
let bob: TestSession
let intervals: string[]
let driver: DynamicAuthorizationDriver
let recorded: ReturnType<typeof recordingLog>
let client: DynamicClient

beforeEach(async () => {
  table = new SessionTable(clock, () => undefined)
  alice = testSession('a1', 'alice', RADIUS_TERMS)
  bob = testSession('b2', 'bob')
  table.add(alice)
  table.add(bob)
  intervals = []
  limits = []
  recorded = recordingLog()
  driver = new DynamicAuthorizationDriver({
    sessions: {
      all: () => table.all(),
      end: (...how) => table.end(...how),
      limit: (session, times) =>
        void limits.push({ ...times, ...(session !== alice && { idleSeconds: -1 }) }),
    },
    stationOf: () => '2001:db8::7',
    reportEvery: ({ id }, seconds) => void intervals.push(`${id} ${seconds}`),
    clock,
    log: recorded.log,
  })
  await driver.listen(configuration())
  driver.use([server()])
  client = new DynamicClient(driver.port ?? 0)
})

afterEach(() => {
  client.close()
  driver.close()
  table.clear()
})

function configuration(port: number = ANY_PORT, nasIdentifier = 'edge') {
  return {
    servers: [],
    timeoutSeconds: 30,
    nasIdentifier,
    passwordProtocol: 'pap' as const,
    accounting: { on: false, interimSeconds: 0 },
    dynamicAuthorization: { port },
  }
}

function server(changes: { secret?: Uint8Array; transport?: 'tls' } = {}) {
  const authentication = { address: address('127.0.0.1'), port: 1812 }
  return { id: 'one', score: 1, transport: 'udp', secret: SECRET, authentication, ...changes } as const
}

const ended = () => [alice.ends, bob.ends].map(({ length }) => length)
const ALICE = { name: 'Acct-Session-Id', value: '67410000-a1' } as const

describe('a request to disconnect', () => {
  test.each([
    [ALICE],
    [{ name: 'User-Name', value: 'alice@corp.test' }],
    [ALICE, { name: 'Calling-Station-Id', value: '2001:db8::7' }],
    [ALICE, { name: 'Framed-IP-Address', value: address('10.8.0.2') }],
    [ALICE, { name: 'Framed-IPv6-Address', value: address('fd00:8::2') }],
    [{ name: 'NAS-Port-Id', value: 'a1' }],
    [ALICE, { name: 'NAS-Port', value: 0xa1 }],
  ] as const)('ends the session that fits %j', async (...selectors) => {
    expect(await client.disconnect(...selectors)).toBe('ack')
    expect(alice.ends).toEqual(['disconnected by the RADIUS server'])
    expect(bob.ends).toEqual([])
  })

  test.each([
    [{ name: 'User-Name', value: 'alice' }],
    [ALICE, { name: 'User-Name', value: 'bob' }],
    [ALICE, { name: 'Calling-Station-Id', value: '192.0.2.1' }],
    [ALICE, { name: 'Framed-IP-Address', value: address('10.8.0.3') }],
    [ALICE, { name: 'NAS-Port', value: 1 }],
    [ALICE, { name: 'NAS-Port-Id', value: 'b2' }],
    [ALICE, { name: 'Called-Station-Id', value: '192.0.2.1' }],
    [ALICE, { name: 'Framed-IPv6-Prefix', value: prefix('fd00:8::/64') }],
  ] as const)('ends none where not all of it fits: %j', async (...selectors) => {
    expect(await client.disconnect(...selectors)).toBe('session-context-not-found')
    expect(ended()).toEqual([0, 0])
  })

  test('ends all that fit', async () => {
    expect(await client.disconnect({ name: 'Framed-IP-Address', value: address('10.8.0.2') })).toBe('ack')
    expect(ended()).toEqual([1, 1])
  })

  test('must name this gateway where it names one', async () => {
    const other = { name: 'NAS-Identifier', value: 'other' } as const
    expect(await client.disconnect(ALICE, other)).toBe('nas-identification-mismatch')
    await driver.listen(configuration(ANY_PORT, 'other'))
    expect(await client.disconnect(ALICE, other)).toBe('ack')
  })

  test('is carried out once, though the gateway has another name meanwhile', async () => {
    expect(await client.disconnect(ALICE)).toBe('ack')
    table.add(alice)
    await driver.listen(configuration(ANY_PORT, 'other'))
    expect(await client.again()).toBe('ack')
    expect(ended()).toEqual([1, 0])
  })
})

describe('a change of authorization', () => {
  const timeout = { name: 'Session-Timeout', value: 60 } as const

  test('changes the time that a session has, from then on', async () => {
    expect(await client.change(ALICE, timeout)).toBe('ack')
    expect(limits).toEqual([{ endsAt: NOW + 60 }])
  })

  test('gives no session more time than the token has that let it in', async () => {
    const byToken = testSession('c3', 'carol', { endsAt: NOW + 30 })
    table.add(byToken)
    const carol = { name: 'Acct-Session-Id', value: '67410000-c3' } as const
    expect(await client.change(carol, timeout)).toBe('ack')
    expect(await client.change(carol, { ...timeout, value: 20 })).toBe('ack')
    expect(limits.map(({ endsAt }) => endsAt)).toEqual([NOW + 30, NOW + 20])
  })

  test('changes how long it may be idle, and how often it is reported', async () => {
    const interval = { name: 'Acct-Interim-Interval', value: 90 } as const
    expect(await client.change(ALICE, { name: 'Idle-Timeout', value: 10 }, interval)).toBe('ack')
    expect(limits).toEqual([{ idleSeconds: 10 }])
    expect(intervals).toEqual(['a1 90'])
  })

  test.each([
    ['unsupported-attribute', [ALICE, timeout, { name: 'Filter-Id', value: 'x' }]],
    ['unsupported-attribute', [ALICE, { name: 'Class', value: Uint8Array.of(1) }]],
    ['missing-attribute', [ALICE]],
    ['invalid-attribute-value', [ALICE, { name: 'Session-Timeout', value: 0 }]],
    ['invalid-attribute-value', [ALICE, timeout, { name: 'Acct-Interim-Interval', value: 59 }]],
    ['session-context-not-found', [{ name: 'User-Name', value: 'carol' }, timeout]],
  ] as const)('is refused as %s: %j', async (cause, attributes) => {
    expect(await client.change(...attributes)).toBe(cause)
    expect([limits, intervals]).toEqual([[], []])
  })
})

describe('whoever is no server', () => {
  test.each([
    ['forged', [server({ secret: asciiBytes('another') })]],
    ['unknown-source', []],
    ['unknown-source', [server({ transport: 'tls' })]],
  ])('is not heard: %s', async (reason, servers) => {
    driver.use(servers)
    client.disconnect(ALICE).catch(() => undefined)
    const line = `1 dynamic RADIUS requests dropped: ${reason}`
    await expect.poll(() => recorded.lines.map(({ msg }) => msg), { timeout: 5_000 }).toContain(line)
    expect(ended()).toEqual([0, 0])
  })
})

test('a port in use is told, and what was heard is heard on', async () => {
  const other = createSocket('udp4')
  await new Promise<void>(resolve => other.bind(0, '0.0.0.0', resolve))
  const { port } = other.address() as AddressInfo
  await expect(driver.listen(configuration(port))).rejects.toThrow(
    `cannot listen on UDP 0.0.0.0:${port}: the port is in use by another program`,
  )
  expect(await client.disconnect(ALICE)).toBe('ack')
  other.close()
  await expect.poll(() => driver.listen(configuration(port)).then(() => driver.port)).toBe(port)
  await driver.listen({ ...configuration(), dynamicAuthorization: undefined } as never)
  expect(driver.port).toBeUndefined()
})
