import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'

/** What TCP's throughput over a tunnel depends on most; a namespace takes it from the machine. */
const CONGESTION_CONTROL = '/proc/sys/net/ipv4/tcp_congestion_control'

/**
 * What the figures were measured on, in one line.
 * @param pinned the congestion control of the bench's namespaces, where it is not the machine's.
 */
export function describeMachine(pinned?: string): string {
  const processors = cpus()
  const model = processors[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor'
  const congestionControl = pinned ?? readFileSync(CONGESTION_CONTROL, 'utf8').trim()
  return `${processors.length} x ${model}, Linux ${release()}, Node ${process.version}, TCP ${congestionControl}`
}

/** The commit that was measured, with a plus when the work tree differs from it. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== ''
  return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? '+' : ''}`
}
