import { describe, expect, it } from 'vitest'
import type { Ikev2Command } from '../command.ts'
import {
  connect,
  createDuo,
  type Duo,
  type DuoOptions,
  holdings,
  trafficPasses,
} from '../testing/duo.suite.ts'

type EndName = 'a' | 'b'

/** One session with one Child SA, and nothing else. */
const AT_REST = [1, 0, 1, 1, 0]
const EMPTY = [0, 0, 0, 0, 0]

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

/** Nothing that this end sends arrives until it hears again. */
function mute(duo: Duo, end: EndName): () => void {
  const { link } = duo.pair[end]
  const before = link.options
  link.options = { ...before, loss: 1 }
  return () => {
    link.options = before
  }
}

function childOf(duo: Duo, end: EndName): number {
  const { flows } = end === 'a' ? duo.initiatorSide : duo.responderSide
  return [...flows.keys()][0] as number
}

function rekeyOf(duo: Duo, end: EndName, type: 'rekey-ike' | 'rekey-child'): Ikev2Command {
  return type === 'rekey-ike' ? { type, session: 1 } : { type, session: 1, child: childOf(duo, end) }
}

/** `byPeer` of the events at both ends. */
function told(duo: Duo, type: 'ike-rekeyed' | 'child-rekeyed'): boolean[][] {
  return [duo.initiatorSide, duo.responderSide].map(side => side.eventsOf(type).map(({ byPeer }) => byPeer))
}

/** In the end: what the peer never learnt of waits `REPLACED_MS` for its DELETE. */
function expectAtRest(duo: Duo): void {
  expect([duo.initiatorSide.flow.sas.size, duo.responderSide.flow.sas.size]).toEqual([1, 1])
  duo.pair.advance(150_000)
  expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([AT_REST, AT_REST])
  expect(trafficPasses(duo)).toBe(true)
}

describe.each([
  ['rekey-child', 'child-rekeyed'],
  ['rekey-ike', 'ike-rekeyed'],
] as const)('%s by both at once', (type, event) => {
  //   initiator                        responder
  //     | -- rekey (1) ------> lost       |
  //     | <------------------ rekey (2) - |
  //     | -- answer to (2) -------------> |  done: it has not noticed
  //     | <------ DELETE of the old one - |  its own successor stays, (1) is forgotten
  //     | -- (1) again -----------------> |  TEMPORARY_FAILURE, CHILD_SA_NOT_FOUND, or not heard at all
  it('and only one notices: that one gives way', () => {
    const duo = connected()
    const heard = mute(duo, 'a')
    duo.pair.a.command(rekeyOf(duo, 'a', type))
    duo.pair.advance(1)
    heard()
    duo.pair.b.command(rekeyOf(duo, 'b', type))
    duo.pair.advance(20_000)
    expect(told(duo, event)).toEqual([[true], [false]])
    expectAtRest(duo)
  })

  //   initiator                        responder
  //     | -- rekey (1) --.  .-- rekey (2) |
  //     | <--------------|--'             |
  //     |                '--------------> |
  //     |          lost <-- answer to (1) |
  //     | -- answer to (2) -------------> |  knows all four nonces, the initiator only three
  it.each([1, 2, 3, 4, 5, 6])('and one answer is late: both come to the same end (seed %i)', seed => {
    const duo = connected({ seed })
    duo.pair.a.command(rekeyOf(duo, 'a', type))
    duo.pair.b.command(rekeyOf(duo, 'b', type))
    // Each request takes 10 ms; the answers leave at once.
    duo.pair.advance(5)
    const heard = mute(duo, 'b')
    duo.pair.advance(10)
    heard()
    duo.pair.advance(20_000)
    const [initiator, responder] = told(duo, event)
    expect(initiator).toHaveLength(1)
    expect(responder).toEqual(initiator?.map(byPeer => !byPeer))
    expectAtRest(duo)
  })
})

