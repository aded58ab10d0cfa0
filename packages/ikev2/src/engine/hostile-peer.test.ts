import { describe, expect, it } from 'vitest'
import { findNotify, notify } from '../exchange/notify.ts'
import type { Ikev2Output } from '../output.ts'
import { MALFORMED, ScriptedInitiator, UNKNOWN_CRITICAL } from '../testing/scripted-initiator.suite.ts'
import {
  eventsIn,
  type LoneResponder,
  loneResponder,
  outputsOf,
  pathFrom,
  sentBy,
} from '../testing/stranger.suite.ts'
import { letIn } from '../testing/terms.suite.ts'
import { EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

const HOME = pathFrom('203.0.113.5')
const AUTH = { exchange: EXCHANGE.IKE_AUTH }
const CHILD = { exchange: EXCHANGE.CREATE_CHILD_SA }

interface Meeting extends LoneResponder {
  readonly peer: ScriptedInitiator
}

/** A responder and an initiator by hand that has keys with it. */
function met(mobike = false): Meeting {
  const responder = loneResponder({}, { mobike })
  return { ...responder, peer: new ScriptedInitiator(responder, HOME) }
}

/** The same with the initiator let in. */
function established(mobike = false): Meeting {
  const meeting = met(mobike)
  const { peer, engine } = meeting
  const mobility = mobike ? [notify(NOTIFY.MOBIKE_SUPPORTED)] : []
  for (const output of peer.say(peer.authPayloads(mobility), AUTH)) {
    const reply = output.type === 'request' ? letIn(output.request) : undefined
    if (output.type === 'request' && reply) engine.handleCommand({ type: 'reply', id: output.id, reply }, 0)
  }
  outputsOf(engine)
  expect(engine.sessionCount).toBe(1)
  return meeting
}

const reasons = (outputs: readonly Ikev2Output[]) =>
  eventsIn(outputs).flatMap(event => ('reason' in event ? [event.reason] : []))
const has = (payloads: readonly Payload[], type: number) => findNotify(payloads, type) !== undefined

describe('before authentication', () => {
  it.each([
    ['CREATE_CHILD_SA', CHILD],
    ['INFORMATIONAL', {}],
    ['an unknown exchange', { exchange: 41 }],
  ])('%s is not answered and does not take the place of IKE_AUTH', (_, mark) => {
    const { peer, engine } = met()
    const outputs = peer.say([notify(NOTIFY.INITIAL_CONTACT)], { ...mark, messageId: 1 })
    expect([sentBy(outputs), reasons(outputs)]).toEqual([[], ['a request before authentication']])
    expect(engine.halfOpenCount).toBe(1)
    expect(peer.say(peer.authPayloads(), AUTH).some(({ type }) => type === 'request')).toBe(true)
  })

  it('an unknown critical payload ends the attempt, and the peer is told its number', () => {
    const { peer, engine } = met()
    const outputs = peer.sayRaw(UNKNOWN_CRITICAL.first, UNKNOWN_CRITICAL.inside, AUTH)
    expect(findNotify(peer.read(outputs), NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD)?.data).toEqual(
      Uint8Array.of(200),
    )
    expect(reasons(outputs)).toEqual(['malformed request: unknown critical payload 200'])
    expect(engine.ikeSaCount).toBe(0)
  })

  it('a peer that gives up is let go', () => {
    const { peer, engine } = met()
    const outputs = peer.say([notify(NOTIFY.AUTHENTICATION_FAILED)])
    expect([peer.read(outputs), engine.ikeSaCount]).toEqual([[], 0])
    expect(eventsIn(outputs)).toMatchObject([{ type: 'refused', byPeer: true }])
  })

  it('a message of another id waits for its turn', () => {
    const { peer, engine } = met()
    for (const messageId of [0, 2, 3, 0xffffffff])
      expect(sentBy(peer.say(peer.authPayloads(), { ...AUTH, messageId }))).toEqual([])
    expect(engine.halfOpenCount).toBe(1)
  })

  it('IKE_AUTH again while it is decided upon is not another one', () => {
    const { peer } = met()
    const payloads = peer.authPayloads()
    const mark = { ...AUTH, messageId: 1 }
    const asked = [peer.say(payloads, mark), peer.say(payloads, mark)].map(outputs =>
      outputs.some(({ type }) => type === 'request'),
    )
    expect(asked).toEqual([true, false])
  })
})

describe('after authentication', () => {
  it('an empty INFORMATIONAL gets an empty answer', () => {
    const { peer } = established()
    expect(peer.read(peer.say([]))).toEqual([])
  })

  it('bad syntax is told, and is the end (RFC 7296 §2.21.3)', () => {
    const { peer, engine } = established()
    const outputs = peer.sayRaw(MALFORMED.first, MALFORMED.inside)
    expect(has(peer.read(outputs), NOTIFY.INVALID_SYNTAX)).toBe(true)
    expect(eventsIn(outputs).at(-1)).toMatchObject({ type: 'closed', byPeer: true })
    expect([engine.ikeSaCount, engine.espSpiCount]).toEqual([0, 0])
  })

  it('an unknown critical payload is told, and the session goes on', () => {
    const { peer, engine } = established()
    const outputs = peer.sayRaw(UNKNOWN_CRITICAL.first, UNKNOWN_CRITICAL.inside)
    expect(has(peer.read(outputs), NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD)).toBe(true)
    expect(engine.sessionCount).toBe(1)
  })

  it.each([
    ['the peer ends the IKE SA with AUTHENTICATION_FAILED', notify(NOTIFY.AUTHENTICATION_FAILED)],
    ['the peer ends the IKE SA with INVALID_SYNTAX', notify(NOTIFY.INVALID_SYNTAX)],
    ['the peer has deleted the IKE SA', { type: 'D', protocol: PROTOCOL.IKE, spis: [] } as const],
  ])('the session ends: %s', (reason, payload) => {
    const { peer, engine } = established()
    const outputs = peer.say([payload])
    expect(peer.read(outputs)).toEqual([])
    expect(eventsIn(outputs).at(-1)).toEqual({ type: 'closed', reason, byPeer: true })
    expect([engine.ikeSaCount, engine.espSpiCount]).toEqual([0, 0])
  })

  it.each([
    ['IKE_AUTH', AUTH],
    ['an unknown exchange', { exchange: 41 }],
  ])('%s is out of turn', (_, mark) => {
    const { peer, engine } = established()
    expect(sentBy(peer.say(peer.authPayloads(), mark))).toEqual([])
    expect(engine.sessionCount).toBe(1)
  })

  it('a response that nobody asked for is dropped', () => {
    const { peer } = established()
    const outputs = peer.say([], { response: true, messageId: 0 })
    expect(reasons(outputs)).toEqual(['a response that nothing waits for'])
  })

  it('a malformed response ends the session, and the peer is told by DELETE', () => {
    const { peer, engine } = established()
    engine.handleCommand({ type: 'probe', session: 1 }, 0)
    expect(peer.read(outputsOf(engine))).toEqual([])
    const outputs = peer.sayRaw(MALFORMED.first, MALFORMED.inside, { response: true, messageId: 0 })
    expect(reasons(outputs).at(-1)).toMatch(/^malformed response: /)
    expect(peer.read(outputs)).toEqual([{ type: 'D', protocol: PROTOCOL.IKE, spis: [] }])
    expect([engine.sessionCount, engine.ikeSaCount]).toEqual([0, 1])
    peer.say([], { response: true, messageId: 1 })
    expect(engine.ikeSaCount).toBe(0)
  })

  it('a response of another exchange than was asked is dropped', () => {
    const { peer, engine } = established()
    engine.handleCommand({ type: 'probe', session: 1 }, 0)
    outputsOf(engine)
    const outputs = peer.say([], { ...CHILD, response: true, messageId: 0 })
    expect(reasons(outputs)).toEqual(['a response that nothing waits for'])
  })

  it('nothing new is made under an IKE SA that is being deleted', () => {
    const { peer, engine } = established()
    engine.handleCommand({ type: 'disconnect', session: 1, reason: 'enough' }, 0)
    outputsOf(engine)
    const outputs = peer.say(peer.authPayloads(), CHILD)
    expect(has(peer.read(outputs), NOTIFY.TEMPORARY_FAILURE)).toBe(true)
    expect(engine.espSpiCount).toBe(0)
  })

  it('errors of the peer, and the status of Microsoft, come to the log', () => {
    const { peer } = established()
    const outputs = peer.say([
      { ...notify(NOTIFY.MICROSOFT_STATUS), data: Uint8Array.of(0, 0, 0x36, 0x27) },
      notify(NOTIFY.INVALID_SELECTORS),
      notify(NOTIFY.ADDITIONAL_TS_POSSIBLE),
    ])
    expect(eventsIn(outputs)).toEqual([
      { type: 'notified', notify: NOTIFY.MICROSOFT_STATUS, detail: '00003627' },
      { type: 'notified', notify: NOTIFY.INVALID_SELECTORS, detail: 'INVALID_SELECTORS' },
    ])
  })
})

describe('MOBIKE of a peer', () => {
  const cookie = notify(NOTIFY.COOKIE2, new Uint8Array(16).fill(7))

  it('gets its COOKIE2 back', () => {
    const { peer } = established(true)
    expect(peer.read(peer.say([cookie]))).toEqual([cookie])
  })

  it('is told when there is a NAT that it does not want', () => {
    const { peer } = established(true)
    const seen = [203, 0, 113, 5, 192, 0, 2, 1, 500 >> 8, 500 & 0xff, 500 >> 8, 500 & 0xff]
    const asks = (data: number[]) =>
      peer.read(peer.say([notify(NOTIFY.NO_NATS_ALLOWED, Uint8Array.from(data))]))
    expect(asks(seen)).toEqual([])
    expect(has(asks([...seen.slice(0, 10), 9, 9]), NOTIFY.UNEXPECTED_NAT_DETECTED)).toBe(true)
  })

  it('tells further addresses, and takes them back', () => {
    const { peer } = established(true)
    const outputs = peer.say([notify(NOTIFY.ADDITIONAL_IP4_ADDRESS, Uint8Array.of(198, 51, 100, 9))])
    expect(eventsIn(outputs)).toMatchObject([{ type: 'peer-addresses', addresses: [{ family: 4 }] }])
    expect(eventsIn(peer.say([notify(NOTIFY.NO_ADDITIONAL_ADDRESSES)]))).toEqual([
      { type: 'peer-addresses', addresses: [] },
    ])
  })

  it('moves nothing when it was not agreed on', () => {
    const { peer, hear } = established()
    const outputs = peer.say([notify(NOTIFY.UPDATE_SA_ADDRESSES), cookie])
    expect(eventsIn(outputs)).toEqual([])
    expect(outputs.some(({ type }) => type === 'move-flow')).toBe(false)
    expect(hear).toBeDefined()
  })
})
