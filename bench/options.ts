import { parseArgs } from 'node:util'

export interface BenchOptions {
  readonly json: boolean
  readonly rounds: number
  /** Short runs and few sessions: shows that the bench works, not what is true. */
  readonly quick: boolean
  /** Measure only these groups; all when empty. */
  readonly only: readonly string[]
  /** Measure only this contender; both when undefined. */
  readonly server: string | undefined
}

const ROUNDS = 3

/** Errors: a usage mistake, as a message for the user. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      server: { type: 'string' },
    },
  })
  const rounds = values.rounds === undefined ? (values.quick ? 1 : ROUNDS) : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: a whole number from 1`)
  return { json: values.json, quick: values.quick, rounds, only: values.only, server: values.server }
}
