import { describe, expect, it } from 'vitest'
import { findNotify } from '../exchange/notify.ts'
import { connect, createDuo, type Duo, type DuoOptions, trafficPasses } from '../testing/duo.suite.ts'
import { natRoutes, plainRoutes, type Route } from '../testing/routes.suite.ts'
import { address } from '../testing/terms.suite.ts'
import { NOTIFY } from '../wire/numbers.ts'
import { readAdditionalAddresses } from './mobility.ts'

const MOBIKE: DuoOptions = { initiator: { mobike: true }, responder: { mobike: true } }

function connected(options: DuoOptions): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

/** The NAT has given the initiator's port 4500 another one outside. */
function rebind({ routes }: Duo, port: number): Route {
  const [, moved] = natRoutes([port - 1, port]) as [Route, Route]
  routes[1] = moved
  return moved
}

describe('a NAT that forgets its mapping', () => {
  it('is followed by who is not behind it, when an authentic message comes', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    const { responder } = rebind(duo, 33_333)
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    expect(duo.responderSide.eventsOf('moved')).toMatchObject([{ path: { remote: { port: 33_333 } } }])
    expect(duo.responderSide.flow.way.path).toEqual(responder)
    duo.pair.b.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    expect([duo.initiator.sessionCount, trafficPasses(duo)]).toEqual([1, true])
  })

  it('is followed when authentic ESP comes', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    const { responder } = rebind(duo, 33_333)
    const [child] = duo.responderSide.flows.keys()
    duo.pair.b.command({ type: 'moved', child: child as number, path: responder })
    duo.pair.advance(1000)
    expect(duo.responderSide.flow.way.path).toEqual(responder)
  })

  it('is not followed by ESP without UDP: somebody has unwrapped that', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    const before = duo.responderSide.flow.way
    const [child] = duo.responderSide.flows.keys()
    const [, { responder }] = natRoutes([0, 0]) as [Route, Route]
    const path = { ...responder, port: 50, encapsulated: false }
    duo.pair.b.command({ type: 'moved', child: child as number, path })
    duo.pair.advance(1000)
    expect(duo.responderSide.flow.way).toEqual(before)
    expect(duo.responderSide.eventsOf('moved')).toEqual([])
  })

  it('is not followed by a message that is only repeated, nor by one that is not authentic', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    duo.initiatorSide.recordsSent = true
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    const probe = duo.initiatorSide.sent[0] as { bytes: Uint8Array }
    const elsewhere = (natRoutes([1, 2]) as [Route, Route])[1].responder
    const forged = probe.bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte))
    for (const bytes of [probe.bytes, forged])
      duo.responder.handleDatagram({ path: elsewhere, bytes: bytes.slice() }, duo.pair.clock.now)
    duo.pair.advance(1000)
    expect(duo.responderSide.eventsOf('moved')).toEqual([])
  })

  it('is followed by a gateway that is behind a NAT of fixed addresses too, as in a cloud', () => {
    const behindBoth = natRoutes([31_000, 32_000]).map(({ initiator, responder }) => ({
      initiator,
      responder: { ...responder, local: { ...responder.local, address: address('10.7.7.7') } },
    }))
    const duo = connected({ routes: behindBoth })
    expect(duo.responderSide.eventsOf('established')[0]?.natDetected).toEqual({ local: true, remote: true })
    const { responder } = rebind(duo, 33_333)
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    expect(duo.responderSide.flow.way.path).toEqual(responder)
  })

  it('is not followed by who is behind one itself', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    const [child] = duo.initiatorSide.flows.keys()
    const [plain] = plainRoutes('203.0.113.9') as [Route]
    duo.pair.a.command({ type: 'moved', child: child as number, path: plain.initiator })
    duo.pair.advance(1000)
    expect(duo.initiatorSide.eventsOf('moved')).toEqual([])
  })
})

