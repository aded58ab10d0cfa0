import { describe, expect, it } from 'vitest'
import type { PeerTerms } from '../peer-terms.ts'
import type { EspSuite } from '../proposal/suite.ts'
import {
  connect,
  createDuo,
  type Duo,
  type DuoOptions,
  holdings,
  trafficPasses,
} from '../testing/duo.suite.ts'

const gcm = (group?: EspSuite['group']): EspSuite => ({
  encryption: 'AES-GCM-16-256',
  ...(group && { group }),
})

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

/** Runs until nothing is under way, and is never without a way for traffic. */
function advanceHitless(duo: Duo, milliseconds: number): void {
  const end = duo.pair.clock.now + milliseconds
  const met = (): boolean => {
    expect(trafficPasses(duo)).toBe(true)
    return duo.pair.clock.now >= end
  }
  duo.pair.run(met, milliseconds)
}

function rekeyed({ initiatorSide, responderSide }: Duo): boolean[][] {
  return [initiatorSide, responderSide].map(side =>
    side.eventsOf('child-rekeyed').map(({ byPeer }) => byPeer),
  )
}

/** SAs and flows at both ends. */
function installed({ initiatorSide, responderSide }: Duo): number[][] {
  return [initiatorSide, responderSide].map(({ flows }) => [...flows.values()].map(({ sas }) => sas.size))
}

const CASES: readonly [string, Partial<PeerTerms>, Partial<PeerTerms>][] = [
  ['without a group', { espSuites: [gcm()] }, { espSuites: [gcm()] }],
  ['with one', { espSuites: [gcm('ECP-256')] }, { espSuites: [gcm('ECP-256')] }],
  [
    'with the group that the responder asks for',
    { espSuites: [gcm('ECP-256'), gcm('X25519')] },
    { espSuites: [gcm('X25519')] },
  ],
  ['without one where the responder has none', { espSuites: [gcm('X25519'), gcm()] }, { espSuites: [gcm()] }],
  [
    'with one where the responder wants it',
    { espSuites: [gcm(), gcm('X25519')] },
    { espSuites: [gcm('X25519')] },
  ],
  [
    'without one where both policies let it out',
    { espSuites: [gcm('X25519')], rekeyWithoutGroup: true },
    { espSuites: [gcm('X25519')], rekeyWithoutGroup: true },
  ],
]

describe('a Child SA is rekeyed', () => {
  //   initiator                       responder
  //     | -- REKEY_SA, SA, N, TS ------> |  installs
  //     | <-- SA, N, TS ---------------- |
  //  installs, sends by it
  //     | -- DELETE of the old --------> |  sends by the new one, removes the old
  //     | <-- DELETE ------------------- |
  //  removes the old
  it.each(CASES)('%s', (_, initiator, responder) => {
    const duo = connected({ initiator, responder })
    const [child] = duo.initiatorSide.flows.keys()
    duo.pair.a.command({ type: 'rekey-child', session: 1, child: child as number })
    advanceHitless(duo, 10_000)
    expect(rekeyed(duo)).toEqual([[false], [true]])
    expect(installed(duo)).toEqual([[1], [1]])
  })

  it('by the responder of the session, too', () => {
    const duo = connected()
    const [child] = duo.responderSide.flows.keys()
    duo.pair.b.command({ type: 'rekey-child', session: 1, child: child as number })
    advanceHitless(duo, 10_000)
    expect(rekeyed(duo)).toEqual([[true], [false]])
    expect(installed(duo)).toEqual([[1], [1]])
  })

  //   initiator                       responder
  //     | -- REKEY_SA (1) ----.   .---- REKEY_SA (2) -- |
  //     | <-------------------|---'                     |
  //     |                     '-----------------------> |
  //     | <------------ both answers -----------------> |
  //     |  who has the lowest nonce deletes its own, the other the old one
  it('by both at once: one successor is left', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const duo = connected({ seed })
      const [a, b] = [duo.initiatorSide, duo.responderSide].map(({ flows }) => [...flows.keys()][0] as number)
      duo.pair.a.command({ type: 'rekey-child', session: 1, child: a as number })
      duo.pair.b.command({ type: 'rekey-child', session: 1, child: b as number })
      advanceHitless(duo, 10_000)
      const [byInitiator, byResponder] = rekeyed(duo)
      expect(byInitiator).toEqual(byResponder?.map(byPeer => !byPeer))
      expect(installed(duo)).toEqual([[1], [1]])
      expect(holdings(duo.initiator)).toEqual([1, 0, 1, 1, 0])
    }
  })
})

describe('an IKE SA is rekeyed', () => {
  it.each(['a', 'b'] as const)('by %s', end => {
    const duo = connected()
    duo.pair[end].command({ type: 'rekey-ike', session: 1 })
    advanceHitless(duo, 10_000)
    for (const side of [duo.initiatorSide, duo.responderSide])
      expect(side.eventsOf('ike-rekeyed')).toHaveLength(1)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0],
    ])
    const [child] = duo.initiatorSide.flows.keys()
    duo.pair.a.command({ type: 'rekey-child', session: 1, child: child as number })
    advanceHitless(duo, 10_000)
    expect(rekeyed(duo)).toEqual([[false], [true]])
  })

  it('by both at once', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const duo = connected({ seed })
      duo.pair.a.command({ type: 'rekey-ike', session: 1 })
      duo.pair.b.command({ type: 'rekey-ike', session: 1 })
      advanceHitless(duo, 10_000)
      expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
        [1, 0, 1, 1, 0],
        [1, 0, 1, 1, 0],
      ])
      const events = [duo.initiatorSide, duo.responderSide].map(side =>
        side.eventsOf('ike-rekeyed').map(({ byPeer }) => byPeer),
      )
      expect(events[0]).toEqual(events[1]?.map(byPeer => !byPeer))
      duo.pair.a.command({ type: 'probe', session: 1 })
      duo.pair.b.command({ type: 'probe', session: 1 })
      advanceHitless(duo, 300_000)
      expect(duo.initiatorSide.eventsOf('closed')).toEqual([])
    }
  })
})
