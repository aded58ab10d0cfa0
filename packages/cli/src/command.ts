/** What a command gets: the command line, read, and where to print. */
export interface CommandInput {
  /** Words after the command's name. */
  readonly words: readonly string[]
  /** Options that were given, by name. */
  readonly options: CommandOptions
  /** The data directory, as given. */
  readonly directory: string
  readonly print: Print
}

/** Every option of every command: each command names those that it takes. */
export interface CommandOptions {
  readonly listen?: string
  readonly inside?: string
  readonly pool?: string
  readonly host?: string
  readonly config?: string
  readonly settings?: string
  readonly 'api-port'?: string
  readonly 'log-level'?: string
  readonly out?: string
  readonly key?: string
  readonly chain?: string
  readonly days?: string
  readonly json?: boolean
}

/** Prints a result: `text` for people, or `json` when they asked for that. */
export type Print = (result: { readonly json: unknown; readonly text: string }) => void

/** One command of the program. */
export interface Command {
  /** Names of its words, for messages: `NAME`. */
  readonly words: readonly string[]
  /** Options that it takes beside the common ones. */
  readonly options: readonly (keyof CommandOptions)[]
  /** Answers the exit code. Errors: `CommandFailure`, or one with a code of the gateway's. */
  run(input: CommandInput): Promise<number>
}
