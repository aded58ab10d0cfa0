import { describe, expect, it } from 'vitest'
import { PacketStamps, REPLAY_WINDOW, StampReplayGuard } from './packet-stamps.ts'

describe('stamps', () => {
  it('count from 1 with the time of the first', () => {
    const stamps = new PacketStamps()
    expect([stamps.next(1000), stamps.next(2000)]).toEqual([
      { packetId: 1, netTime: 1000 },
      { packetId: 2, netTime: 1000 },
    ])
  })

  it('begin a later count when the number is full, even if the clock stands', () => {
    const stamps = new PacketStamps(0xfffffffe)
    expect([stamps.next(1000), stamps.next(1000), stamps.next(1000)]).toEqual([
      { packetId: 0xffffffff, netTime: 1000 },
      { packetId: 1, netTime: 1001 },
      { packetId: 2, netTime: 1001 },
    ])
  })
})

const accepts = (guard: StampReplayGuard, ids: readonly number[], netTime = 1000): boolean[] =>
  ids.map(packetId => guard.accept({ packetId, netTime }))

describe('the replay guard', () => {
  it('over datagrams takes each number once, in any order within the window', () => {
    const guard = new StampReplayGuard('window')
    expect(accepts(guard, [1, 3, 2, 3, 2, 1, 0])).toEqual([true, true, true, false, false, false, false])
    const last = 3 + REPLAY_WINDOW
    expect(accepts(guard, [last, 3, 4, 4, last + 1000, last, last + 999])).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('over a stream takes only the next number', () => {
    const guard = new StampReplayGuard('strict')
    expect(accepts(guard, [5, 6, 6, 8, 7, 5])).toEqual([true, true, false, false, true, false])
  })

  it.each(['window', 'strict'] as const)('%s: a later time begins anew, an earlier one is refused', order => {
    const guard = new StampReplayGuard(order)
    expect(accepts(guard, [9], 1000)).toEqual([true])
    expect(accepts(guard, [1, 2], 1001)).toEqual([true, true])
    expect(accepts(guard, [10, 11], 1000)).toEqual([false, false])
    expect(accepts(guard, [1, 2], 1001)).toEqual([false, false])
  })
})
