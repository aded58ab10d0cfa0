import { expect, it } from 'vitest'
import type { Manner } from './life.ts'
import { live } from './live.ts'
import type { Tally } from './world.ts'

/** One seed alone, with all that happens: `SEED=123 npx vitest run --project sim sim/ikev2/gentle`. */
const { SEED: ONLY } = process.env
/** Failures after which the rest is not lived. */
const MOST_FAILURES = 20

/** Lives the lives of these seeds. What has come of them together is for `judge`. */
export function lives(manner: Manner, firstSeed: number, seeds: number, judge: (total: Tally) => void): void {
  if (ONLY) {
    it(`seed ${ONLY}`, () => void live(Number(ONLY), manner, true))
    return
  }
  it(`${seeds} ${manner} lives from seed ${firstSeed}`, () => {
    const { total, failures } = liveAll(manner, firstSeed, seeds)
    expect(failures).toEqual([])
    judge(total)
  })
}

function liveAll(manner: Manner, firstSeed: number, seeds: number): { total: Tally; failures: string[] } {
  const tallies: Tally[] = []
  const failures: string[] = []
  for (let seed = firstSeed; seed < firstSeed + seeds && failures.length < MOST_FAILURES; seed++)
    try {
      tallies.push(live(seed, manner))
    } catch (error) {
      failures.push(reasonOf(error))
    }
  return { total: tallies.reduce(added), failures }
}

function added(a: Tally, b: Tally): Tally {
  const sums = Object.entries(a).map(([name, value]) => [name, value + b[name as keyof Tally]])
  return { ...(Object.fromEntries(sums) as Tally), longestGap: Math.max(a.longestGap, b.longestGap) }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? `${error.message}: ${reasonOf(error.cause)}` : error.message
}
