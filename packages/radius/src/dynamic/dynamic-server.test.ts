import { createNodeCrypto } from '@causeway/crypto-node'
import { assertEngineContract, EngineRecorder } from '@causeway/netsim'
import { asciiBytes, type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import { digestHolds } from '../protection/authenticators.ts'
import { checkMessageAuthenticator } from '../protection/message-authenticator.ts'
import { at } from '../testing/bench.suite.ts'
import {
  bareDynamicRequest,
  DynamicBench,
  dynamicRequest,
  PATH,
  SOURCE,
} from '../testing/dynamic-bench.suite.ts'
import { hex } from '../testing/hex.suite.ts'
import { parsed, SECRET } from '../testing/server.suite.ts'
import type { NamedAttribute } from '../wire/attribute-names.ts'
import { attributeValue } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import type { DynamicCommand, DynamicOutput, DynamicPath } from './dynamic-options.ts'
import { createDynamicAuthorization } from './dynamic-server.ts'

const crypto = createNodeCrypto()
const stamp = (value: number): NamedAttribute => ({ name: 'Event-Timestamp', value })
const SESSION: NamedAttribute = { name: 'Acct-Session-Id', value: 's1' }

/** The answer that went out, proven against its request. */
function answerOf(bench: DynamicBench, request: Uint8Array) {
  const bytes = bench.sent.at(-1)?.bytes
  if (!bytes) throw new Error('no answer')
  const packet = parsed(bytes)
  const authenticator = request.subarray(4, 20)
  expect(digestHolds(crypto, SECRET, bytes, authenticator)).toBe(true)
  expect(checkMessageAuthenticator(crypto, SECRET, packet, authenticator)).toBe('valid')
  expect(packet.attributes[0]?.type).toBe(80)
  return {
    code: packet.code,
    identifier: packet.identifier,
    cause: attributeValue(packet.attributes, 'Error-Cause'),
  }
}

describe('a Disconnect-Request', () => {
  it('reaches the gateway, and its answer the one who asked', () => {
    const bench = new DynamicBench()
    const request = dynamicRequest()
    bench.receive(request)
    const [asked] = bench.requests
    expect(asked).toMatchObject({
      source: 'nps',
      request: { type: 'disconnect', session: { sessionId: 's1' } },
    })
    expect(bench.sent).toEqual([])
    bench.reply(asked?.id ?? 0)
    expect(answerOf(bench, request)).toEqual({ code: CODES.DISCONNECT_ACK, identifier: 7, cause: undefined })
    expect(bench.sent[0]?.path).toEqual(PATH)
  })

  it('for no session is told so', () => {
    const bench = new DynamicBench()
    const request = bareDynamicRequest()
    bench.receive(request)
    bench.reply(1, { type: 'refused', cause: 'session-context-not-found' })
    expect(answerOf(bench, request)).toEqual({ code: CODES.DISCONNECT_NAK, identifier: 7, cause: 503 })
  })

  it('that the gateway does not carry out in time is refused, and a late answer is nobody’s', () => {
    const bench = new DynamicBench()
    const request = dynamicRequest()
    bench.receive(request)
    bench.advance(20_000)
    expect(answerOf(bench, request)).toMatchObject({ code: CODES.DISCONNECT_NAK, cause: 506 })
    bench.reply(1)
    expect(bench.sent).toHaveLength(1)
  })
})

test('a CoA-Request names the session and what changes', () => {
  const bench = new DynamicBench()
  const request = dynamicRequest({
    code: CODES.COA_REQUEST,
    attributes: [
      { name: 'User-Name', value: 'alice' },
      { name: 'Framed-IP-Address', value: parseIpAddress('10.0.0.7') as IpAddress },
      { name: 'NAS-Identifier', value: 'gateway' },
      { name: 'Session-Timeout', value: 60 },
      { name: 'Filter-Id', value: 'guests' },
      { name: 'MS-Azure-Policy-ID', value: hex('6ad1bd09') },
      { name: 'Class', value: Uint8Array.of(4) },
    ],
    raw: [
      { type: 33, value: Uint8Array.of(1) },
      { type: 33, value: Uint8Array.of(2, 2) },
    ],
  })
  bench.receive(request)
  expect(bench.requests[0]?.request).toMatchObject({
    type: 'change',
    session: { userName: 'alice', framedAddress: parseIpAddress('10.0.0.7'), sessionId: undefined },
    change: {
      sessionTimeoutSeconds: 60,
      idleTimeoutSeconds: undefined,
      filterIds: ['guests'],
      policyIds: [hex('6ad1bd09')],
      classes: [Uint8Array.of(4)],
    },
  })
  bench.reply(1)
  expect(answerOf(bench, request)).toMatchObject({ code: CODES.COA_ACK })
  const { attributes } = parsed(bench.sent[0]?.bytes as Uint8Array)
  expect(attributes.slice(1)).toEqual([
    { type: 33, value: Uint8Array.of(1) },
    { type: 33, value: Uint8Array.of(2, 2) },
  ])
})

test('a source may call the gateway by the address that it sees', () => {
  const [seen, other] = ['203.0.113.9', '203.0.113.8'].map(text => parseIpAddress(text) as IpAddress)
  const bench = new DynamicBench({ local: seen as IpAddress })
  const naming = (value: IpAddress, identifier: number): Uint8Array =>
    dynamicRequest({ identifier, attributes: [SESSION, { name: 'NAS-IP-Address', value }] })
  bench.receive(naming(seen as IpAddress, 1))
  expect(bench.requests).toHaveLength(1)
  bench.receive(naming(other as IpAddress, 2))
  expect([bench.requests.length, bench.told]).toEqual([1, ['nas-identification-mismatch']])
})

describe('what cannot be done is refused with its cause, and nothing of it is done', () => {
  const wrong = (name: string, value: unknown) => ({ name, value }) as NamedAttribute
  test.each([
    ['no session', 402, 40, [wrong('Event-Timestamp', 1_700_000_000)], []],
    ['another gateway', 403, 40, [SESSION, wrong('NAS-Identifier', 'other')], []],
    ['another address', 403, 43, [SESSION, wrong('NAS-IP-Address', parseIpAddress('198.51.100.2'))], []],
    ['Authorize Only', 405, 43, [SESSION, wrong('Service-Type', 17)], []],
    ['another service', 401, 43, [SESSION, wrong('Service-Type', 2)], []],
    ['a change in a disconnect', 401, 40, [SESSION, wrong('Session-Timeout', 2)], []],
    ['an unknown attribute', 401, 43, [SESSION], [{ type: 200, value: Uint8Array.of(1) }]],
    ['another vendor', 401, 43, [SESSION], [{ type: 26, value: hex('00000009 0103 41') }]],
    ['a key of Microsoft', 401, 43, [SESSION, wrong('MS-MPPE-Send-Key', Uint8Array.of(1))], []],
    ['a bad number', 407, 43, [SESSION], [{ type: 27, value: Uint8Array.of(1) }]],
  ] as const)('%s: %i', (_, cause, code, attributes, raw) => {
    const bench = new DynamicBench()
    const request = dynamicRequest({ code, attributes, raw })
    bench.receive(request)
    expect(bench.requests).toEqual([])
    expect(answerOf(bench, request)).toMatchObject({ code: code + 2, cause })
    expect(bench.told).toHaveLength(1)
  })

  test('too many at a time', () => {
    const bench = new DynamicBench()
    for (let i = 0; i < 257; i++)
      bench.receive(dynamicRequest({ attributes: [{ name: 'Acct-Session-Id', value: `s${i}` }] }))
    expect(bench.requests).toHaveLength(256)
    expect(bench.told).toEqual(['resources-unavailable'])
  })
})

describe('what is not proven gets no answer', () => {
  const change = (at: number) => {
    const bytes = dynamicRequest()
    bytes[at] = (bytes[at] as number) ^ 1
    return bytes
  }
  test.each([
    ['forged', dynamicRequest({ secret: asciiBytes('guess') })],
    ['forged', change(1)],
    ['forged', change(5)],
    ['forged', change(30)],
    ['unexpected-code', dynamicRequest({ code: CODES.ACCESS_REQUEST })],
    ['unexpected-code', dynamicRequest({ code: CODES.DISCONNECT_ACK })],
    ['malformed', dynamicRequest().subarray(0, 40)],
    ['malformed', new Uint8Array(0)],
    ['message-authenticator-wrong', bareDynamicRequest({ raw: [{ type: 80, value: new Uint8Array(16) }] })],
    ['message-authenticator-repeated', dynamicRequest({ raw: [{ type: 80, value: new Uint8Array(16) }] })],
  ])('%s', (reason, bytes) => {
    const bench = new DynamicBench()
    bench.receive(bytes)
    expect([bench.told, bench.outputs.length]).toEqual([[reason], 1])
  })

  test('from a stranger', () => {
    const bench = new DynamicBench()
    bench.receive(dynamicRequest(), { socket: 1, remote: at('192.0.2.16', 40_000) })
    expect([bench.told, bench.outputs.length]).toEqual([['unknown-source'], 1])
  })

  test('without Message-Authenticator or Event-Timestamp where they are asked for', () => {
    const strict = new DynamicBench({ requireMessageAuthenticator: true, requireEventTimestamp: true })
    strict.receive(bareDynamicRequest())
    strict.receive(dynamicRequest())
    expect(strict.told).toEqual(['message-authenticator-missing', 'event-timestamp-missing'])
    strict.receive(dynamicRequest({ attributes: [SESSION, stamp(1_700_000_000)] }))
    expect(strict.requests).toHaveLength(1)
  })
})

describe('a request that comes again', () => {
  it('is carried out once, and gets the answer of the first', () => {
    const bench = new DynamicBench()
    const request = dynamicRequest()
    bench.receive(request)
    bench.receive(request)
    expect([bench.requests.length, bench.sent.length]).toEqual([1, 0])
    bench.reply(1)
    bench.advance(5_000)
    bench.receive(request)
    expect(bench.requests).toHaveLength(1)
    expect(bench.sent).toHaveLength(2)
    expect(bench.sent[1]).toEqual(bench.sent[0])
  })

  it('after a minute is a replay, for a day when it bears no time', () => {
    const bench = new DynamicBench()
    const request = dynamicRequest()
    bench.receive(request)
    bench.reply(1)
    for (const hours of [0.02, 1, 22]) {
      bench.advance(hours * 3_600_000)
      bench.receive(request)
    }
    expect([bench.requests.length, bench.sent.length]).toEqual([1, 1])
    expect(new Set(bench.told)).toEqual(new Set(['replayed']))
  })

  it.each([-300, 0, 300])('that bears its time, %i s from ours, is never carried out again', offset => {
    const bench = new DynamicBench()
    const request = dynamicRequest({ attributes: [SESSION, stamp(bench.unixSeconds + offset)] })
    bench.receive(request)
    bench.reply(1)
    for (let half = 0; half < 60; half++) {
      bench.advance(30_000)
      bench.receive(request)
    }
    expect(bench.requests).toHaveLength(1)
    expect(bench.told.at(-1)).toBe('stale')
  })

  test.each([-301, 301])('%i seconds from now is stale', offset => {
    const bench = new DynamicBench()
    bench.receive(dynamicRequest({ attributes: [SESSION, stamp(bench.unixSeconds + offset)] }))
    expect(bench.told).toEqual(['stale'])
  })

  it('from its source under other settings is still known', () => {
    const bench = new DynamicBench()
    const request = dynamicRequest()
    bench.receive(request)
    bench.reply(1)
    const sources = [{ ...SOURCE, prefix: parseIpPrefix('192.0.2.0/24') as IpPrefix }]
    bench.engine.handleCommand({ type: 'sources', sources }, bench.now)
    bench.advance(61_000)
    bench.receive(request)
    expect(bench.requests).toHaveLength(1)
  })
})

test('sources without a secret, or of one name, are refused', () => {
  const code = expect.objectContaining({ code: 'ERR_RADIUS_OPTIONS' })
  expect(() => new DynamicBench({ secret: new Uint8Array(0) })).toThrow(code)
  const command = { type: 'sources', sources: [SOURCE, SOURCE] } as const
  expect(() => new DynamicBench().engine.handleCommand(command, 0)).toThrow(code)
})

test('it keeps the engine contract', () => {
  const create = () =>
    createDynamicAuthorization({
      crypto,
      sources: [SOURCE],
      nas: { identifier: 'gateway' },
      unixSeconds: () => 1_700_000_000,
    })
  const recorder = new EngineRecorder<DynamicPath, DynamicCommand, DynamicOutput>(create())
  const packets = [dynamicRequest(), dynamicRequest({ attributes: [SESSION, stamp(1_700_000_000)] })]
  for (const [i, bytes] of packets.entries()) {
    recorder.handleDatagram({ path: PATH, bytes }, i)
    if (i === 0) recorder.handleCommand({ type: 'reply', id: 1, reply: { type: 'done' } }, i)
  }
  const replies: DynamicCommand[] = [1, 2, 99].map(id => ({ type: 'reply', id, reply: { type: 'done' } }))
  const commands = [...replies, { type: 'sources', sources: [SOURCE] } as const]
  const strayCommands = replies.slice(-1)
  const subject = { create, path: PATH, packets, commands, strayCommands, life: recorder.steps }
  assertEngineContract(subject, 1)
})
