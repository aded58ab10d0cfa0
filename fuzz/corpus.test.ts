import { describe, expect, it } from 'vitest'
import { runCampaign, tryInput } from './campaign.ts'
import { corpusTargets, readCorpus } from './corpus.ts'
import { mutate, seededRandom } from './mutation.ts'
import type { FuzzTarget } from './target.ts'
import { targets } from './targets/index.ts'

/** Mutations of every target in the unit tests: enough to notice a harness that no longer runs. */
const RUNS = 200

describe.each(targets)('$name', target => {
  it('stands every input of its corpus', () => {
    const corpus = readCorpus(target.name)
    expect(corpus.length + target.seeds().length).toBeGreaterThan(0)
    for (const { file, input } of corpus) expect([file, tryInput(target, input)]).toEqual([file, undefined])
  })

  it('stands its seeds and some mutations of them', () => {
    let left = RUNS
    const corpus = readCorpus(target.name).map(({ input }) => input)
    const result = runCampaign({ target, random: seededRandom(1), corpus, isOver: () => left-- <= 0 })
    expect(result.failure).toBeUndefined()
    expect(result.runs).toBeGreaterThan(RUNS)
  })
})

describe('the harness', () => {
  it('has a target for every folder of the corpus', () => {
    const names = targets.map(target => target.name)
    expect(corpusTargets().filter(name => !names.includes(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it('finds what a target throws, with its input, by the same seed again', () => {
    const fragile: FuzzTarget = {
      name: 'fragile',
      seeds: () => [Uint8Array.of(1, 2, 3, 4)],
      run: input => {
        if (input[1] === 0xff) throw new Error('found')
      },
    }
    const [first, second] = [7, 7].map(seed => {
      let left = 100_000
      return runCampaign({
        target: fragile,
        random: seededRandom(seed),
        corpus: [],
        isOver: () => left-- <= 0,
      })
    })
    expect(first?.failure?.input[1]).toBe(0xff)
    expect(second).toEqual(first)
  })

  it('never changes the inputs that it mutates', () => {
    const random = seededRandom(3)
    const [input, other] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]
    for (let i = 0; i < 1000; i++) mutate(input, other, random)
    expect([input, other]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)])
  })
})
