import { describe, expect, it } from 'vitest'
import { COOKIE_SECRET_MS, INITIAL_REPEATS } from '../limits.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import {
  eventsIn,
  type Greeting,
  greet,
  type LoneResponder,
  loneResponder,
  notified,
  outputsOf,
  pathFrom,
  payloadsOf,
  sentBy,
} from '../testing/stranger.suite.ts'
import { TERMS } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'

const HOME = pathFrom('203.0.113.5')

function reasons(responder: LoneResponder, bytes: Uint8Array): string[] {
  return eventsIn(responder.hear(bytes, HOME)).flatMap(event =>
    event.type === 'dropped' ? [event.reason] : [],
  )
}

/** A responder that asks everyone for a cookie. */
const loaded = () => loneResponder({ limits: { cookieTotal: 0 } })

describe('an IKE_SA_INIT request', () => {
  it('is answered with keys, and makes a half-open IKE SA', () => {
    const { engine, hear } = loneResponder()
    const outputs = hear(greet(), HOME)
    expect(payloadsOf(sentBy(outputs)[0]).map(({ type }) => type)).toEqual(['SA', 'KE', 'NONCE', 'N'])
    expect([engine.halfOpenCount, engine.sessionCount]).toEqual([1, 0])
  })

  it('that is repeated gets the same response a bounded number of times, and makes nothing new', () => {
    const { engine, hear } = loneResponder()
    const request = greet()
    const [first] = sentBy(hear(request, HOME))
    const again = Array.from({ length: INITIAL_REPEATS + 5 }, () => sentBy(hear(request, HOME))).flat()
    expect(again).toEqual(Array.from({ length: INITIAL_REPEATS }, () => first))
    expect(engine.halfOpenCount).toBe(1)
  })

  it('of the same SPI but another nonce is another one', () => {
    const { engine, hear } = loneResponder()
    hear(greet(), HOME)
    hear(greet({ nonce: new Uint8Array(32).fill(7) }), HOME)
    expect(engine.halfOpenCount).toBe(2)
  })

  it('with another group than is chosen gets INVALID_KE_PAYLOAD with that group, and nothing is kept', () => {
    const ecp: IkeSuite = {
      encryption: 'AES-CBC-256',
      integrity: 'HMAC-SHA256-128',
      prf: 'HMAC-SHA256',
      group: 'ECP-256',
    }
    const old: IkeSuite = { ...ecp, group: 'MODP-2048-256' }
    const { engine, hear } = loneResponder({}, { ikeSuites: [ecp, old] })
    const outputs = hear(greet({ suites: [old, ecp] }), HOME)
    expect(notified(outputs, NOTIFY.INVALID_KE_PAYLOAD)).toEqual(Uint8Array.of(0, 19))
    expect([engine.halfOpenCount, eventsIn(outputs)]).toEqual([0, []])
    expect(sentBy(outputs)[0]?.subarray(8, 16)).toEqual(new Uint8Array(8))
  })

  it('without a common proposal gets NO_PROPOSAL_CHOSEN, and the log shows both sides', () => {
    const { engine, hear } = loneResponder()
    const suites: IkeSuite[] = [
      { encryption: 'AES-CBC-128', integrity: 'HMAC-SHA1-96', prf: 'HMAC-SHA1', group: 'MODP-1024' },
    ]
    const outputs = hear(greet({ suites }), HOME)
    expect(notified(outputs, NOTIFY.NO_PROPOSAL_CHOSEN)).toEqual(new Uint8Array())
    expect(engine.halfOpenCount).toBe(0)
    expect(eventsIn(outputs)).toEqual([
      {
        type: 'refused',
        path: HOME,
        byPeer: false,
        reason:
          'no proposal chosen: the peer offers IKE: AES-CBC-128/HMAC-SHA1-96/HMAC-SHA1/MODP-1024; ' +
          'the policy holds IKE: AES-GCM-16-256/HMAC-SHA256/X25519',
      },
    ])
  })

  it('of a higher major version is told ours', () => {
    const request = greet()
    request[17] = 0x30
    expect(notified(loneResponder().hear(request, HOME), NOTIFY.INVALID_MAJOR_VERSION)).toEqual(
      Uint8Array.of(2),
    )
  })

  it('with an unknown critical payload is told so; one that is not critical is passed over', () => {
    const { hear } = loneResponder()
    const request = greet({ extra: [{ type: 'V', data: Uint8Array.of(1) }] })
    const vendor = request.length - 5
    const nonce = vendor - 36
    request[nonce] = 200
    expect(payloadsOf(sentBy(hear(request, HOME))[0])).toHaveLength(4)
    request[vendor + 1] = 0x80
    const outputs = hear(request, HOME)
    expect(notified(outputs, NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD)).toEqual(Uint8Array.of(200))
  })

  it('is not answered at all when there are no terms', () => {
    const { engine, hear } = loneResponder({ responder: () => undefined })
    expect(eventsIn(hear(greet(), HOME))).toMatchObject([{ reason: 'IKE_SA_INIT: nobody is answered' }])
    expect(engine.ikeSaCount).toBe(0)
  })

  const zero = new Uint8Array(8)
  it.each<[string, Greeting]>([
    ['IKE_SA_INIT: malformed', { header: { initiatorSpi: zero } }],
    ['IKE_SA_INIT: malformed', { header: { responderSpi: new Uint8Array(8).fill(1) } }],
    ['IKE_SA_INIT: malformed', { header: { messageId: 1 } }],
    ['IKE_SA_INIT: malformed', { header: { fromInitiator: false } }],
    ['IKE_SA_INIT: not one NONCE payload', { extra: [{ type: 'NONCE', data: new Uint8Array(32) }] }],
    ['IKE_SA_INIT: a public value that is refused', { publicValue: new Uint8Array(5) }],
  ])('is dropped, counted as "%s" (%#)', (reason, greeting) => {
    const responder = loneResponder()
    expect(reasons(responder, greet(greeting))).toEqual([reason])
    expect(responder.engine.ikeSaCount).toBe(0)
  })

  it('is dropped when it is cut anywhere, and nothing is kept', () => {
    const responder = loneResponder()
    const request = greet()
    for (let length = 0; length < request.length; length++)
      expect(sentBy(responder.hear(request.subarray(0, length), HOME))).toEqual([])
    expect(responder.engine.ikeSaCount).toBe(0)
  })
})

