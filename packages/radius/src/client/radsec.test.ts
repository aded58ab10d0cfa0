import { concatBytes } from '@causeway/wire'
import { describe, expect, it, test } from 'vitest'
import { Bench, type BenchOptions, type Responder, tlsServer, udpServer } from '../testing/bench.suite.ts'
import { answerTo as answerOver, RADSEC, readRequest } from '../testing/server.suite.ts'
import { CODES } from '../wire/code.ts'
import type { ReceivedPacket } from '../wire/packet.ts'

const answerTo = (request: ReceivedPacket) => answerOver(request, { secret: RADSEC })
const silent: Responder = () => undefined
const bench = (options: Partial<BenchOptions> = {}) =>
  new Bench({ servers: [tlsServer('a')], respond: answerTo, ...options })

describe('a connection', () => {
  it('is made on demand, and carries both kinds of requests under one secret', () => {
    const one = bench()
    one.access(1)
    expect(one.sent).toEqual([])
    one.advance(10)
    one.command({ type: 'accounting', id: 2, record: { status: 'on', sessionId: '0' }, attributes: [] })
    one.advance(30)
    expect(one.answers.get(1)).toMatchObject({ type: 'accept', server: 'a' })
    expect(one.answers.get(2)).toMatchObject({ type: 'recorded' })
    expect(one.outputs.filter(({ type }) => type === 'connect')).toHaveLength(1)
  })

  it('gives its packets whatever way the stream was cut', () => {
    for (const size of [1, 3, 20, 57, 4096]) {
      const one = bench({ respond: silent })
      for (const id of [1, 2, 3]) one.access(id)
      one.advance(10)
      const stream = concatBytes(one.sent.map(({ bytes }) => answerTo(readRequest(bytes, RADSEC))))
      const lane = one.sent[0]?.lane ?? 0
      for (let at = 0; at < stream.length; at += size)
        one.command({ type: 'bytes', lane, bytes: stream.subarray(at, at + size) })
      expect([...one.answers.keys()]).toEqual([1, 2, 3])
    }
  })

  it.each([
    ['answers Status-Server', true],
    ['does not know it', false],
  ])('sends a request once, however long a server takes that %s', (_, knowsStatus) => {
    const one = bench({
      respond: request =>
        knowsStatus && request.code === CODES.STATUS_SERVER ? answerTo(request) : undefined,
    })
    one.access(1)
    one.advance(29_000)
    const requests = one.sentTo('a', CODES.ACCESS_REQUEST)
    expect(requests).toHaveLength(1)
    one.command({
      type: 'bytes',
      lane: requests[0]?.lane ?? 0,
      bytes: answerTo(readRequest(requests[0]?.bytes as Uint8Array, RADSEC)),
    })
    expect(one.answers.get(1)).toMatchObject({ type: 'accept' })
  })

  it('that hangs, of a server that was known to answer, is replaced under its request', () => {
    const one = bench()
    one.access(1)
    one.advance(35_000)
    one.respond = silent
    one.access(2)
    one.advance(12_000)
    expect(one.states('a').slice(0, 2)).toEqual(['suspect', 'dead'])
    one.respond = answerTo
    one.advance(12_000)
    expect(one.answers.get(2)).toMatchObject({ type: 'accept' })
    expect(one.states('a').at(-1)).toBe('alive')
  })

  test.each([0, 19, 4097])('ends with a packet of length %i', length => {
    const one = bench({
      servers: [tlsServer('a', { score: 99 }), udpServer('b')],
      respond: (request, server) => (server === 'b' ? answerOver(request) : undefined),
    })
    one.access(1)
    one.advance(10)
    const lane = one.sent[0]?.lane ?? 0
    one.command({ type: 'bytes', lane, bytes: Uint8Array.of(2, 1, length >> 8, length & 0xff) })
    expect(one.outputs).toContainEqual({ type: 'close-lane', lane })
    expect(one.states('a')).toEqual(['dead'])
    one.advance(20)
    expect(one.answers.get(1)).toMatchObject({ server: 'b' })
  })

  it('is closed when it rests for ten minutes', () => {
    const one = bench()
    one.access(1)
    one.advance(590_000)
    expect(one.lanes.size).toBe(1)
    one.advance(30_000)
    expect(one.lanes.size).toBe(0)
    expect(one.states('a')).toEqual([])
  })
})

