import { POOR_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { DELETE_MS, HALF_OPEN_MS } from '../limits.ts'
import {
  connect,
  connectCommand,
  createDuo,
  type Duo,
  type DuoOptions,
  holdings,
  trafficPasses,
} from '../testing/duo.suite.ts'

const NOTHING = [0, 0, 0, 0, 0]

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

/** Both engines hold nothing and want nothing. */
function expectRest({ initiator, responder, initiatorSide, responderSide }: Duo): void {
  expect([holdings(initiator), holdings(responder)]).toEqual([NOTHING, NOTHING])
  expect([initiatorSide.flows.size, responderSide.flows.size]).toEqual([0, 0])
  expect([initiator.nextTimeout(), responder.nextTimeout()]).toEqual([undefined, undefined])
}

describe('disconnect', () => {
  it.each(['initiator', 'responder'] as const)('by the %s ends both sides, and tells who did it', by => {
    const duo = connected()
    const [own, other] =
      by === 'initiator' ? [duo.pair.a, duo.responderSide] : [duo.pair.b, duo.initiatorSide]
    own.command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(5000)
    const side = by === 'initiator' ? duo.initiatorSide : duo.responderSide
    expect(side.eventsOf('closed')).toEqual([{ type: 'closed', reason: 'enough', byPeer: false }])
    expect(other.eventsOf('closed')).toEqual([
      { type: 'closed', reason: 'the peer has deleted the IKE SA', byPeer: true },
    ])
    expectRest(duo)
  })

  it('by both at once ends both sides, each by itself', () => {
    const duo = connected()
    for (const end of [duo.pair.a, duo.pair.b])
      end.command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(5000)
    for (const side of [duo.initiatorSide, duo.responderSide])
      expect(side.eventsOf('closed')).toEqual([{ type: 'closed', reason: 'enough', byPeer: false }])
    expectRest(duo)
  })

  it('closes the flow at once, and waits for the answer no longer than its time', () => {
    const duo = connected()
    duo.pair.b.link.options = { ...duo.pair.b.link.options, loss: 1 }
    duo.pair.b.command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(1)
    expect([duo.responderSide.flows.size, duo.responder.sessionCount, duo.responder.ikeSaCount]).toEqual([
      0, 0, 1,
    ])
    duo.pair.advance(DELETE_MS)
    expect(holdings(duo.responder)).toEqual(NOTHING)
  })

  it('silently tells the peer nothing', () => {
    const duo = connected()
    duo.responderSide.recordsSent = true
    duo.pair.b.command({ type: 'disconnect', session: 1, reason: 'it has come anew', silent: true })
    duo.pair.advance(5000)
    expect([duo.responderSide.sent, holdings(duo.responder)]).toEqual([[], NOTHING])
    expect(duo.responderSide.eventsOf('closed')).toMatchObject([{ reason: 'it has come anew' }])
  })

  it.each([1, 2, 3, 4])('over a poor link leaves nothing behind (seed %i)', seed => {
    const duo = connected({ seed, link: POOR_LINK })
    duo.pair.a.command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(60_000)
    expect(holdings(duo.initiator)).toEqual(NOTHING)
    expect(duo.initiator.nextTimeout()).toBeUndefined()
  })

  it('before authentication is done refuses the peer', () => {
    const duo = createDuo({ decide: () => undefined })
    duo.pair.a.command(connectCommand(duo))
    duo.pair.advance(1000)
    duo.pair.b.command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(1000)
    expect(duo.responderSide.eventsOf('refused')).toMatchObject([{ reason: 'enough', byPeer: false }])
    expect(holdings(duo.responder).slice(0, 4)).toEqual([0, 0, 0, 0])
  })
})

describe('an authentication that nobody decides', () => {
  it('is refused in time, and neither side keeps anything', () => {
    const duo = createDuo({ decide: () => undefined })
    duo.pair.a.command(connectCommand(duo))
    duo.pair.advance(2 * HALF_OPEN_MS + 200_000)
    expect(duo.responderSide.eventsOf('refused')).toHaveLength(1)
    expect(duo.initiatorSide.eventsOf('refused')).toHaveLength(1)
    expectRest(duo)
  })
})

describe('a session that takes the place of another', () => {
  //   initiator                  responder
  //     | == session 1 ============ |
  //     | -- IKE_SA_INIT, AUTH ---> |  session 2
  //     | -- DELETE of session 1 -> |
  it('is there before the other goes', () => {
    const duo = connected({ initiator: { reauthenticationSeconds: 600 } })
    duo.pair.advance(600_000)
    expect(duo.initiatorSide.eventsOf('reauthentication-due')).toHaveLength(1)
    duo.pair.a.command({ ...connectCommand(duo, 2), replaces: 1 })
    const flows: string[] = []
    duo.pair.run(() => {
      flows.push(`${duo.initiatorSide.flows.size} ${duo.responderSide.flows.size}`)
      return false
    }, 5000)
    expect([...new Set(flows)]).toEqual(['1 1', '1 2'])
    expect(flows.at(-1)).toBe('1 1')
    expect(duo.initiatorSide.flow.session).toBe(2)
    expect(duo.initiatorSide.eventsOf('closed')).toEqual([
      { type: 'closed', reason: 'a new authentication took its place', byPeer: false },
    ])
    expect([duo.responder.sessionCount, trafficPasses(duo)]).toEqual([1, true])
  })

  it('that fails leaves the other alone', () => {
    const duo = connected()
    const command = connectCommand(duo, 2)
    const terms = { ...command.terms, own: { type: 'psk', secret: new Uint8Array(16) } } as const
    duo.pair.a.command({ ...command, terms, replaces: 1 })
    duo.pair.advance(5000)
    expect(duo.initiatorSide.eventsOf('refused')).toHaveLength(1)
    expect([duo.initiator.sessionCount, trafficPasses(duo)]).toEqual([1, true])
  })
})

describe('times', () => {
  it('an IKE SA that nobody rekeys is deleted at the end of its life', () => {
    const duo = connected({ responder: { ikeLifetimeSeconds: 3600 } })
    duo.pair.advance(3_590_000)
    expect(duo.responder.sessionCount).toBe(1)
    duo.pair.advance(20_000)
    expect(duo.initiatorSide.eventsOf('closed')).toHaveLength(1)
    expectRest(duo)
  })

  it('a responder ends a session whose authentication is too old', () => {
    const duo = connected({ responder: { reauthenticationSeconds: 600 } })
    duo.pair.advance(700_000)
    expect(duo.responderSide.eventsOf('closed')).toMatchObject([{ reason: 'its authentication is too old' }])
    expect(duo.initiatorSide.eventsOf('reauthentication-due')).toHaveLength(1)
  })
})
