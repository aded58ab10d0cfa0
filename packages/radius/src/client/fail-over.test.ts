import { SeededRandom } from '@causeway/netsim'
import { describe, expect, it, test } from 'vitest'
import { at, Bench, type BenchOptions, type Responder, udpServer } from '../testing/bench.suite.ts'
import { answerTo, readRequest, SECRET } from '../testing/server.suite.ts'
import { CODES } from '../wire/code.ts'

const silent: Responder = () => undefined

/** Answers of all servers but these. */
const without =
  (...silentServers: readonly string[]): Responder =>
  (request, server) =>
    silentServers.includes(server) ? undefined : answerTo(request)

const bench = (ids: string, options: Partial<BenchOptions> = {}) =>
  new Bench({ servers: [...ids].map(id => udpServer(id)), ...options })

/** Waits between transmissions, in whole seconds. */
const seconds = (times: readonly number[]) => times.map(time => Math.round(time / 1000))

describe('one server', () => {
  it('that is silent hears the same packet again with growing waits, for 30 s (RFC 5080 §2.2.1)', () => {
    const one = bench('a', { respond: silent })
    one.access(1)
    one.advance(29_900)
    const requests = one.sentTo('a', CODES.ACCESS_REQUEST)
    expect(seconds(requests.map(({ at }) => at))).toEqual([0, 2, 6, 14])
    expect(new Set(requests.map(({ bytes, lane }) => `${lane} ${bytes}`)).size).toBe(1)
    expect(one.answers.size).toBe(0)
    one.advance(100)
    expect(one.answers.get(1)).toEqual({
      type: 'failed',
      reason: 'no-answer',
      detail: 'no answer within 30 s',
    })
    expect(one.states('a')).toEqual(['suspect', 'dead'])
  })

  it('waits a tenth more or less', () => {
    const firsts = Array.from({ length: 40 }, (_, seed) => {
      const one = bench('a', { respond: silent, seed })
      one.access(1)
      return one.engine.nextTimeout() ?? 0
    })
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(1800)
    expect(Math.max(...firsts)).toBeLessThanOrEqual(2200)
    expect(new Set(firsts).size).toBeGreaterThan(20)
  })

  it('that is dead is asked all the same, and comes back with its answer', () => {
    const one = bench('a', { respond: silent })
    one.access(1)
    one.advance(30_000)
    one.respond = without()
    one.access(2)
    one.advance(100)
    expect(one.answers.get(2)).toMatchObject({ type: 'accept' })
    expect(one.states('a')).toEqual(['suspect', 'dead', 'alive'])
  })
})

