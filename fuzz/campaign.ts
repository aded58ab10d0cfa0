import { mutate, type Random } from './mutation.ts'
import type { FuzzTarget } from './target.ts'

/** An input on which a target threw, or took too long. */
export interface FuzzFailure {
  readonly input: Uint8Array
  readonly error: unknown
}

/** What one campaign did. */
export interface CampaignResult {
  readonly runs: number
  readonly failure?: FuzzFailure
}

export interface CampaignOptions {
  readonly target: FuzzTarget
  readonly random: Random
  /** Inputs to mutate, besides the target's own seeds. */
  readonly corpus: readonly Uint8Array[]
  /** Asked between runs. */
  readonly isOver: () => boolean
}

/** One input may take this long. Ours: far above what any parser needs, even on a busy machine. */
export const SLOW_MILLISECONDS = 2_000

/** Runs a target on its seeds, and then on mutations of them, until the time is over or one fails. */
export function runCampaign({ target, random, corpus, isOver }: CampaignOptions): CampaignResult {
  const inputs = [...target.seeds(), ...corpus, new Uint8Array(0)]
  let runs = 0
  for (const input of inputs) {
    runs++
    const failure = tryInput(target, input)
    if (failure) return { runs, failure }
  }
  const pick = (): Uint8Array => inputs[random.below(inputs.length)] ?? new Uint8Array(0)
  while (!isOver()) {
    runs++
    const failure = tryInput(target, mutate(pick(), pick(), random))
    if (failure) return { runs, failure }
  }
  return { runs }
}

/** Runs a target on one input. `undefined` when all is well. */
export function tryInput(target: FuzzTarget, input: Uint8Array): FuzzFailure | undefined {
  const start = performance.now()
  try {
    target.run(input.slice())
  } catch (error) {
    return { input, error }
  }
  const took = performance.now() - start
  if (took <= SLOW_MILLISECONDS) return undefined
  return { input, error: new Error(`took ${Math.round(took)} ms`) }
}
