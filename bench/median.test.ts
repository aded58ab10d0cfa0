import { expect, test } from 'vitest'
import { median } from './median.ts'

test('the middle of an odd number of values', () => {
  expect(median([5, 1, 3])).toBe(3)
})

test('the mean of the two in the middle of an even number', () => {
  expect(median([4, 1, 2, 100])).toBe(3)
})

test('the order of the argument is kept', () => {
  const values = [3, 1, 2]
  median(values)
  expect(values).toEqual([3, 1, 2])
})

test('no values have no median', () => {
  expect(median([])).toBeNaN()
})
