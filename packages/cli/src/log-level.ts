import type { CommandOptions } from './command.ts'
import { usageFailure } from './command-failure.ts'

/** What `--log-level` says, `info` when it is absent. Errors: wrong usage. */
export function logLevelOf<Level extends string>(options: CommandOptions, levels: readonly Level[]): Level {
  const text = options['log-level'] ?? 'info'
  const found = levels.find(level => level === text)
  if (!found) throw usageFailure(`--log-level: '${text}' is not a level; use ${levels.join(', ')}`)
  return found
}
