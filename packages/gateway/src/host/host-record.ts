import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HostError } from './host.ts'

/** What a running gateway has changed on its machine, so that the next one can undo it after a crash. */
export interface HostRecord {
  /** The process that holds the machine, with its start time, since process ids are used again. */
  readonly process: { readonly id: number; readonly startedAt: string }
  /** Kernel settings as they were before, by their paths under /proc/sys. */
  readonly settings: Readonly<Record<string, string>>
  /** Lines for `ip -batch` that stand in the kernel without the TUN device, as they were added. */
  readonly lines?: readonly string[]
}

/** Where the record of this network namespace lies: one gateway a namespace. */
export function hostRecordPath(): string {
  return `/run/causeway/${readlinkSync('/proc/self/ns/net').replace(/[^0-9]/g, '')}.json`
}

/** This process as records name it. */
export function thisProcess(): HostRecord['process'] {
  return { id: process.pid, startedAt: startTime(process.pid) ?? '' }
}

/**
 * The record that is there, or `undefined`. Errors: `ERR_HOST_BUSY` when its process still runs and is
 * another one.
 */
export async function takeOverRecord(path: string): Promise<HostRecord | undefined> {
  const record = await readRecord(path)
  if (!record) return undefined
  const { id, startedAt } = record.process
  if (id !== process.pid && startTime(id) === startedAt) {
    const message = `another gateway runs here (process ${id}): stop it, or use another network namespace`
    throw new HostError('ERR_HOST_BUSY', message)
  }
  return record
}

export async function writeRecord(path: string, record: HostRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
  await rename(draft, path)
}

export async function removeRecord(path: string): Promise<void> {
  await rm(path, { force: true })
}

/** A record that cannot be read is no record: it was written whole, or by somebody else. */
async function readRecord(path: string): Promise<HostRecord | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const value = JSON.parse(text) as Partial<HostRecord>
    return value.process && value.settings ? (value as HostRecord) : undefined
  } catch {
    return undefined
  }
}

/**
 * Clock ticks since boot when a process started (field 22 of its stat), or `undefined` when there is
 * none. One that is dead and only not yet collected by its parent counts as none.
 */
function startTime(id: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