describe('several servers', () => {
  it('are asked by score', () => {
    const three = new Bench({
      servers: [udpServer('a', { score: 1 }), udpServer('b', { score: 30 }), udpServer('c', { score: 15 })],
      respond: without('b'),
    })
    three.access(1)
    three.advance(10_000)
    expect(three.answers.get(1)).toMatchObject({ type: 'accept', server: 'c' })
    expect(three.sentTo('a')).toEqual([])
  })

  /*
   *  t   a (30)               b (20)
   *  0   Access-Request x
   *  2   again         x      a is suspect, and asked for its status
   *  6                        Access-Request -> accept
   *  8   a is dead: new requests go to b at once
   */
  it('the next one answers when the first is silent', () => {
    const two = bench('ab', { respond: without('a') })
    two.access(1)
    two.advance(10_000)
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'b' })
    expect(seconds(two.sentTo('a', CODES.ACCESS_REQUEST).map(({ at }) => at))).toEqual([0, 2])
    expect(seconds([two.answeredAt.get(1) as number])).toEqual([6])
    expect(two.states('a')).toEqual(['suspect', 'dead'])
    expect(two.states('b')).toEqual([])
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ type: 'accept', server: 'b' })
  })

  it('a suspect one gives way to new requests within two seconds', () => {
    const two = bench('ab', { respond: without('a') })
    two.access(1)
    two.advance(2_300)
    expect(two.states('a')).toEqual(['suspect'])
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ type: 'accept', server: 'b' })
  })

  it('all silent are asked in turn until the 30 s are over', () => {
    const three = bench('abc', { respond: silent })
    three.access(1)
    three.advance(30_000)
    const order = three.sent.filter(({ bytes }) => bytes[0] === CODES.ACCESS_REQUEST).map(one => one.server)
    expect(order.join('')).toMatch(/^aabbccaabba?$/)
    expect(three.answers.get(1)).toMatchObject({ reason: 'no-answer' })
    expect(three.answeredAt.get(1)).toBe(30_000)
  })

  it('an answer that comes late from the one before counts', () => {
    const two = bench('ab', { respond: silent })
    two.access(1)
    two.advance(7_000)
    const first = two.sentTo('a', CODES.ACCESS_REQUEST)[0]
    if (!first) throw new Error('nothing sent')
    two.receive(first.lane, answerOf(first.bytes))
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'a' })
  })

  it('one that only this request leaves silent is not left: it may be asking the user', () => {
    let pending: Uint8Array | undefined
    const two = bench('ab', {
      respond: (request, server) => {
        if (server !== 'a' || request.code === CODES.STATUS_SERVER) return answerTo(request)
        pending = answerTo(request)
        return undefined
      },
    })
    two.access(1)
    two.advance(25_000)
    expect(two.sentTo('b')).toEqual([])
    expect(two.states('a').slice(0, 2)).toEqual(['suspect', 'alive'])
    two.receive(two.sentTo('a')[0]?.lane ?? 0, pending as Uint8Array)
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'a' })
  })

  it('without Status-Server patience is a setting', () => {
    const patient = new Bench({
      servers: [udpServer('a', { statusServer: false, sendsBeforeFailOver: 3 }), udpServer('b')],
      respond: without('a'),
    })
    patient.access(1)
    patient.advance(12_000)
    expect(patient.answers.size).toBe(0)
    patient.advance(4_000)
    expect(patient.answers.get(1)).toMatchObject({ server: 'b' })
    expect(patient.sentTo('a', CODES.STATUS_SERVER)).toEqual([])
    expect(patient.states('a')).toEqual(['suspect', 'dead'])
  })

  it('accounting fails over by itself: its ports have their own state', () => {
    const two = bench('ab', {
      respond: (request, server) =>
        server === 'a' && request.code === CODES.ACCOUNTING_REQUEST ? undefined : answerTo(request),
    })
    two.command({ type: 'accounting', id: 1, record: { status: 'on', sessionId: '0' }, attributes: [] })
    two.advance(10_000)
    expect(two.answers.get(1)).toEqual({ type: 'recorded', server: 'b' })
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ type: 'accept', server: 'a' })
  })
})

describe('coming back', () => {
  /** Server a is dead. */
  function afterDeath(servers = [udpServer('a'), udpServer('b')], knowsStatus = true): Bench {
    const two = new Bench({ servers })
    if (knowsStatus) {
      two.respond = (request, server) =>
        server === 'a' && request.code === CODES.ACCESS_REQUEST ? undefined : answerTo(request)
      two.access(1000)
      two.advance(2_500)
    }
    two.respond = without('a')
    two.access(1001)
    two.advance(12_000)
    expect(two.states('a').at(-1)).toBe('dead')
    return two
  }

  it('after three answers to Status-Server', () => {
    const two = afterDeath()
    two.advance(30_000)
    expect(two.states('a').at(-1)).toBe('dead')
    const asked = two.sentTo('a', CODES.STATUS_SERVER).length
    two.respond = without()
    two.advance(13_500)
    expect(two.states('a').at(-1)).toBe('alive')
    expect(two.sentTo('a', CODES.STATUS_SERVER).length).toBe(asked + 3)
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ server: 'a' })
  })

  it('not after one or two, and not by time while Status-Server is known to it', () => {
    const two = afterDeath()
    let left = 2
    two.respond = (request, server) => (server === 'a' && left-- <= 0 ? undefined : answerTo(request))
    two.advance(300_000)
    expect(two.states('a').at(-1)).toBe('dead')
  })

  it('on trial after a time when it never answered Status-Server', () => {
    const two = afterDeath([udpServer('a'), udpServer('b')], false)
    two.advance(61_000)
    expect(two.events.at(-1)).toMatchObject({ type: 'server-state', state: 'alive', reason: 'on trial' })
    two.respond = without()
    two.access(2)
    two.advance(50)
    expect(two.answers.get(2)).toMatchObject({ server: 'a' })
  })

  it('of a suspect that was never given up, when there are no probes', () => {
    const two = new Bench({
      servers: [udpServer('a', { statusServer: false }), udpServer('b')],
      respond: silent,
    })
    two.access(1)
    two.advance(2_500)
    two.command({ type: 'cancel', id: 1 })
    expect(two.states('a')).toEqual(['suspect'])
    two.advance(60_000)
    expect(two.states('a')).toEqual(['suspect', 'alive'])
  })
})