describe('MOBIKE', () => {
  //   initiator (new address)              responder
  //     | -- UPDATE_SA_ADDRESSES, NAT-D -----> |  moves
  //     | <-- NAT-D -------------------------- |
  //     | <-- COOKIE2 ------------------------ |
  //     | -- COOKIE2 ------------------------> |
  it('moves a session to the new address of the initiator, which has to return a cookie', () => {
    const duo = connected(MOBIKE)
    duo.routes.push(...plainRoutes('203.0.113.9'))
    const [, , , moved] = duo.routes as [Route, Route, Route, Route]
    duo.responderSide.recordsSent = true
    duo.pair.a.command({ type: 'use-path', session: 1, path: moved.initiator })
    duo.pair.advance(1000)
    expect(duo.initiatorSide.flow.way.path).toEqual(moved.initiator)
    expect(duo.responderSide.flow.way.path).toEqual(moved.responder)
    expect(duo.responderSide.eventsOf('moved')).toHaveLength(1)
    expect(duo.responderSide.sent).toHaveLength(2)
    expect([duo.responder.sessionCount, trafficPasses(duo)]).toEqual([1, true])
  })

  it('encapsulates once the way leads through a NAT', () => {
    const duo = connected(MOBIKE)
    expect(duo.responderSide.flow.way.encapsulated).toBe(false)
    duo.routes.push(...natRoutes([31_000, 32_000], '10.9.9.9'))
    const [, , , moved] = duo.routes as [Route, Route, Route, Route]
    duo.pair.a.command({ type: 'use-path', session: 1, path: moved.initiator })
    duo.pair.advance(1000)
    for (const side of [duo.initiatorSide, duo.responderSide]) expect(side.flow.way.encapsulated).toBe(true)
  })

  it('ends the session when the new address does not return the cookie', () => {
    const duo = connected(MOBIKE)
    duo.routes.push(...plainRoutes('203.0.113.9'))
    const moved = duo.routes[3] as Route
    duo.pair.a.command({ type: 'use-path', session: 1, path: moved.initiator })
    duo.pair.run(() => duo.responderSide.eventsOf('moved').length > 0, 1000)
    duo.pair.a.link.options = { ...duo.pair.a.link.options, loss: 1 }
    duo.pair.advance(200_000)
    expect(duo.responderSide.eventsOf('closed')).toMatchObject([{ reason: 'the peer no longer answers' }])
  })

  it('does not follow other messages (RFC 4555 §3.8)', () => {
    const duo = connected({ ...MOBIKE, routes: natRoutes([31_000, 32_000]) })
    rebind(duo, 33_333)
    duo.responderSide.recordsSent = true
    duo.pair.a.command({ type: 'rekey-child', session: 1, child: 1 })
    duo.pair.advance(100)
    expect(duo.responderSide.eventsOf('moved')).toEqual([])
  })

  it('notices by its own question for life that the NAT has another mapping now', () => {
    const duo = connected({ ...MOBIKE, routes: natRoutes([31_000, 32_000]) })
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    const { responder } = rebind(duo, 33_333)
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    expect(duo.responderSide.flow.way.path).toEqual(responder)
    expect([duo.responder.sessionCount, trafficPasses(duo)]).toEqual([1, true])
  })

  it('leaves the moving to the initiator', () => {
    const duo = connected(MOBIKE)
    duo.pair.b.command({ type: 'use-path', session: 1, path: (duo.routes[0] as Route).responder })
    duo.pair.advance(1000)
    expect(duo.responderSide.drops).toEqual(['only the initiator of a session moves it (RFC 4555)'])
  })

  it('reads further addresses of a peer, a bounded number of them', () => {
    const notification = (notify: number, length: number) =>
      ({ type: 'N', protocol: 0, spi: new Uint8Array(), notify, data: new Uint8Array(length) }) as const
    const many = Array.from({ length: 40 }, () => notification(NOTIFY.ADDITIONAL_IP4_ADDRESS, 4))
    expect(readAdditionalAddresses(many)).toHaveLength(16)
    expect(readAdditionalAddresses([notification(NOTIFY.ADDITIONAL_IP6_ADDRESS, 4)])).toEqual([])
    expect(findNotify(many, NOTIFY.ADDITIONAL_IP6_ADDRESS)).toBeUndefined()
  })
})

describe('without MOBIKE', () => {
  it('a changed address of who is behind a NAT is followed after a sign of life', () => {
    const duo = connected({ routes: natRoutes([31_000, 32_000]) })
    duo.routes.push(...natRoutes([41_000, 42_000], '10.9.9.9'))
    const moved = duo.routes[3] as Route
    duo.pair.a.command({ type: 'use-path', session: 1, path: moved.initiator })
    duo.pair.advance(1000)
    expect(duo.responderSide.flow.way.path).toEqual(moved.responder)
  })
})
