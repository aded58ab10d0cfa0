import { describe, expect, it } from 'vitest'
import { connect, createDuo, type Duo, type DuoOptions, holdings } from '../testing/duo.suite.ts'
import { natRoutes } from '../testing/routes.suite.ts'

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

/** The initiator is frozen: it neither hears nor speaks. */
function freeze({ pair }: Duo): void {
  for (const end of [pair.a, pair.b]) end.link.options = { ...end.link.options, loss: 1 }
}

describe('liveness', () => {
  it('asks a silent peer, and both go on when it answers', () => {
    const duo = connected({ responder: { livenessSeconds: 30 } })
    duo.responderSide.recordsSent = true
    duo.pair.advance(100_000)
    expect(duo.responderSide.sent).toHaveLength(3)
    expect([duo.initiator.sessionCount, duo.responder.sessionCount]).toEqual([1, 1])
  })

  it('asks nothing while ESP comes', () => {
    const duo = connected({ responder: { livenessSeconds: 30 } })
    duo.responderSide.recordsSent = true
    for (let i = 0; i < 5; i++) {
      duo.responderSide.packetsReceived += 10
      duo.pair.advance(30_000)
    }
    expect(duo.responderSide.sent).toEqual([])
    expect(duo.responderSide.requests.filter(({ type }) => type === 'traffic')).toHaveLength(5)
  })

  it('ends the session of a peer that does not answer to the end, and its flow', () => {
    const duo = connected({ responder: { livenessSeconds: 30 } })
    freeze(duo)
    duo.pair.advance(60_000)
    expect(duo.responder.sessionCount).toBe(1)
    duo.pair.advance(140_000)
    expect(duo.responderSide.eventsOf('closed')).toEqual([
      { type: 'closed', reason: 'the peer no longer answers', byPeer: false },
    ])
    expect(duo.responderSide.flows.size).toBe(0)
    expect([holdings(duo.responder), duo.responder.nextTimeout()]).toEqual([[0, 0, 0, 0, 0], undefined])
  })

  describe('with a time after which a silent peer is gone', () => {
    const terms = { livenessSeconds: 20, livenessTimeoutSeconds: 40 }

    it('gives it up then, and not before', () => {
      const duo = connected({ responder: terms })
      freeze(duo)
      duo.pair.advance(38_000)
      expect(duo.responder.sessionCount).toBe(1)
      duo.pair.advance(3_000)
      expect(duo.responderSide.eventsOf('closed')).toEqual([
        { type: 'closed', reason: 'the peer no longer answers', byPeer: false },
      ])
      expect([holdings(duo.responder), duo.responder.nextTimeout()]).toEqual([[0, 0, 0, 0, 0], undefined])
    })

    it('leaves it some sendings of the question, however short the time is', () => {
      const duo = connected({ responder: { livenessSeconds: 5, livenessTimeoutSeconds: 9 } })
      freeze(duo)
      duo.responderSide.recordsSent = true
      duo.pair.advance(13_000)
      expect(duo.responder.sessionCount).toBe(1)
      expect(duo.responderSide.sent).toHaveLength(4)
      duo.pair.advance(3_000)
      expect(duo.responder.sessionCount).toBe(0)
    })

    it('counts from the last sign of life, ESP too, also while something else is asked', () => {
      const duo = connected({ responder: { ...terms, childRekeySeconds: 15 } })
      freeze(duo)
      for (let i = 0; i < 3; i++) {
        duo.responderSide.packetsReceived += 10
        duo.pair.advance(20_000)
      }
      expect(duo.responder.sessionCount).toBe(1)
      duo.pair.advance(42_000)
      expect(duo.responder.sessionCount).toBe(0)
    })

    it('lets alone who answers', () => {
      const duo = connected({ responder: terms })
      duo.pair.advance(1_000_000)
      expect([duo.initiator.sessionCount, duo.responder.sessionCount]).toEqual([1, 1])
    })
  })

  it('is asked at once on command', () => {
    const duo = connected()
    duo.initiatorSide.recordsSent = true
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    expect(duo.initiatorSide.sent).toHaveLength(1)
  })
})

describe('keepalives', () => {
  it('go out from behind the NAT, and from nowhere else', () => {
    const terms = { natKeepaliveSeconds: 20 }
    const duo = connected({ routes: natRoutes([31_000, 32_000]), initiator: terms, responder: terms })
    duo.pair.advance(100_000)
    expect([duo.initiatorSide.keepalives, duo.responderSide.keepalives]).toEqual([5, 0])
  })
})
