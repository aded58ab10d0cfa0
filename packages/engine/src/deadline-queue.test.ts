import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeadlineQueue, Outbox, TimerTable } from './index.ts'

describe('DeadlineQueue', () => {
  it('behaves as a map that is scanned', () => {
    const step = fc.record({ member: fc.nat(8), at: fc.option(fc.nat(50), { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, now) => {
        const queue = new DeadlineQueue<number>()
        const model = new Map<number, number>()
        for (const { member, at } of steps) {
          queue.schedule(member, at)
          if (at === undefined) model.delete(member)
          else model.set(member, at)
          expect(queue.next()).toBe(model.size > 0 ? Math.min(...model.values()) : undefined)
        }
        const taken: number[] = []
        for (let member = queue.takeDue(now); member !== undefined; member = queue.takeDue(now))
          taken.push(member)
        const due = [...model].filter(([, at]) => at <= now).map(([member]) => member)
        expect(taken.toSorted()).toEqual(due.toSorted())
        expect(taken.map(member => model.get(member))).toEqual(
          taken.map(member => model.get(member)).toSorted((a, b) => (a as number) - (b as number)),
        )
      }),
    )
  })
})

describe('a DeadlineQueue whose members move often', () => {
  it('keeps no more than twice the members and some', () => {
    const queue = new DeadlineQueue<number>()
    for (let turn = 0; turn < 10_000; turn++)
      for (const member of [1, 2, 3]) queue.schedule(member, 1_000_000 + ((turn * 7 + member) % 1000))
    expect(queue.entryCount).toBeLessThan(100)
    const taken = [1, 2, 3].map(() => queue.takeDue(2_000_000))
    expect(taken.toSorted()).toEqual([1, 2, 3])
    expect(queue.takeDue(2_000_000)).toBeUndefined()
  })

  it('keeps no more when a deadline comes and goes before one that stays', () => {
    const queue = new DeadlineQueue<number>()
    for (let now = 0; now < 10_000; now++) {
      queue.schedule(1, now + 1)
      expect(queue.takeDue(now + 1)).toBe(1)
      queue.schedule(1, 1_000_000)
    }
    expect(queue.entryCount).toBeLessThan(100)
    expect(queue.next()).toBe(1_000_000)
  })
})

describe('Outbox', () => {
  it('gives outputs in the order they were put', () => {
    const outbox = new Outbox<number>()
    outbox.put(1)
    outbox.put(2)
    expect(outbox.take()).toBe(1)
    outbox.put(3)
    expect([outbox.take(), outbox.take(), outbox.take()]).toEqual([2, 3, undefined])
  })
})

describe('TimerTable', () => {
  it('takes what is due once, earliest first', () => {
    const timers = new TimerTable<'a' | 'b' | 'c'>()
    timers.set('a', 20)
    timers.set('b', 10)
    timers.set('c', 30)
    timers.set('c', 40)
    expect(timers.next()).toBe(10)
    expect(timers.takeDue(25)).toEqual(['b', 'a'])
    expect(timers.takeDue(25)).toEqual([])
    expect(timers.deadline('c')).toBe(40)
    timers.clearAll()
    expect(timers.next()).toBeUndefined()
  })
})
