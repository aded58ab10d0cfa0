import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A process that writes documents `k/0`, `k/1`, … to a store, and says which are acknowledged. */
export interface StoreProcess {
  /**
   * `ok N` for each acknowledged document, `failed CODE MESSAGE` for each that was not; `kept N` for what is there
   * at the end, after a restart.
   */
  readonly lines: Interface
  kill(signal: 'SIGKILL'): void
  /** When it has ended and all its lines were read. */
  readonly ended: Promise<unknown>
}

const SCRIPT = fileURLToPath(new URL('./write-documents.suite.ts', import.meta.url))

/** `before`: a shell command that is run first, in the same mount namespace of its own. */
export function startStoreProcess(path: string, options: StoreProcessOptions): StoreProcess {
  const { count, bytes, concurrency, before = ':' } = options
  const words = [path, count, bytes, concurrency].map(String)
  const node = [process.execPath, '--conditions=@causeway/source', '--import', 'tsx', SCRIPT, ...words]
  const shell = ['-m', 'sh', '-c', `${before} && exec "$@"`, 'sh', ...node]
  const child: ChildProcessByStdio<null, Readable, null> = spawn('unshare', shell, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  return { lines, kill: signal => void child.kill(signal), ended: once(child, 'close') }
}

export interface StoreProcessOptions {
  readonly count: number
  /** Size of each document. */
  readonly bytes: number
  /** So many are written at once. */
  readonly concurrency: number
  readonly before?: string
}
