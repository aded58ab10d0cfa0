import { describe, expect, it } from 'vitest'
import { live, type Outcome } from './life.ts'

const FIRST_SEED = 1
const SEEDS = 10_000

/** Runs a seed; what goes wrong names it. */
function run(seed: number): Outcome {
  try {
    return live(seed)
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

describe('the life of a connection, with vaults that fail, crossing dials, clocks that jump and changes', () => {
  const lives: Outcome[] = []

  it(`is up where it can be and says why where it is not, ${SEEDS} seeds from ${FIRST_SEED}`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) lives.push(run(seed))
    expect(lives).toHaveLength(SEEDS)
  })

  it('is disturbed in earnest, and left alone by what is gentle', () => {
    const rough = lives.filter(({ isGentle }) => !isGentle)
    const share = (of: readonly Outcome[]): number => of.length / rough.length
    expect(share(rough.filter(({ downs }) => downs > 0))).toBeGreaterThan(0.4)
    expect(share(rough.filter(({ wasCompatible }) => wasCompatible))).toBeGreaterThan(0.5)
    expect(lives.length - rough.length).toBeGreaterThan(SEEDS / 5)
  })
})