describe('a change of servers', () => {
  const [a, b] = [udpServer('a'), udpServer('b')]

  it('leaves requests alone that it does not concern', () => {
    const two = bench('ab', { respond: silent })
    two.access(1)
    two.command({ type: 'servers', servers: [{ ...a, score: 99 }] })
    const [sent] = two.sentTo('a')
    if (!sent) throw new Error('nothing sent')
    two.receive(sent.lane, answerOf(sent.bytes))
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'a' })
  })

  it.each([
    ['another secret', { secret: SECRET.slice(1) }],
    ['another address', { authentication: at('192.0.2.77', 1812) }],
  ])('asks anew at once when a server has %s', (_, changed) => {
    const two = bench('ab', { respond: silent })
    two.access(1)
    const [before] = two.sentTo('a')
    two.respond = without()
    two.command({ type: 'servers', servers: [{ ...a, ...changed, score: 0 }, b] })
    expect(two.outputs).toContainEqual({ type: 'close-lane', lane: before?.lane })
    two.advance(50)
    expect(two.answers.get(1)).toMatchObject({ type: 'accept', server: 'b' })
  })

  it('to none fails what is open', () => {
    const two = bench('ab', { respond: silent })
    two.access(1)
    two.command({ type: 'servers', servers: [] })
    expect(two.answers.get(1)).toMatchObject({ reason: 'no-server' })
    two.access(2)
    expect(two.answers.get(2)).toMatchObject({ reason: 'no-server' })
  })

  test.each([
    ['no secret', { secret: new Uint8Array(0) }],
    ['no score', { score: Number.NaN }],
    ['no patience', { sendsBeforeFailOver: 0 }],
  ])('to one with %s is refused, and tells no secret', (_, wrong) => {
    const two = bench('ab')
    const attempt = () => two.command({ type: 'servers', servers: [{ ...a, ...wrong }] })
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_RADIUS_OPTIONS' }))
    expect(() => two.command({ type: 'servers', servers: [a, a] })).toThrow('two servers are called a')
    two.access(1)
    two.advance(50)
    expect(two.answers.get(1)).toMatchObject({ type: 'accept' })
  })
})

function answerOf(request: Uint8Array): Uint8Array {
  return answerTo(readRequest(request))
}

/** Loses a share of what goes either way. */
function lossy(share: number, seed: number): Responder {
  const random = new SeededRandom(seed)
  return request => (random.chance(share) || random.chance(share) ? undefined : answerTo(request))
}

test.each([1, 2, 3, 4, 5])('a tenth is lost either way, and all but a few are answered (seed %i)', seed => {
  const two = bench('ab', { respond: lossy(0.1, seed), seed })
  for (let id = 0; id < 300; id++) {
    two.access(id)
    two.advance(100)
  }
  two.advance(30_000)
  const answers = [...two.answers.values()]
  expect(answers).toHaveLength(300)
  expect(answers.filter(({ type }) => type === 'accept').length).toBeGreaterThanOrEqual(297)
  expect(two.client.sizes.requests).toBe(0)
})

test('an answer of the moment in which a request begins is no sign that it is worked on', () => {
  const two = bench('ab', { respond: silent })
  two.access(1)
  const [first] = two.sentTo('a')
  if (!first) throw new Error('nothing sent')
  two.advance(10)
  two.receive(first.lane, answerOf(first.bytes))
  two.respond = without('a')
  two.access(2)
  two.advance(8_000)
  expect(two.answers.get(2)).toMatchObject({ type: 'accept', server: 'b' })
})
