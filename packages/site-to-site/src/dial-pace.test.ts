import { expect, test } from 'vitest'
import { DialPace } from './dial-pace.ts'

test('a tunnel has so many dials in any minute, and others have theirs', () => {
  const pace = new DialPace(2)
  for (const now of [0, 10_000]) pace.note('a', now)
  expect([pace.nextAt('a', 20_000), pace.nextAt('b', 20_000)]).toEqual([60_000, 20_000])
  expect(pace.nextAt('a', 60_000)).toBe(60_000)
  pace.note('a', 60_000)
  expect(pace.nextAt('a', 60_000)).toBe(70_000)
})
