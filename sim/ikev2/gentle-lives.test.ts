import { expect } from 'vitest'
import { lives } from './lives.suite.ts'

const SEEDS = 5000

// Traffic never lacks a way, whatever is rekeyed at the same time, lost or overtaken.
lives('gentle', 1, SEEDS, total => {
  expect(total.childCrossings).toBeGreaterThan(SEEDS / 20)
  expect(total.ikeCrossings).toBeGreaterThan(SEEDS / 20)
  expect(total.moves).toBeGreaterThan(SEEDS / 20)
  // A session only ends when all repeats of a request are lost.
  expect(total.sessions).toBeLessThan(2.01 * SEEDS)
})
