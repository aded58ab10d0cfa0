import { describe, expect, it } from 'vitest'
import { WRAPS } from '../../packages/openvpn/src/testing/wraps.suite.ts'
import { duoOf, handshake, type Outcome, renegotiate, type Scenario, scenarioOf } from './scenario.ts'

const FIRST_SEED = 1
const SEEDS = 10_000

/** Runs a seed; what goes wrong names it. */
function run(seed: number): {
  readonly scenario: Scenario
  readonly first: Outcome
  readonly second: Outcome
} {
  const scenario = scenarioOf(seed)
  try {
    const duo = duoOf(scenario)
    const first = handshake(duo)
    const second = first === 'agreement' ? renegotiate(duo, scenario.renegotiator) : first
    return { scenario, first, second }
  } catch (cause) {
    throw new Error(`seed ${seed} (${JSON.stringify(scenario)})`, { cause })
  }
}

describe('handshakes and renegotiations over a path that loses, repeats, reorders and corrupts', () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => i + FIRST_SEED)
  const agreed = { first: 0, second: 0 }
  const byWrap = new Map(WRAPS.map(wrap => [wrap, { runs: 0, agreed: 0 }]))

  it(`end in agreement or a clean refusal, ${SEEDS} seeds from ${FIRST_SEED}`, () => {
    for (const seed of seeds) {
      const { scenario, first, second } = run(seed)
      if (first === 'agreement') agreed.first++
      if (second === 'agreement') agreed.second++
      const count = byWrap.get(scenario.wrap)
      if (!count) continue
      count.runs++
      if (second === 'agreement') count.agreed++
    }
    expect(agreed.first).toBeGreaterThan(0)
  })

  it('mostly agree: a refusal is for paths that no protocol survives', () => {
    expect(agreed.first / SEEDS).toBeGreaterThan(0.9)
    expect(agreed.second / agreed.first).toBeGreaterThan(0.9)
  })

  it('always agree where a wrap finds corrupted packets', () => {
    for (const wrap of WRAPS) {
      const { runs, agreed: count } = byWrap.get(wrap) ?? { runs: 0, agreed: 0 }
      expect({ wrap, share: count / runs > (wrap === 'none' ? 0.6 : 0.99) }).toEqual({ wrap, share: true })
    }
  })
})