describe('under load', () => {
  it('an initiator gets a cookie, smaller than its request, and nothing is kept of it', () => {
    const { engine, hear } = loaded()
    const request = greet()
    const outputs = hear(request, HOME)
    expect(notified(outputs, NOTIFY.COOKIE)?.length).toBe(33)
    expect(sentBy(outputs)[0]?.length).toBeLessThan(request.length)
    expect([engine.ikeSaCount, engine.halfOpenCount, engine.nextTimeout()]).toEqual([0, 0, undefined])
  })

  it('an initiator that brings its cookie back goes on', () => {
    const { engine, hear } = loaded()
    const cookie = notified(hear(greet(), HOME), NOTIFY.COOKIE) as Uint8Array
    expect(payloadsOf(sentBy(hear(greet({ cookie }), HOME))[0])[0]?.type).toBe('SA')
    expect(engine.halfOpenCount).toBe(1)
  })

  it('a cookie of another address, SPI or nonce, or with any bit changed, counts for nothing', () => {
    const { engine, hear } = loaded()
    const cookie = notified(hear(greet(), HOME), NOTIFY.COOKIE) as Uint8Array
    hear(greet({ cookie }), pathFrom('203.0.113.6'))
    hear(greet({ cookie, header: { initiatorSpi: new Uint8Array(8).fill(9) } }), HOME)
    hear(greet({ cookie, nonce: new Uint8Array(32).fill(9) }), HOME)
    for (let bit = 0; bit < 8 * cookie.length; bit++) {
      const wrong = cookie.slice()
      wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7))
      hear(greet({ cookie: wrong }), HOME)
    }
    for (const wrong of [cookie.subarray(0, 32), cookie.subarray(0, 1), Uint8Array.of(...cookie, 0)])
      hear(greet({ cookie: wrong }), HOME)
    expect(engine.halfOpenCount).toBe(0)
  })

  it('a cookie of the secret before still counts, one of the secret before that does not', () => {
    const { engine, hear } = loaded()
    const cookie = notified(hear(greet(), HOME, 0), NOTIFY.COOKIE) as Uint8Array
    hear(greet({ number: 2 }), HOME, COOKIE_SECRET_MS)
    hear(greet({ cookie }), HOME, COOKIE_SECRET_MS + 1)
    expect(engine.halfOpenCount).toBe(1)
    hear(greet({ number: 3 }), HOME, 2 * COOKIE_SECRET_MS)
    hear(greet({ cookie }), pathFrom('203.0.113.5', 501), 2 * COOKIE_SECRET_MS + 1)
    expect(engine.halfOpenCount).toBe(1)
  })

  it('of one network only that network is asked', () => {
    const { hear } = loneResponder({ limits: { cookiePerPrefix: 2 } })
    const answers = [1, 2, 3].map(number => hear(greet({ number }), HOME))
    expect(notified(answers[2] ?? [], NOTIFY.COOKIE)?.length).toBe(33)
    expect(payloadsOf(sentBy(hear(greet({ number: 4 }), pathFrom('203.0.114.5')))[0])[0]?.type).toBe('SA')
  })

  it('a network that fills its share is refused, cookie or not', () => {
    const { engine, hear } = loneResponder({ limits: { halfOpenPerPrefix: 3 } })
    for (let number = 1; number <= 5; number++) hear(greet({ number }), HOME)
    expect(engine.halfOpenCount).toBe(3)
  })

  it('the oldest half-open IKE SA that showed nothing gives way to a newcomer', () => {
    const { engine, hear } = loneResponder({ limits: { halfOpenTotal: 3 } })
    for (let number = 1; number <= 5; number++)
      expect(payloadsOf(sentBy(hear(greet({ number }), HOME))[0])[0]?.type).toBe('SA')
    expect(engine.halfOpenCount).toBe(3)
  })
})

describe('strangers that never go on', () => {
  it('are forgotten after their time, and only counted', () => {
    const { engine, hear } = loneResponder()
    for (let number = 1; number <= 8; number++) hear(greet({ number }), HOME)
    const outputs = []
    for (let at = engine.nextTimeout(); at !== undefined; at = engine.nextTimeout()) {
      engine.handleTimeout(at)
      outputs.push(...outputsOf(engine))
    }
    expect([engine.ikeSaCount, engine.halfOpenCount]).toEqual([0, 0])
    expect(eventsIn(outputs).map(({ type }) => type)).toEqual(['dropped', 'dropped'])
  })

  it('of refused proposals are told about a bounded number of times', () => {
    const { hear } = loneResponder()
    const suites: IkeSuite[] = [{ ...(TERMS.ikeSuites[0] as IkeSuite), encryption: 'AES-GCM-16-128' }]
    const events = Array.from({ length: 300 }, (_, number) => eventsIn(hear(greet({ number, suites }), HOME)))
    expect(events.flat().filter(({ type }) => type === 'refused')).toHaveLength(10)
  })
})
