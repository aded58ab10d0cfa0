import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backOffMs } from './back-off.ts'

const BACK_OFF = { firstMs: 1_000, longestMs: 60_000 }

test('a wait doubles up to the longest', () => {
  const waits = [1, 2, 3, 6, 7, 1_000_000].map(failures => backOffMs(BACK_OFF, failures, () => 0))
  expect(waits).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
})

test('jitter takes up to a quarter off, and adds nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, share) => {
        const full = backOffMs(BACK_OFF, failures, () => 0)
        const wait = backOffMs(BACK_OFF, failures, () => share)
        expect(wait).toBeLessThanOrEqual(full)
        expect(wait).toBeGreaterThanOrEqual(full * 0.75)
        expect(Number.isInteger(wait)).toBe(true)
      },
    ),
  )
})
