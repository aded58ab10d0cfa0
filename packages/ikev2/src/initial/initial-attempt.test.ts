import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { describe, expect, it } from 'vitest'
import { createIkev2, type Ikev2Engine } from '../engine/ikev2-engine.ts'
import { findNotify, findPayload, notify } from '../exchange/notify.ts'
import { INITIAL_RETRIES, REFUSED_MS, RETRANSMIT_REPEATS } from '../limits.ts'
import { ikeProposals } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { connect, createDuo, trafficPasses } from '../testing/duo.suite.ts'
import { plainRoutes, type Route } from '../testing/routes.suite.ts'
import { eventsIn, outputsOf, payloadsOf, sentBy } from '../testing/stranger.suite.ts'
import { TERMS } from '../testing/terms.suite.ts'
import { writeMessage } from '../wire/header.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'

const [{ initiator: PATH }] = plainRoutes() as [Route]
const X25519 = TERMS.ikeSuites[0] as IkeSuite
const SA = { type: 'SA', proposals: ikeProposals([X25519], new Uint8Array()) } as const
const ECP: IkeSuite = { ...X25519, group: 'ECP-256' }

/** An initiator that has sent its first request. */
function begun(ikeSuites: readonly IkeSuite[] = [X25519, ECP]) {
  const engine = createIkev2({ crypto: createSeededCrypto('lone initiator'), responder: () => undefined })
  engine.handleCommand({ type: 'connect', session: 1, path: PATH, terms: { ...TERMS, ikeSuites } }, 0)
  const [request] = sentBy(outputsOf(engine)) as [Uint8Array]
  return { engine, request }
}

/** What anyone on the way could send as answer. */
function answer(
  engine: Ikev2Engine,
  request: Uint8Array,
  payloads: readonly Payload[],
  now = 0,
  header: Partial<IkeHeader> = {},
) {
  const bytes = writeMessage(
    {
      initiatorSpi: request.slice(0, 8),
      responderSpi: new Uint8Array(8),
      exchange: EXCHANGE.IKE_SA_INIT,
      fromInitiator: false,
      response: true,
      messageId: 0,
      ...header,
    },
    payloads,
  )
  engine.handleDatagram({ path: PATH, bytes }, now)
  return outputsOf(engine)
}

/** Lets all time pass that the engine asks for, and gives what comes out with its time. */
function playOut(engine: Ikev2Engine) {
  const outputs = []
  for (let at = engine.nextTimeout(); at !== undefined; at = engine.nextTimeout()) {
    engine.handleTimeout(at)
    for (const output of outputsOf(engine)) outputs.push({ at, output })
  }
  return outputs
}

describe('an initiator whom nobody answers', () => {
  it('repeats the same bytes ever more slowly, then gives up and holds nothing', () => {
    const { engine, request } = begun()
    const outputs = playOut(engine)
    const sent = outputs.flatMap(({ at, output }) =>
      output.type === 'send' ? [{ at, bytes: output.bytes }] : [],
    )
    expect(sent.map(({ bytes }) => bytes)).toEqual(Array.from({ length: RETRANSMIT_REPEATS }, () => request))
    const waits = sent.map(({ at }, i) => at - (sent[i - 1]?.at ?? 0))
    expect(waits.every((wait, i) => i === 0 || wait > 1.4 * (waits[i - 1] as number))).toBe(true)
    expect(outputs.at(-1)?.at).toBeGreaterThan(110_000)
    expect(eventsIn(outputs.map(({ output }) => output))).toEqual([
      { type: 'refused', path: PATH, reason: 'the peer does not answer', byPeer: false },
    ])
    expect([engine.ikeSaCount, engine.halfOpenCount, engine.nextTimeout()]).toEqual([0, 0, undefined])
  })

  it('can be told to stop', () => {
    const { engine } = begun()
    engine.handleCommand({ type: 'disconnect', session: 1, reason: 'enough' }, 10)
    expect(eventsIn(outputsOf(engine))).toMatchObject([{ type: 'refused', reason: 'enough' }])
    expect([engine.ikeSaCount, engine.nextTimeout()]).toEqual([0, undefined])
  })
})

