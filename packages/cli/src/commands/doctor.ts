import type { ConnectionDiagnosis, FindingView } from '@causeway/api-contract'
import type { Command, CommandInput } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { askRunning } from '../control-client.ts'
import { examineMachine } from '../resting-gateway.ts'
import { printable } from '../table.ts'

const MARKS: Readonly<Record<FindingView['state'], string>> = { good: 'ok  ', warning: 'warn', bad: 'BAD ' }

/** `causeway doctor [CONNECTION]`: fails when a gateway could not run, or a link of the connection is broken. */
export const doctor: Command = {
  words: [],
  optionalWords: ['CONNECTION'],
  options: [],
  async run(input) {
    const [connection] = input.words
    return connection === undefined ? examine(input) : diagnose(input, connection)
  },
}

async function examine({ directory, print }: CommandInput): Promise<number> {
  const isRunning = (await askRunning(directory, { method: 'status', params: {} })) !== undefined
  const findings = await examineMachine(directory, isRunning)
  print({ json: { findings }, text: findings.map(line).join('\n') })
  return exitCodeOf(findings)
}

async function diagnose({ directory, print }: CommandInput, name: string): Promise<number> {
  const answer = await askRunning(directory, { method: 'connection.doctor', params: { name } })
  const diagnosis = answer ?? unseen(directory, name)
  const { findings, firstBroken } = diagnosis
  const end = firstBroken === undefined ? 'no link is broken' : `the first broken link: ${firstBroken}`
  print({ json: diagnosis, text: [...findings.map(line), end].join('\n') })
  return exitCodeOf(findings)
}

/** Nothing of a connection is to be seen while nothing runs that holds it. */
function unseen(directory: string, connection: string): ConnectionDiagnosis {
  const finding: FindingView = {
    check: 'process',
    state: 'bad',
    detail: `no gateway runs on ${directory}: neither the connection's status nor its identity, vault and certificates can be seen`,
    fix: 'start it with causeway up, or give --data DIR',
  }
  return { connection, findings: [finding], firstBroken: finding.check }
}

function exitCodeOf(findings: readonly FindingView[]): number {
  return findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.done
}

function line({ check, state, detail, fix }: FindingView): string {
  return printable(`${MARKS[state]}  ${check}: ${detail}${fix === undefined ? '' : `; fix: ${fix}`}`)
}
