import { createGround, type Ground } from './ground.ts'
import { describeCommit, describeMachine } from './machine.ts'
import { type BenchOptions, parseBenchOptions } from './options.ts'
import { createRow, formatTable, type Report, type Samples } from './report.ts'

/** A bench: contenders that take turns in each round, on one ground. */
export interface Bench<Name extends string, Contender extends { readonly name: Name }> {
  readonly name: string
  /** Whom Causeway is compared with, as the table's head names it. */
  readonly peer: string
  /** TCP's in every namespace; the machine's own when absent. */
  readonly congestionControl?: string
  readonly contenders: (ground: Ground) => Promise<readonly Contender[]>
  readonly takeRound: (round: Round<Contender>) => Promise<void>
  /** The rows of everything that was measured. */
  readonly samples: () => readonly Samples[]
}

/** One round, of all contenders that take part. */
export interface Round<Contender> {
  readonly ground: Ground
  readonly contenders: readonly Contender[]
  readonly number: number
  readonly options: BenchOptions
  /** Whether this group of rows is to be measured. */
  readonly wants: (group: string) => boolean
}

/** Runs it by the command line, and prints its table; with `--json` its report in the last line. */
export function runBench<Name extends string, Contender extends { readonly name: Name }>(
  bench: Bench<Name, Contender>,
): void {
  measure(bench, readOptions()).catch((error: Error) => {
    console.error(`bench: ${error.message}`)
    process.exit(1)
  })
}

/** On standard error: the last line of standard output is the report. */
export function progress(text: string): void {
  console.error(`bench: ${text}`)
}

async function measure<Name extends string, Contender extends { readonly name: Name }>(
  bench: Bench<Name, Contender>,
  options: BenchOptions,
): Promise<void> {
  const ground = await createGround(bench.congestionControl)
  const all = await bench.contenders(ground)
  const contenders = all.filter(({ name }) => options.server === undefined || options.server === name)
  const wants = (group: string): boolean => options.only.length === 0 || options.only.includes(group)
  for (let number = 1; number <= options.rounds; number++) {
    progress(`round ${number} of ${options.rounds}`)
    await bench.takeRound({ ground, contenders, number, options, wants })
  }
  ground.close()
  print(bench, options)
}

function readOptions(): BenchOptions {
  try {
    return parseBenchOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`)
    process.exit(2)
  }
}

function print(
  {
    name,
    peer,
    congestionControl,
    samples,
  }: Pick<Bench<string, never>, 'name' | 'peer' | 'congestionControl' | 'samples'>,
  options: BenchOptions,
): void {
  const rows = samples().map(createRow)
  console.log(formatTable(rows, peer))
  if (!options.json) return
  const report: Report = { name, machine: describeMachine(congestionControl), commit: describeCommit(), rows }
  console.log(JSON.stringify(report))
}