describe('a connection that breaks', () => {
  const both = { servers: [tlsServer('a', { score: 99 }), udpServer('b')] }
  const mixed: Responder = (request, server) => (server === 'a' ? answerTo(request) : answerOver(request))

  it('or does not come to stand sends its requests elsewhere at once', () => {
    const two = bench({ ...both, respond: mixed, connects: () => false })
    two.access(1)
    two.advance(50)
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'b' })
    expect(two.states('a')).toEqual(['dead'])
    two.connects = () => true
    two.advance(12_000)
    expect(two.states('a')).toEqual(['dead', 'alive'])
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ server: 'a' })
  })

  it('under a request, likewise', () => {
    const two = bench({
      ...both,
      respond: (request, server) => (server === 'b' ? mixed(request, 'b') : undefined),
    })
    two.access(1)
    two.advance(100)
    const lane = two.sent[0]?.lane ?? 0
    two.command({ type: 'closed', lane, reason: 'reset' })
    two.advance(50)
    expect(two.answers.get(1)).toMatchObject({ server: 'b' })
  })

  it('is made again when there is no other, not more often than each second', () => {
    const one = bench({ connects: () => false })
    for (let id = 0; id < 300; id++) {
      one.access(id)
      one.advance(100)
    }
    const attempts = one.outputs.filter(({ type }) => type === 'connect').length
    expect(attempts).toBeGreaterThan(10)
    expect(attempts).toBeLessThanOrEqual(31)
    one.connects = () => true
    one.access(1000)
    one.advance(5_000)
    expect(one.answers.get(1000)).toMatchObject({ type: 'accept' })
  })

  it('takes too long: it is given up after ten seconds', () => {
    const stuck = new Bench({ ...both, respond: mixed, latencyMs: 100_000 })
    stuck.access(1)
    stuck.advance(10_500)
    expect(stuck.outputs).toContainEqual({ type: 'close-lane', lane: 1 })
    expect(stuck.states('a')).toContain('dead')
  })

  it('of its own accord while nobody uses it is no fault', () => {
    const one = bench()
    one.access(1)
    one.advance(100)
    one.command({ type: 'closed', lane: [...one.lanes.keys()][0] ?? 0, reason: 'end' })
    expect(one.states('a')).toEqual([])
    one.lanes.clear()
    one.access(2)
    one.advance(100)
    expect(one.answers.get(2)).toMatchObject({ type: 'accept' })
  })
})

describe('the watchdog', () => {
  it('takes no offence at a server that closes what rests', () => {
    const one = bench()
    one.access(1)
    one.advance(29_000)
    one.respond = silent
    one.advance(2_000)
    expect(one.sentTo('a', CODES.STATUS_SERVER)).toHaveLength(1)
    one.command({ type: 'closed', lane: [...one.lanes.keys()][0] ?? 0, reason: 'end' })
    one.lanes.clear()
    one.respond = answerTo
    one.advance(60_000)
    expect(one.states('a')).toEqual([])
    one.access(2)
    one.advance(100)
    expect(one.answers.get(2)).toMatchObject({ type: 'accept' })
  })

  it('asks a silent connection for a sign of life', () => {
    const one = bench()
    one.access(1)
    one.advance(100_000)
    expect(one.sentTo('a', CODES.STATUS_SERVER).length).toBe(3)
    expect(one.states('a')).toEqual([])
  })

  it('closes one that gives none, if it ever did', () => {
    const one = bench()
    one.access(1)
    one.advance(35_000)
    one.respond = silent
    one.advance(40_000)
    expect(one.states('a')[0]).toBe('dead')
    expect(one.outputs.some(({ type }) => type === 'close-lane')).toBe(true)
  })

  it('leaves one alone that does not know the question', () => {
    const one = bench({ respond: request => (request.code === 12 ? undefined : answerTo(request)) })
    one.access(1)
    one.advance(300_000)
    expect(one.states('a')).toEqual([])
    expect(one.lanes.size).toBe(1)
  })
})
