import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Everything the harness makes carries the prefix and the pid of its maker (`cw` + pid + `x` + role), so that
 * several runs live side by side, and what a crashed run left is told from what is in use.
 */
export const PREFIX = 'cw'

const OWNED = new RegExp(`^${PREFIX}(\\d+)x`)

let hooked = false

/** A name of ours: at most 15 characters, the limit of an interface's name. */
export function ownedName(role: string): string {
  hookExit()
  return `${PREFIX}${process.pid}x${role}`
}

/** Ends the processes in a network namespace and removes it. Synchronous: it also runs while exiting. */
export function removeNamespace(name: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? ''
  for (const pid of pids.split('\n').filter(Boolean)) killQuietly(Number(pid))
  spawnSync('ip', ['netns', 'delete', name])
}

/** Removes what runs that are no longer alive have left behind. */
export function removeLeftovers(): void {
  const isStale = (name: string): boolean => {
    const owner = OWNED.exec(name)
    return owner !== null && !isAlive(Number(owner[1]))
  }
  removeOwned(isStale)
}

function removeOwned(matches: (name: string) => boolean): void {
  for (const name of namespaces()) if (matches(name)) removeNamespace(name)
  for (const name of readdirSync(tmpdir())) if (matches(name)) removeDirectory(join(tmpdir(), name))
}

/** A scratch directory may hold a small file system of its own (the full-disk scenario). */
function removeDirectory(path: string): void {
  spawnSync('umount', ['-q', '-l', join(path, 'mnt')])
  rmSync(path, { recursive: true, force: true })
}

function namespaces(): string[] {
  const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout ?? ''
  return listed
    .split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(Boolean)
}

function hookExit(): void {
  if (hooked) return
  hooked = true
  removeLeftovers()
  const own = `${PREFIX}${process.pid}x`
  process.on('exit', () => removeOwned(name => name.startsWith(own)))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
