import { expect } from 'vitest'
import { lives } from './lives.suite.ts'

const SEEDS = 5000

// Deletions, limits, restarts and outages at any moment: both ends agree again, and nothing is left of either.
lives('rough', 100_001, SEEDS, total => {
  expect(total.childCrossings).toBeGreaterThan(SEEDS / 50)
  expect(total.ikeCrossings).toBeGreaterThan(SEEDS / 50)
  expect(total.sessions).toBeGreaterThan(2 * SEEDS)
})
