import { asciiBytes } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import { packetDigest } from '../protection/authenticators.ts'
import { at, Bench, udpServer } from '../testing/bench.suite.ts'
import { answerTo, crypto, readRequest, SECRET } from '../testing/server.suite.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { type ReceivedPacket, writeRadiusPacket } from '../wire/packet.ts'
import type { RadiusServer } from './client-options.ts'

const silent = () => undefined

/** A request is under way, and nobody has answered. */
function waiting(more: Partial<RadiusServer> = {}, isEap = false) {
  const bench = new Bench({ servers: [udpServer('a', more), udpServer('b')], respond: silent })
  const packet = Uint8Array.of(2, 1, 0, 5, 1)
  bench.access(1, isEap ? { credential: { type: 'eap', packet } } : {})
  const [sent] = bench.sent
  if (!sent) throw new Error('nothing sent')
  return { bench, lane: sent.lane, request: readRequest(sent.bytes) }
}

/** An answer as servers before CVE-2024-3596 wrote it: its only proof is the MD5 of the Response Authenticator. */
function bareAnswer(
  { identifier, authenticator }: ReceivedPacket,
  attributes: readonly RadiusAttribute[] = [],
  code: number = CODES.ACCESS_ACCEPT,
): Uint8Array {
  const packet = writeRadiusPacket({ code, identifier, authenticator, attributes })
  packet.set(packetDigest(crypto, SECRET, packet, authenticator), 4)
  return packet
}

const mac = (value: Uint8Array): RadiusAttribute => ({ type: 80, value })

describe('what is not the answer is dropped and counted, and the request goes on', () => {
  const cases: readonly (readonly [string, (request: ReceivedPacket) => Uint8Array])[] = [
    ['forged', request => answerTo(request, { secret: asciiBytes('another secret') })],
    [
      'forged',
      request => answerTo({ ...request, authenticator: request.authenticator.map(byte => byte ^ 1) }),
    ],
    ['unknown-identifier', request => answerTo(request, { identifier: (request.identifier + 1) & 0xff })],
    ['unexpected-code', request => answerTo(request, { code: CODES.ACCOUNTING_RESPONSE })],
    ['unexpected-code', request => request.bytes.slice()],
    ['message-authenticator-missing', request => bareAnswer(request)],
    ['message-authenticator-missing', request => bareAnswer(request, [], CODES.ACCESS_REJECT)],
    // The shape of the attack: a colliding block in Proxy-State, and no Message-Authenticator.
    [
      'message-authenticator-missing',
      request => bareAnswer(request, [{ type: 33, value: new Uint8Array(200).fill(7) }]),
    ],
    ['message-authenticator-wrong', request => bareAnswer(request, [mac(new Uint8Array(16))])],
    ['message-authenticator-wrong', request => bareAnswer(request, [mac(new Uint8Array(15))])],
    [
      'message-authenticator-repeated',
      request => {
        const honest = readAttributes(answerTo(request))
        return bareAnswer(request, [...honest, ...honest])
      },
    ],
    ['malformed', request => answerTo(request).subarray(0, 30)],
    ['malformed', () => new Uint8Array(0)],
    ['malformed', request => bareAnswer(request, Array(257).fill({ type: 33, value: new Uint8Array(0) }))],
  ]

  test.each(cases)('%s', (reason, forge) => {
    const { bench, lane, request } = waiting()
    bench.receive(lane, forge(request))
    expect(bench.answers.size).toBe(0)
    expect(bench.events).toEqual([{ type: 'dropped', server: 'a', reason, count: 1 }])
    bench.receive(lane, answerTo(request))
    expect(bench.answers.get(1)).toMatchObject({ type: 'accept', server: 'a' })
  })

  test.each([
    ['another address', at('192.0.2.9', 1812)],
    ['another port', at('192.0.2.1', 1813)],
    ['another family', at('::ffff:192.0.2.1', 1812)],
  ])('from %s', (_, remote) => {
    const { bench, lane, request } = waiting()
    bench.receive(lane, answerTo(request), remote)
    expect(bench.drops()).toEqual(['wrong-source'])
    expect(bench.answers.size).toBe(0)
  })

  test('on a lane that is not there, or is another server’s', () => {
    const { bench, lane, request } = waiting()
    bench.receive(lane + 100, answerTo(request), at('192.0.2.1', 1812))
    expect(bench.drops()).toEqual(['unknown-lane'])
    bench.advance(7_000)
    const other = bench.sentTo('b')[0]
    if (!other) throw new Error('no fail-over')
    bench.receive(other.lane, answerTo(request))
    expect(bench.answers.size).toBe(0)
  })

  test('every single bit of an accept that was changed on the way', () => {
    const { bench, lane, request } = waiting()
    const answer = answerTo(request, { attributes: [{ name: 'Session-Timeout', value: 60 }] })
    for (let bit = 0; bit < answer.length * 8; bit++) {
      const changed = answer.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      bench.receive(lane, changed)
    }
    expect(bench.answers.size).toBe(0)
    bench.receive(lane, answer)
    expect(bench.answers.get(1)).toMatchObject({ sessionTimeoutSeconds: 60 })
  })

  test('an answer that comes a second time, and one of an earlier request', () => {
    const { bench, lane, request } = waiting()
    bench.receive(lane, answerTo(request))
    bench.receive(lane, answerTo(request))
    for (let id = 2; id < 258; id++) bench.access(id)
    bench.receive(lane, answerTo(request))
    expect(bench.answers.size).toBe(1)
    bench.advance(1_100)
    expect(bench.drops()).toEqual(['unknown-identifier', 'forged'])
  })

  test('ten thousand of them are one event a second', () => {
    const { bench, lane, request } = waiting()
    const forged = answerTo(request, { secret: asciiBytes('guess') })
    for (let i = 0; i < 10_000; i++) bench.receive(lane, forged)
    bench.advance(1_000)
    expect(bench.events).toEqual([
      { type: 'dropped', server: 'a', reason: 'forged', count: 1 },
      { type: 'dropped', server: 'a', reason: 'forged', count: 9_999 },
    ])
  })
})

