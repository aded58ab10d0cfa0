import type { AskHidden } from './command.ts'
import { CommandFailure, EXIT } from './command-failure.ts'
import { parseCommandLine } from './command-line.ts'
import { COMMANDS } from './commands/index.ts'
import { USAGE } from './usage.ts'
import { programVersion } from './version.ts'

/** Where the program prints. */
export interface Streams {
  readonly output: (line: string) => void
  readonly error: (line: string) => void
  /** Absent: there is no terminal. */
  readonly ask?: AskHidden
}

/** Runs one command line to its end. Answers the exit code; errors become one line and never escape. */
export async function run(args: readonly string[], streams: Streams): Promise<number> {
  try {
    return await runCommand(args, streams)
  } catch (error) {
    const { message, code, exitCode } = failure(error)
    if (args.includes('--json')) streams.output(JSON.stringify({ error: { code, message } }))
    streams.error(`causeway: ${message}`)
    return exitCode
  }
}

async function runCommand(
  args: readonly string[],
  { output, error, ask = noTerminal }: Streams,
): Promise<number> {
  const line = parseCommandLine(args, COMMANDS)
  if (line.type === 'help') output(USAGE)
  if (line.type === 'version') output(programVersion())
  if (line.type !== 'command') return EXIT.done
  const { name, words, options, directory } = line
  const command = COMMANDS[name]
  if (!command) throw new CommandFailure(`there is no command ${name}`)
  const print = (result: { json: unknown; text: string }): void =>
    output(options.json === true ? JSON.stringify(result.json) : result.text)
  return command.run({ words, options, directory, print, tell: error, ask })
}

async function noTerminal(): Promise<undefined> {
  return undefined
}

/** Errors with a code have a message that was written for people. */
function failure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const message = error instanceof Error ? error.message : String(error)
  if (code === undefined)
    return new CommandFailure(`this is a fault of Causeway's: ${message}`, 'InternalServerError')
  return new CommandFailure(message, code, ENDINGS[code] ?? EXIT.failed)
}

/** The gateway's codes for what the operator gave wrongly. */
const ENDINGS: Readonly<Record<string, 1 | 2>> = {
  InvalidParameter: EXIT.usage,
  InvalidRequestContent: EXIT.usage,
}
