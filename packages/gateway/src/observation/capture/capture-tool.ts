import { type ChildProcess, spawn } from 'node:child_process'
import { HostError } from '../../host/host.ts'

/** What tcpdump is to capture, on all devices. */
export interface CaptureSource {
  /** Bytes of a frame that are kept, its link layer included. */
  readonly frameBytes: number
  readonly expression: string
}

export interface CaptureToolListener {
  /** A piece of a pcap file. Nothing more comes until its promise is fulfilled. */
  readonly onData: (piece: Uint8Array) => Promise<void>
  /** It has ended by itself. */
  readonly onExit: (reason: string) => void
}

/** A tcpdump that runs. */
export interface CaptureTool {
  /** Resolves when all that it had captured has been given to `onData`. */
  stop(): Promise<void>
}

/** A capture ends sooner; this is for one that outlives us. */
const LONGEST_SECONDS = 5 * 3_600 + 60
/** timeout(1) ends so what does not end when it is told to. */
const KILL_SECONDS = 3
const START_MILLISECONDS = 10_000
const STOP_MILLISECONDS = 5_000
/** tcpdump says so once packets are captured. */
const READY = 'listening on'
const ERROR_CHARACTERS = 2_000

/**
 * Starts tcpdump on one source; resolves when it captures. Errors: `HostError` `ERR_HOST_TOOL` when it is not there,
 * `ERR_HOST_COMMAND` with its own words.
 */
export async function startCaptureTool(
  source: CaptureSource,
  listener: CaptureToolListener,
): Promise<CaptureTool> {
  const tool = new Tcpdump(source, listener)
  await tool.ready
  return tool
}

class Tcpdump implements CaptureTool {
  readonly ready: Promise<void>
  readonly #child: ChildProcess
  readonly #read: Promise<void>
  #errors = ''
  #stopping = false
  #isReady = false
  readonly #killWithUs = (): void => void this.#child.kill('SIGTERM')

  constructor({ frameBytes, expression }: CaptureSource, listener: CaptureToolListener) {
    const { PATH = '', ...rest } = process.env
    const env = { ...rest, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' }
    // At once: what waits in the kernel for a second would be lost at the end. The expression is one argument, which no
    // shell reads.
    const how = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '--immediate-mode', '-s', String(frameBytes)]
    const limit = ['-k', String(KILL_SECONDS), String(LONGEST_SECONDS)]
    this.#child = spawn('timeout', [...limit, 'tcpdump', ...how, '-w', '-', expression], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    process.once('exit', this.#killWithUs)
    this.ready = this.#started()
    this.#read = this.#pump(listener)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLISECONDS)
    await this.#read
    clearTimeout(late)
  }

  #started(): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = (error?: Error): void => {
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      }
      const timer = setTimeout(() => {
        this.#child.kill('SIGTERM')
        give(new HostError('ERR_HOST_COMMAND', 'tcpdump does not begin to capture'))
      }, START_MILLISECONDS)
      this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#errors = (this.#errors + text).slice(-ERROR_CHARACTERS)
        if (!this.#errors.includes(READY)) return
        this.#isReady = true
        give()
      })
      this.#child.once('error', cause => give(missingTool(cause)))
      this.#child.once('close', status => give(this.#failure(status)))
    })
  }

  #failure(status: number | null): HostError {
    // timeout(1): 127 is a program that is not there.
    if (status === 127) return missingTool(undefined)
    const line = this.#errors.trim().split('\n').at(-1) ?? ''
    return new HostError('ERR_HOST_COMMAND', `tcpdump failed: ${line.replace(/^tcpdump: /, '')}`)
  }

  async #pump({ onData, onExit }: CaptureToolListener): Promise<void> {
    try {
      for await (const piece of this.#child.stdout ?? []) await onData(piece as Uint8Array)
    } finally {
      process.removeListener('exit', this.#killWithUs)
      if (!this.#stopping && this.#isReady) onExit(this.#errors.trim().split('\n').at(-1) ?? '')
    }
  }
}

function missingTool(cause: unknown): HostError {
  const message = 'tcpdump cannot be run: install the package tcpdump'
  return new HostError('ERR_HOST_TOOL', message, ...(cause === undefined ? [] : [{ cause }]))
}
