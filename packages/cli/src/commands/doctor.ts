import type { Command } from '../command.ts'
import { EXIT } from '../command-failure.ts'
import { askRunning } from '../control-client.ts'
import { type DoctorFinding, examineMachine } from '../resting-gateway.ts'

const MARKS: Readonly<Record<DoctorFinding['state'], string>> = { good: 'ok  ', warning: 'warn', bad: 'BAD ' }

/** `causeway doctor`: fails when a gateway could not run. */
export const doctor: Command = {
  words: [],
  options: [],
  async run({ directory, print }) {
    const isRunning = (await askRunning(directory, { method: 'status', params: {} })) !== undefined
    const findings = await examineMachine(directory, isRunning)
    print({ json: { findings }, text: findings.map(line).join('\n') })
    return findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.done
  },
}

function line({ check, state, detail, fix }: DoctorFinding): string {
  return `${MARKS[state]}  ${check}: ${detail}${fix === undefined ? '' : `; fix: ${fix}`}`
}
