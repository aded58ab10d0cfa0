import { PERFECT_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { live, type Outcome } from './life.ts'
import { isAgreeable, isConnectable, type Scenario, scenarioOf } from './scenario.ts'

const FIRST_SEED = 1
const SEEDS = 3000

interface Lived {
  readonly scenario: Scenario
  readonly outcome: Outcome
}

/** Runs a seed; what goes wrong names it. */
function run(seed: number): Lived {
  const scenario = scenarioOf(seed)
  try {
    return { scenario, outcome: live(scenario) }
  } catch (cause) {
    throw new Error(`seed ${seed} (${JSON.stringify(scenario)})`, { cause })
  }
}

describe('PPP links over a path that loses, repeats and reorders, requests that cross and ends that differ', () => {
  const lives: Lived[] = []
  const isPossible = ({ scenario }: Lived): boolean =>
    isAgreeable(scenario) && isConnectable(scenario) && !scenario.liar

  it(`open in agreement or close with a reason, ${SEEDS} seeds from ${FIRST_SEED}`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) lives.push(run(seed))
    expect(lives).toHaveLength(SEEDS)
  })

  it('open where they can: loss is made good by repetition', () => {
    const possible = lives.filter(isPossible)
    const opened = possible.filter(({ outcome }) => outcome.type === 'opened').length
    expect(possible.length).toBeGreaterThan(SEEDS / 4)
    expect(opened / possible.length).toBeGreaterThan(0.95)
  })

  it('always open where they can and nothing is lost', () => {
    const sure = lives.filter(life => isPossible(life) && life.scenario.link === PERFECT_LINK)
    expect(sure.length).toBeGreaterThan(SEEDS / 40)
    expect(
      sure.filter(({ outcome }) => outcome.type !== 'opened').map(({ scenario }) => scenario.seed),
    ).toEqual([])
  })

  it('never open for a liar, nor without a method or a network in common', () => {
    const opened = lives.filter(({ outcome }) => outcome.type === 'opened')
    const wrong = opened.filter(
      ({ scenario, outcome }) =>
        !isAgreeable(scenario) ||
        !isConnectable(scenario) ||
        scenario.liar === 'client' ||
        (scenario.liar === 'server' && outcome.method === 'chap-mschapv2'),
    )
    expect(wrong.map(({ scenario }) => scenario.seed)).toEqual([])
  })
})
