import { ERROR_STATUS, type ErrorCode } from '@causeway/api-contract'

/** Exit codes (DESIGN: the outside face). */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command that could not be done: one line for standard error, and the exit code. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode
  /** A stable name of the failure, for `--json`. */
  readonly code: string

  constructor(message: string, code = 'Failed', exitCode: ExitCode = EXIT.failed) {
    super(oneLine(message))
    this.name = 'CommandFailure'
    this.code = code
    this.exitCode = exitCode
  }
}

/** What the user typed is wrong. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure(`${message}; see causeway --help`, 'Usage', EXIT.usage)
}

/** A configuration or argument that was refused, as HTTP's 400 is, is wrong usage; everything else has failed. */
export function failureOf(code: string, message: string): CommandFailure {
  const status = Object.hasOwn(ERROR_STATUS, code) ? ERROR_STATUS[code as ErrorCode] : undefined
  return new CommandFailure(message, code, status === 400 ? EXIT.usage : EXIT.failed)
}

/** A system's or library's message may have more lines than one. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}
