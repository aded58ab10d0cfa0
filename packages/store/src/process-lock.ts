import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { describeSystemError, errorNumber, StoreError } from './store-error.ts'

/** Held by one process at a time. */
export interface ProcessLock {
  /** Gives it back; a second call does nothing. */
  release(): Promise<void>
}

/** Who holds a lock: a process is known by its number, its start and the boot it runs in. */
interface Holder {
  readonly processId: number
  readonly startTicks: string
  readonly bootId: string
}

/** Rounds of taking over a stale lock while others try the same. */
const ATTEMPTS = 5

/**
 * Takes the lock file at `path`, or takes it over when its holder is gone (crash, reboot). The file
 * appears with its content in one step (`link`), so that nobody reads half of it.
 * Errors: `ERR_STORE_LOCKED` with the holder's process id, `ERR_STORE_WRITE`.
 */
export async function acquireProcessLock(path: string): Promise<ProcessLock> {
  const own = JSON.stringify(await ownHolder())
  const candidate = `${path}.${process.pid}`
  try {
    await writeFile(candidate, own, { mode: 0o600 })
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linked(candidate, path)) return heldLock(path, own)
      await removeStale(path)
    }
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError('ERR_STORE_WRITE', `cannot lock ${path}: ${describeSystemError(error)}`, error)
  } finally {
    await unlinkIfPresent(candidate)
  }
  throw new StoreError('ERR_STORE_LOCKED', `${path} is being taken by other processes; try again`)
}

function heldLock(path: string, own: string): ProcessLock {
  return {
    async release() {
      if ((await contentOf(path)) === own) await unlinkIfPresent(path)
    },
  }
}

async function linked(candidate: string, path: string): Promise<boolean> {
  try {
    await link(candidate, path)
    return true
  } catch (error) {
    if (errorNumber(error) === 'EEXIST') return false
    throw error
  }
}

/** Moves a stale lock aside; puts it back where another process was quicker and it is that one's. */
async function removeStale(path: string): Promise<void> {
  const seen = await contentOf(path)
  if (seen === undefined) return
  const holder = parseHolder(seen)
  if (holder && (await isAlive(holder))) throw lockedBy(path, holder)
  const aside = `${path}.stale.${process.pid}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (errorNumber(error) === 'ENOENT') return
    throw error
  }
  if ((await contentOf(aside)) !== seen) await linked(aside, path)
  await unlinkIfPresent(aside)
}

function lockedBy(path: string, holder: Holder): StoreError {
  return new StoreError(
    'ERR_STORE_LOCKED',
    `another gateway (process ${holder.processId}) uses this data directory (${path}); stop it, or give another --data`,
  )
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.bootId !== (await bootId())) return false
  return (await startTicks(holder.processId)) === holder.startTicks
}

async function ownHolder(): Promise<Holder> {
  const ticks = await startTicks(process.pid)
  return { processId: process.pid, startTicks: ticks ?? '', bootId: await bootId() }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}

/** proc(5): field 22 of `stat`, counted after the command name, which may itself hold anything. */
async function startTicks(processId: number): Promise<string | undefined> {
  const stat = await contentOf(`/proc/${processId}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { processId, startTicks: ticks, bootId: boot } = JSON.parse(text) as Partial<Holder>
    if (!Number.isInteger(processId) || typeof ticks !== 'string' || typeof boot !== 'string')
      return undefined
    return { processId: processId as number, startTicks: ticks, bootId: boot }
  } catch {
    // Not ours, or cut short by a crash of the disk: nobody alive holds it.
    return undefined
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorNumber(error) === 'ENOENT' || errorNumber(error) === 'ESRCH') return undefined
    throw error
  }
}

async function unlinkIfPresent(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errorNumber(error) !== 'ENOENT') throw error
  }
}
