import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BackOffRule, BackOffTable } from './back-off-table.ts'

const RULE: BackOffRule = {
  free: 2,
  firstMilliseconds: 100,
  longestMilliseconds: 1_000,
  forgetMilliseconds: 10_000,
}

function charged(table: BackOffTable, times: number, key = 'k'): number {
  for (let i = 0; i < times; i++) table.fail(key, 0)
  return table.wait(key, 0)
}

test('the first failures cost nothing, each further one twice as much, up to the longest wait', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map(times => charged(new BackOffTable(RULE, 10), times))
  expect(waits).toEqual([0, 0, 100, 200, 400, 800, 1_000, 1_000])
})

test('waiting is over when its time is', () => {
  const table = new BackOffTable(RULE, 10)
  charged(table, 4)
  expect([table.wait('k', 150), table.wait('k', 200), table.wait('other', 0)]).toEqual([50, 0, 0])
})

test('failures are forgotten one by one, and a million as soon as a few', () => {
  const table = new BackOffTable(RULE, 10)
  charged(table, 1_000)
  const later = 10_000 * 5
  table.fail('k', later)
  expect(table.wait('k', later)).toBe(100)
  table.hold('k', later + 30_000)
  expect(table.size).toBe(0)
})

test('what is begun counts until it is settled', () => {
  const table = new BackOffTable(RULE, 10)
  for (let i = 0; i < 4; i++) table.begin('k', 0)
  expect(table.wait('k', 0)).toBe(200)
  for (let i = 0; i < 3; i++) table.release('k', 0, true)
  expect(table.wait('k', 0)).toBe(0)
  table.fail('k', 0)
  table.begin('k', 0)
  expect(table.wait('k', 0)).toBe(0)
  table.begin('k', 0)
  expect(table.wait('k', 0)).toBe(100)
})

test('what is no failure leaves the failures as they were, also when no more are counted', () => {
  const table = new BackOffTable(RULE, 10)
  charged(table, 100)
  for (let i = 0; i < 100; i++) {
    table.begin('k', 0)
    table.release('k', 0, true)
  }
  expect(table.wait('k', 0)).toBe(0)
  table.begin('k', 0)
  table.release('k', 0, false)
  expect(table.wait('k', 0)).toBe(1_000)
  table.release('nobody', 0, true)
})

test('one that is let through holds the next', () => {
  const table = new BackOffTable(RULE, 10)
  charged(table, 3)
  table.hold('k', 5_000)
  expect(table.wait('k', 5_000)).toBe(100)
  table.hold('nobody', 0)
  expect(table.wait('nobody', 0)).toBe(0)
})

test('who makes up keys has the guilt of none forgotten', () => {
  const table = new BackOffTable(RULE, 100)
  charged(table, 7, 'guilty')
  for (let i = 0; i < 10_000; i++) table.fail(`made up ${i}`, 0)
  expect(table.size).toBe(100)
  expect(table.wait('guilty', 0)).toBe(1_000)
})

test('never holds more than it may, nor has anybody wait longer than the longest', () => {
  const step = fc.record({
    act: fc.constantFrom('begin', 'fail', 'hold', 'release', 'forget'),
    key: fc.integer({ min: 0, max: 9 }),
    after: fc.nat({ max: 3_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), steps => {
      const table = new BackOffTable(RULE, 4)
      let now = 0
      for (const { act, key, after } of steps) {
        now += after
        if (act === 'forget') table.forget(`${key}`)
        else if (act === 'release') table.release(`${key}`, now, after % 2 === 0)
        else table[act](`${key}`, now)
        expect(table.size).toBeLessThanOrEqual(4)
        expect(table.wait(`${key}`, now)).toBeLessThanOrEqual(RULE.longestMilliseconds)
      }
    }),
  )
})