describe('an initiator that is asked', () => {
  it('for a cookie sends the same request with the cookie first', () => {
    const { engine, request } = begun()
    const cookie = Uint8Array.of(1, 2, 3)
    const [again] = sentBy(answer(engine, request, [notify(NOTIFY.COOKIE, cookie)]))
    expect(payloadsOf(again)[0]).toMatchObject({ notify: NOTIFY.COOKIE, data: cookie })
    const rest = (bytes?: Uint8Array) => payloadsOf(bytes).filter(p => p.type === 'KE' || p.type === 'NONCE')
    expect(rest(again)).toEqual(rest(request))
  })

  it('for another group takes it when it was offered, and keeps the cookie', () => {
    const { engine, request } = begun()
    answer(engine, request, [notify(NOTIFY.COOKIE, Uint8Array.of(9))])
    const [again] = sentBy(answer(engine, request, [notify(NOTIFY.INVALID_KE_PAYLOAD, Uint8Array.of(0, 19))]))
    expect(findPayload(payloadsOf(again), 'KE')?.group).toBe(19)
    expect(findNotify(payloadsOf(again), NOTIFY.COOKIE)?.data).toEqual(Uint8Array.of(9))
  })

  it.each([
    ['a group that was not offered', Uint8Array.of(0, 2)],
    ['a group that was not offered', Uint8Array.of(0)],
    ['the group is that already', Uint8Array.of(0, 31)],
  ])('for what makes no sense does nothing: %s', (reason, data) => {
    const { engine, request } = begun()
    const outputs = answer(engine, request, [notify(NOTIFY.INVALID_KE_PAYLOAD, data)])
    expect(sentBy(outputs)).toEqual([])
    expect(eventsIn(outputs)).toMatchObject([{ reason: `answer to IKE_SA_INIT: ${reason}` }])
  })

  it('for ever new cookies stops to follow', () => {
    const { engine, request } = begun()
    const sent = Array.from({ length: 40 }, (_, i) =>
      sentBy(answer(engine, request, [notify(NOTIFY.COOKIE, Uint8Array.of(i))])),
    )
    expect(sent.flat()).toHaveLength(INITIAL_RETRIES)
  })
})

describe('a refusal that nothing proves', () => {
  it('ends the attempt only after a better answer was waited for, with its reason', () => {
    const { engine, request } = begun([X25519])
    expect(answer(engine, request, [notify(NOTIFY.NO_PROPOSAL_CHOSEN)], 100)).toEqual([])
    const outputs = playOut(engine)
    expect(outputs.at(-1)).toMatchObject({
      at: 100 + REFUSED_MS,
      output: {
        event: {
          type: 'refused',
          reason:
            'the peer refuses IKE_SA_INIT with NO_PROPOSAL_CHOSEN: we offer IKE: AES-GCM-16-256/HMAC-SHA256/X25519',
        },
      },
    })
    expect(engine.ikeSaCount).toBe(0)
  })

  // initiator                   attacker     responder
  //   | --- IKE_SA_INIT ------------------------> |
  //   | <-- NO_PROPOSAL_CHOSEN --- |              |
  //   | <---------------------------------------- |
  it('does not keep the honest answer from being taken', () => {
    const duo = createDuo()
    duo.initiatorSide.recordsSent = true
    duo.pair.a.command({
      type: 'connect',
      session: 1,
      path: (duo.routes[0] as Route).initiator,
      terms: duo.terms,
    })
    duo.pair.step()
    const request = duo.initiatorSide.sent[0]?.bytes as Uint8Array
    for (const error of [NOTIFY.NO_PROPOSAL_CHOSEN, NOTIFY.INVALID_SYNTAX, NOTIFY.AUTHENTICATION_FAILED])
      answer(duo.initiator, request, [notify(error)])
    answer(duo.initiator, request, [notify(NOTIFY.INVALID_KE_PAYLOAD, Uint8Array.of(0, 19))])
    expect(duo.pair.run(() => duo.initiatorSide.flows.size === 1, 5000)).toBe('met')
    expect(trafficPasses(duo)).toBe(true)
  })

  it.each<[string, readonly Payload[], Partial<IkeHeader>]>([
    ['not what is awaited', [notify(NOTIFY.COOKIE, Uint8Array.of(1))], { messageId: 1 }],
    [
      'not what is awaited',
      [notify(NOTIFY.COOKIE, Uint8Array.of(1))],
      { fromInitiator: true, responderSpi: new Uint8Array(8) },
    ],
    ['not what is awaited', [notify(NOTIFY.COOKIE, Uint8Array.of(1))], { exchange: EXCHANGE.IKE_AUTH }],
    ['a cookie of a wrong length', [notify(NOTIFY.COOKIE)], {}],
    ['a cookie of a wrong length', [notify(NOTIFY.COOKIE, new Uint8Array(65))], {}],
    ['neither keys nor an error', [notify(NOTIFY.INITIAL_CONTACT)], {}],
    ['not one SA payload', [SA, SA], {}],
  ])('and answers that are none are dropped: %s (%#)', (reason, payloads, header) => {
    const { engine, request } = begun()
    const outputs = answer(engine, request, payloads, 0, header)
    expect(sentBy(outputs)).toEqual([])
    expect(eventsIn(outputs)[0]).toMatchObject({ type: 'dropped' })
    if (!header.fromInitiator)
      expect(eventsIn(outputs)[0]).toMatchObject({ reason: `answer to IKE_SA_INIT: ${reason}` })
  })
})

describe('both ends', () => {
  it('agree under load by a cookie', () => {
    const duo = createDuo({ options: { limits: { cookieTotal: 0 } } })
    expect(connect(duo)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
  })

  it('agree on the group that the responder prefers, under load too', () => {
    for (const cookieTotal of [0, 100]) {
      const duo = createDuo({
        options: { limits: { cookieTotal } },
        initiator: { ikeSuites: [X25519, ECP] },
        responder: { ikeSuites: [ECP, X25519] },
      })
      expect(connect(duo)).toBe(true)
      expect(duo.initiatorSide.eventsOf('established')[0]?.suite.group).toBe('ECP-256')
    }
  })
})