describe('an IKE SA that both rekey', () => {
  //   initiator                        responder
  //     | -- rekey (1) ------> lost       |
  //     | <------------------ rekey (2) - |
  //     | -- answer to (2) -------------> |
  //     |     lost <------ DELETE of old  |
  //     | <- rekeys a Child SA by the new |  so that is the one that stays
  it('stays with the one that is used', () => {
    const duo = connected()
    const heard = mute(duo, 'a')
    duo.pair.a.command({ type: 'rekey-ike', session: 1 })
    duo.pair.advance(1)
    heard()
    duo.pair.b.command({ type: 'rekey-ike', session: 1 })
    duo.pair.run(() => duo.responderSide.eventsOf('ike-rekeyed').length === 1, 900)
    const answered = mute(duo, 'b')
    duo.pair.advance(0)
    answered()
    duo.pair.b.command(rekeyOf(duo, 'b', 'rekey-child'))
    duo.pair.advance(200)
    expect(told(duo, 'child-rekeyed')).toEqual([[true], [false]])
    duo.pair.advance(20_000)
    expect(told(duo, 'ike-rekeyed')).toEqual([[true], [false]])
    expectAtRest(duo)
  })

  it.each(['a', 'b'] as const)('and %s closes at that moment: nothing stays of it', end => {
    for (let after = 0; after < 50; after += 5) {
      const duo = connected({ seed: 100 + after })
      for (const both of ['a', 'b'] as const) duo.pair[both].command({ type: 'rekey-ike', session: 1 })
      duo.pair[end].command({ type: 'disconnect', session: 1, reason: 'enough' }, after)
      duo.pair.advance(200_000)
      expect([after, holdings(duo.initiator), holdings(duo.responder)]).toEqual([after, EMPTY, EMPTY])
    }
  })
})

describe('a session that is closed while it is rekeyed', () => {
  //   initiator                        responder
  //     | -- rekey ---------------------> |  has a successor
  //     |  disconnect                     |
  //     | <---------------------- answer  |
  //     | -- DELETE of the successor ---> |
  //     | -- DELETE of the old one -----> |
  it.each([
    ['a', 'a'],
    ['a', 'b'],
    ['b', 'a'],
    ['b', 'b'],
  ] as const)('rekeyed by %s, closed by %s: no end keeps anything', (rekeys, closes) => {
    for (let after = 0; after < 60; after += 5) {
      const duo = connected()
      duo.pair[rekeys].command({ type: 'rekey-ike', session: 1 })
      duo.pair[closes].command({ type: 'disconnect', session: 1, reason: 'enough' }, after)
      duo.pair.advance(3000)
      expect([after, holdings(duo.initiator), holdings(duo.responder)]).toEqual([after, EMPTY, EMPTY])
    }
  })

  it('by both ends at once', () => {
    const duo = connected()
    for (const end of ['a', 'b'] as const)
      duo.pair[end].command({ type: 'disconnect', session: 1, reason: 'enough' })
    duo.pair.advance(3000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([EMPTY, EMPTY])
  })
})

describe('a Child SA that one end rekeys and the other deletes', () => {
  it.each(['a', 'b'] as const)('by %s, at any moment: both ends agree on what is left', rekeys => {
    const deletes = rekeys === 'a' ? 'b' : 'a'
    for (let after = 0; after < 60; after += 5) {
      const duo = connected({ seed: 1 + after })
      duo.pair[rekeys].command(rekeyOf(duo, rekeys, 'rekey-child'))
      duo.pair[deletes].command({ type: 'delete-child', session: 1, child: childOf(duo, deletes) }, after)
      duo.pair.advance(20_000)
      const sas = [duo.initiatorSide, duo.responderSide].map(side =>
        [...side.flows.values()].flatMap(flow => [...flow.sas.values()].map(sa => sa.receiveSpi)),
      )
      expect([after, sas[0]?.length, holdings(duo.initiator)]).toEqual([
        after,
        sas[1]?.length,
        holdings(duo.responder),
      ])
      expect(duo.initiatorSide.flows.size === 0 || trafficPasses(duo)).toBe(true)
    }
  })

  it('by both ends at once', () => {
    const duo = connected()
    for (const end of ['a', 'b'] as const)
      duo.pair[end].command({ type: 'delete-child', session: 1, child: childOf(duo, end) })
    duo.pair.advance(3000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 0, 0],
      [1, 0, 1, 0, 0],
    ])
  })
})
