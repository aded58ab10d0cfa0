import { parseArgs } from 'node:util'
import type { Command, CommandOptions } from './command.ts'
import { usageFailure } from './command-failure.ts'

/** A command line, read. */
export type CommandLine =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | {
      readonly type: 'command'
      readonly name: string
      readonly words: readonly string[]
      readonly options: CommandOptions
      readonly directory: string
    }

const DEFAULT_DIRECTORY = './.causeway'

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const

const OPTIONS = {
  data: text,
  json: flag,
  help: { ...flag, short: 'h' },
  version: flag,
  listen: text,
  inside: text,
  pool: text,
  host: text,
  config: text,
  settings: text,
  gateway: text,
  'api-port': text,
  'api-host': text,
  'vault-domain': text,
  'identity-port': text,
  'log-level': text,
  out: text,
  key: text,
  chain: texts,
  days: text,
  parameters: text,
  group: text,
  role: text,
  scope: text,
  limit: text,
  subject: text,
  san: text,
  peer: text,
  'password-file': text,
  'create-vault': flag,
} as const

/** Options that every command takes. */
const COMMON: readonly string[] = ['data', 'json', 'help', 'version']

/** Reads the arguments after the program's name. Errors: `CommandFailure` with the exit code of wrong usage. */
export function parseCommandLine(
  args: readonly string[],
  commands: Readonly<Record<string, Command>>,
): CommandLine {
  const { values, positionals } = parse(args)
  if (values.help) return { type: 'help' }
  if (values.version) return { type: 'version' }
  const { name, words } = findCommand(positionals, commands)
  const command = commands[name] as Command
  checkWords(name, words, command)
  const allowed = new Set<string>([...COMMON, ...command.options])
  const foreign = Object.keys(values).find(option => !allowed.has(option))
  if (foreign !== undefined) throw usageFailure(`causeway ${name} takes no option --${foreign}`)
  const { data, help, version, ...options } = values
  return { type: 'command', name, words, options, directory: data ?? DEFAULT_DIRECTORY }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's message goes on with how to give positional arguments that begin with a hyphen.
    const [sentence = ''] = (error as Error).message.split(/\. |\n/)
    throw usageFailure(sentence)
  }
}

/** A command's name is its first word, or its first two. */
function findCommand(
  positionals: readonly string[],
  commands: Readonly<Record<string, Command>>,
): { name: string; words: readonly string[] } {
  const [first, second] = positionals
  if (first === undefined) throw usageFailure('no command given')
  if (Object.hasOwn(commands, first)) return { name: first, words: positionals.slice(1) }
  const both = `${first} ${second ?? ''}`
  if (Object.hasOwn(commands, both)) return { name: both, words: positionals.slice(2) }
  const below = Object.keys(commands).filter(name => name.startsWith(`${first} `))
  if (below.length > 0)
    throw usageFailure(`causeway ${first} needs one of: ${below.map(lastWord).join(', ')}`)
  throw usageFailure(`there is no command '${first}'`)
}

function checkWords(name: string, words: readonly string[], command: Command): void {
  const missing = command.words[words.length]
  if (missing !== undefined) throw usageFailure(`causeway ${name} needs ${missing}`)
  const most = command.words.length + (command.optionalWords?.length ?? 0)
  const extra = words[most]
  if (extra !== undefined) throw usageFailure(`causeway ${name}: '${extra}' is too much`)
}

function lastWord(name: string): string {
  return name.split(' ').at(-1) ?? name
}
