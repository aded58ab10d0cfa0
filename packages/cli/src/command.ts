/** What a command gets: the command line, read, and where to print. */
export interface CommandInput {
  /** Words after the command's name. */
  readonly words: readonly string[]
  /** Options that were given, by name. */
  readonly options: CommandOptions
  /** The data directory, as given. */
  readonly directory: string
  readonly print: Print
  /** Tells of what goes on meanwhile, one line at a time: on standard error, where it is in no script's way. */
  readonly tell: (line: string) => void
  readonly ask: AskHidden
}

/** Asks for something that nobody is to read from the screen. `undefined`: there is no terminal to ask at. */
export type AskHidden = (question: string) => Promise<string | undefined>

/** Every option of every command: each command names those that it takes. */
export interface CommandOptions {
  readonly listen?: string
  readonly inside?: string
  readonly pool?: string
  readonly host?: string
  readonly config?: string
  readonly settings?: string
  readonly gateway?: string
  readonly 'api-port'?: string
  readonly 'api-host'?: string
  readonly 'vault-domain'?: string
  readonly 'identity-port'?: string
  readonly 'log-level'?: string
  readonly out?: string
  readonly key?: string
  /** As often as it was given. */
  readonly chain?: readonly string[]
  readonly days?: string
  readonly parameters?: string
  readonly group?: string
  readonly role?: string
  readonly scope?: string
  readonly limit?: string
  readonly subject?: string
  readonly san?: string
  readonly peer?: string
  readonly 'password-file'?: string
  readonly 'create-vault'?: boolean
  readonly json?: boolean
}

/** Prints a result: `text` for people, or `json` when they asked for that. */
export type Print = (result: { readonly json: unknown; readonly text: string }) => void

/** One command of the program. */
export interface Command {
  /** Names of its words, for messages: `NAME`. */
  readonly words: readonly string[]
  /** Names of words that may follow. */
  readonly optionalWords?: readonly string[]
  /** Options that it takes beside the common ones. */
  readonly options: readonly (keyof CommandOptions)[]
  /** Answers the exit code. Errors: `CommandFailure`, or one with a code of the gateway's. */
  run(input: CommandInput): Promise<number>
}
