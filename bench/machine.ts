import { execFileSync } from 'node:child_process'
import { cpus, release } from 'node:os'

/** What the figures were measured on, in one line. */
export function describeMachine(): string {
  const processors = cpus()
  const model = processors[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor'
  return `${processors.length} x ${model}, Linux ${release()}, Node ${process.version}`
}

/** The commit that was measured, with a plus when the work tree differs from it. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== ''
  return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? '+' : ''}`
}
