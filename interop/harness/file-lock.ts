import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Does work that only one process of this machine may do at a time; others wait. The kernel lets go of the lock when
 * its holder dies, however it dies. Errors: `flock` is missing, or the work's own.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'close')
  const held = once(holder.stdout, 'data')
  await Promise.race([held, ended.then(() => Promise.reject(new Error(`flock ${path} ended early`)))])
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
