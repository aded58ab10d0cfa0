import { describe, expect, it } from 'vitest'
import { Bench, type Responder, udpServer } from '../testing/bench.suite.ts'
import { answerTo, readRequest } from '../testing/server.suite.ts'
import { CODES } from '../wire/code.ts'

const silent: Responder = () => undefined
const one = { servers: [udpServer('a', { statusServer: false })] }

describe('ports', () => {
  it('are opened on demand, each for 256 requests at a time, and closed when they rest', () => {
    const bench = new Bench({ ...one, respond: silent })
    expect(bench.lanes.size).toBe(0)
    for (let id = 0; id < 600; id++) bench.access(id)
    expect(bench.lanes.size).toBe(3)
    for (const lane of bench.lanes.keys()) {
      const identifiers = bench.sent.filter(sent => sent.lane === lane).map(sent => sent.bytes[1])
      expect(new Set(identifiers).size).toBe(identifiers.length)
    }
    bench.advance(30_000)
    expect(bench.answers.size).toBe(600)
    expect(bench.client.sizes.requests).toBe(0)
    bench.advance(130_000)
    expect(bench.lanes.size).toBe(0)
    expect(bench.client.sizes.lanes).toBe(0)
  })

  it('that are all taken let requests wait for one', () => {
    const bench = new Bench({ ...one, respond: silent, limits: { portsPerServer: 1 } })
    for (let id = 0; id < 257; id++) bench.access(id)
    expect(bench.lanes.size).toBe(1)
    expect(new Set(bench.sent.map(({ bytes }) => bytes[1])).size).toBe(256)
    const [first] = bench.sent
    if (!first) throw new Error('nothing sent')
    bench.receive(first.lane, answerTo(readRequest(first.bytes)))
    bench.respond = request => answerTo(request)
    bench.advance(3_000)
    expect(bench.answers.get(256)).toMatchObject({ type: 'accept' })
  })

  it('that fail are replaced, with a new request', () => {
    const bench = new Bench({ ...one, respond: silent })
    bench.access(1)
    const [before] = bench.sent
    bench.respond = request => answerTo(request)
    bench.command({ type: 'closed', lane: before?.lane ?? 0, reason: 'EMFILE' })
    bench.advance(3_000)
    expect(bench.answers.get(1)).toMatchObject({ type: 'accept' })
    expect(bench.sent.at(-1)?.lane).not.toBe(before?.lane)
  })
})

describe('ports that are refused', () => {
  /** Ports fail as soon as something was sent from them. */
  function refusing(ids: string, refused: string): Bench {
    const bench = new Bench({
      servers: [...ids].map(id => udpServer(id)),
      respond: (request, server) => {
        if (!refused.includes(server)) return answerTo(request)
        const lane = [...bench.lanes].findLast(([, open]) => open.server === server)?.[0] ?? 0
        bench.later(() => {
          if (!bench.lanes.delete(lane)) return
          bench.command({ type: 'closed', lane, reason: 'ECONNREFUSED' })
        })
        return undefined
      },
    })
    return bench
  }

  it('send the request elsewhere at once', () => {
    const bench = refusing('ab', 'a')
    bench.access(1)
    bench.advance(50)
    expect(bench.answers.get(1)).toMatchObject({ type: 'accept', server: 'b' })
    expect(bench.events[0]).toMatchObject({ server: 'a', state: 'suspect', reason: 'ECONNREFUSED' })
    bench.advance(10_000)
    expect(bench.states('a')).toEqual(['suspect', 'dead'])
  })

  it('of all servers are tried every two seconds and not without a pause', () => {
    for (const ids of ['a', 'ab']) {
      const bench = refusing(ids, ids)
      bench.access(1)
      bench.advance(30_000)
      expect(bench.answers.get(1)).toMatchObject({ reason: 'no-answer' })
      expect(bench.sentTo('a', CODES.ACCESS_REQUEST).length).toBeGreaterThan(10)
      expect(bench.sentTo('a', CODES.ACCESS_REQUEST).length).toBeLessThan(18)
    }
  })
})

describe('requests', () => {
  it('are so many at a time, and what is over fails at once', () => {
    const bench = new Bench({ ...one, respond: silent, limits: { requests: 2 } })
    for (const id of [1, 2, 3]) bench.access(id)
    expect([...bench.answers]).toEqual([
      [3, { type: 'failed', reason: 'overloaded', detail: '2 requests are open' }],
    ])
    bench.command({ type: 'cancel', id: 1 })
    bench.access(4)
    expect(bench.answers.size).toBe(1)
  })

  it('that nobody wants any more are over without a word', () => {
    const bench = new Bench({ ...one, respond: silent })
    bench.access(1)
    const [sent] = bench.sent
    if (!sent) throw new Error('nothing sent')
    bench.command({ type: 'cancel', id: 1 })
    bench.receive(sent.lane, answerTo(readRequest(sent.bytes)))
    bench.advance(60_000)
    expect(bench.answers.size).toBe(0)
    expect(bench.drops()).toEqual(['unknown-identifier'])
    expect(bench.sentTo('a', CODES.ACCESS_REQUEST)).toHaveLength(1)
  })

  it('with a number that is taken change nothing', () => {
    const bench = new Bench({ ...one, latencyMs: 50 })
    bench.access(1)
    bench.access(1, { userName: 'mallory' })
    bench.advance(100)
    expect(bench.sent).toHaveLength(1)
    bench.access(1)
    expect(bench.sent).toHaveLength(2)
  })

  it('come and go by the thousand, and nothing is kept of them', () => {
    const bench = new Bench({ ...one, latencyMs: 30 })
    for (let id = 0; id < 3_000; id++) {
      bench.access(id)
      if (id % 100 === 0) bench.advance(35)
    }
    bench.advance(1_000)
    expect(bench.answers.size).toBe(3_000)
    expect(bench.client.sizes.requests).toBe(0)
    expect(bench.client.sizes.deadlines).toBeLessThan(100)
  })
})
