import { expect, test } from 'vitest'
import { parseBenchOptions } from './options.ts'

test('three rounds by default, one when quick', () => {
  expect(parseBenchOptions([])).toMatchObject({ json: false, quick: false, rounds: 3, only: [] })
  expect(parseBenchOptions(['--quick']).rounds).toBe(1)
  expect(parseBenchOptions(['--quick', '--rounds', '5', '--json'])).toMatchObject({ rounds: 5, json: true })
})

test.each([
  ['--rounds', '0'],
  ['--rounds', 'many'],
  ['--round', '3'],
])('%s %s is refused', (...args) => {
  expect(() => parseBenchOptions(args)).toThrow()
})
