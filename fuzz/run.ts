import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type FuzzFailure, runCampaign } from './campaign.ts'
import { readCorpus, saveFailure } from './corpus.ts'
import { seededRandom } from './mutation.ts'
import type { FuzzTarget } from './target.ts'
import { targets } from './targets/index.ts'

const USAGE = 'usage: npm run fuzz -- [--seconds N] [--seed N] [target…]'

process.exitCode = main()

/** Shares the time among the targets. 0: nothing failed; 1: something did; 2: usage. */
function main(): number {
  const options = readArguments()
  if (!options) return 2
  const { seconds, seed, chosen } = options
  console.log(`seed ${seed}, ${seconds} s for ${chosen.length} targets`)
  const failed = chosen.filter(target => !fuzz(target, seed, (seconds * 1000) / chosen.length))
  return failed.length > 0 ? 1 : 0
}

function fuzz(target: FuzzTarget, seed: number, milliseconds: number): boolean {
  const end = performance.now() + milliseconds
  const { runs, failure } = runCampaign({
    target,
    random: seededRandom(seed),
    corpus: readCorpus(target.name).map(({ input }) => input),
    isOver: () => performance.now() >= end,
  })
  console.log(`${failure ? 'FAILED' : 'ok    '} ${target.name}: ${runs} inputs`)
  if (failure) report(target, seed, failure)
  return failure === undefined
}

function report(target: FuzzTarget, seed: number, { input, error }: FuzzFailure): void {
  console.log(error instanceof Error ? error.stack : error)
  console.log(`seed ${seed}, input ${Buffer.from(input).toString('hex')}`)
  console.log(`saved as ${saveFailure(target.name, input)}`)
}

function readArguments():
  | { readonly seconds: number; readonly seed: number; readonly chosen: readonly FuzzTarget[] }
  | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
    })
    const seed = values.seed === undefined ? randomInt(2 ** 31) : positiveNumber('--seed', values.seed)
    return { seconds: positiveNumber('--seconds', values.seconds), seed, chosen: chooseTargets(positionals) }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return undefined
  }
}

function positiveNumber(name: string, text: string): number {
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) === 0) throw new Error(`${name} needs a positive number`)
  return Number(text)
}

function chooseTargets(names: readonly string[]): readonly FuzzTarget[] {
  if (names.length === 0) return targets
  return names.map(name => {
    const target = targets.find(target => target.name === name)
    if (target) return target
    throw new Error(`no target ${name}; there are ${targets.map(target => target.name).join(', ')}`)
  })
}
