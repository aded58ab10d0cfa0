import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseSession, type Session } from './session-choice.ts'

const RULE = { terms: 1, crossingMs: 10_000 }

function session(id: number, initiator: 'us' | 'peer', since: number, order: string, terms = 1): Session {
  return {
    id,
    initiator,
    since,
    order,
    terms,
    material: undefined,
    children: new Set([1]),
    closesAt: undefined,
    isDue: false,
  }
}

describe('of two sessions', () => {
  test('the newer stays, and who began it ends the older', () => {
    const older = session(1, 'peer', 0, 'a')
    const ours = chooseSession(session(2, 'us', 20_000, 'b'), older, RULE)
    expect([ours.stays.id, ours.goes.id, ours.after]).toEqual([2, 1, 'settle'])
    const peers = chooseSession(session(2, 'peer', 20_000, 'b'), older, RULE)
    expect([peers.stays.id, peers.goes.id, peers.after]).toEqual([2, 1, 'patience'])
  })

  test('one under a configuration that is gone goes, also when they have crossed', () => {
    const choice = chooseSession(session(2, 'peer', 500, 'b'), session(1, 'us', 0, 'a', 0), RULE)
    expect([choice.stays.id, choice.after]).toEqual([2, 'now'])
  })

  /**
   *   us ---- X ---->
   *      <--- Y ----- peer      each end sees the two become established in its own order
   */
  test('that have crossed, both ends keep the same, and one of them alone ends the other', () => {
    const moment = fc.integer({ min: 0, max: 9_999 })
    fc.assert(
      fc.property(moment, moment, fc.boolean(), (x, y, isXLower) => {
        const [orderX, orderY] = isXLower ? ['1', '2'] : ['2', '1']
        const view = (own: 'us' | 'peer', other: 'us' | 'peer', [atX, atY]: readonly [number, number]) => {
          const both = [session(1, own, atX, orderX), session(2, other, atY, orderY)]
          const [older, newer] = both.toSorted((a, b) => a.since - b.since) as [Session, Session]
          return chooseSession(newer, older, RULE)
        }
        const here = view('us', 'peer', [x, y])
        const there = view('peer', 'us', [y, x])
        expect(here.stays.id).toBe(there.stays.id)
        expect([here.after, there.after].toSorted()).toEqual(['patience', 'settle'])
      }),
    )
  })
})