describe('a server that is let off the Message-Authenticator', () => {
  const old = { requireMessageAuthenticator: false }

  it('is believed without, and each minute of it is told', () => {
    const { bench, lane, request } = waiting(old)
    bench.receive(lane, bareAnswer(request))
    expect(bench.answers.get(1)).toMatchObject({ type: 'accept' })
    const told = () => bench.events.filter(({ type }) => type === 'unprotected-answer')
    expect(told()).toEqual([{ type: 'unprotected-answer', server: 'a' }])
    bench.respond = request => bareAnswer(request)
    for (let id = 2; id < 14; id++) {
      bench.access(id)
      bench.advance(10_000)
    }
    expect(told()).toHaveLength(2)
    expect(bench.answers.size).toBe(13)
  })

  it('is not believed with a wrong one, or two', () => {
    const { bench, lane, request } = waiting(old)
    bench.receive(lane, bareAnswer(request, [mac(new Uint8Array(16))]))
    const honest = readAttributes(answerTo(request))
    bench.receive(lane, bareAnswer(request, [...honest, ...honest]))
    expect(bench.answers.size).toBe(0)
    expect(bench.drops()).toEqual(['message-authenticator-wrong', 'message-authenticator-repeated'])
  })

  it('is not believed without when EAP is carried (RFC 3579 §3.2)', () => {
    const { bench, lane, request } = waiting(old, true)
    const eap = encodeAttribute({ name: 'EAP-Message', value: Uint8Array.of(3, 1, 0, 4) })
    bench.receive(lane, bareAnswer(request, eap))
    bench.receive(lane, bareAnswer(request))
    expect(bench.answers.size).toBe(0)
    bench.receive(lane, answerTo(request, { raw: eap }))
    expect(bench.answers.get(1)).toMatchObject({ type: 'accept', eapPacket: Uint8Array.of(3, 1, 0, 4) })
  })
})

test('a failure says that there was something not to be believed', () => {
  const bench = new Bench({
    servers: [udpServer('a')],
    respond: request => answerTo(request, { secret: asciiBytes('typing error') }),
  })
  bench.access(1)
  bench.advance(30_000)
  expect(bench.answers.get(1)).toEqual({
    type: 'failed',
    reason: 'no-answer',
    detail: 'no answer within 30 s; an answer was not believed (forged)',
  })
})

test('accounting needs no Message-Authenticator in its answer, but none that is wrong', () => {
  const bench = new Bench({ servers: [udpServer('a')], respond: silent })
  bench.command({ type: 'accounting', id: 1, record: { status: 'start', sessionId: 's' }, attributes: [] })
  const [sent] = bench.sent
  if (!sent) throw new Error('nothing sent')
  const request = readRequest(sent.bytes)
  bench.receive(sent.lane, bareAnswer(request, [mac(new Uint8Array(16))], CODES.ACCOUNTING_RESPONSE))
  expect(bench.answers.size).toBe(0)
  bench.receive(sent.lane, bareAnswer(request, [], CODES.ACCOUNTING_RESPONSE))
  expect(bench.answers.get(1)).toEqual({ type: 'recorded', server: 'a' })
  expect(bench.events).toEqual([
    { type: 'dropped', server: 'a', reason: 'message-authenticator-wrong', count: 1 },
  ])
})

function readAttributes(packet: Uint8Array): RadiusAttribute[] {
  const attributes: RadiusAttribute[] = []
  for (let i = 20; i < packet.length; i += packet[i + 1] as number)
    attributes.push({ type: packet[i] as number, value: packet.slice(i + 2, i + (packet[i + 1] as number)) })
  return attributes
}
