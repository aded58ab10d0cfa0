import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Listener } from '../../configuration.ts'
import { HostError } from '../../host/host.ts'
import { CommandError } from '../../quick-start/command-error.ts'
import { type BlobUploadOptions, blobUrl, uploadBlob } from './blob-upload.ts'
import { CaptureFile, type CaptureFileOptions } from './capture-file.ts'
import { parseCaptureFilter } from './capture-filter.ts'
import { type CaptureSource, type CaptureTool, startCaptureTool } from './capture-tool.ts'
import { deviceIndex } from './device-index.ts'
import { captureExpression } from './filter-expression.ts'
import { PcapRecords, SLL2_BYTES } from './pcap-records.ts'

/** Captures packets of the gateway, one capture at a time. */
export interface PacketCapture {
  /**
   * Begins a capture, of everything without `filterData` (Azure's JSON). Answers its name. Errors: `CommandError`
   * `InvalidParameter`; `Conflict` while another one runs or no gateway does; `HostError` without tcpdump.
   */
  start(filterData?: string): Promise<string>
  /**
   * Ends the capture, or takes the one that has ended by itself. Answers the path of its file or, when it went to
   * `sasUrl`, that URL without its query; the file is removed then. Errors: `CommandError` `InvalidParameter` for the
   * URL, and the capture goes on; `Conflict` without a capture, or when the store does not take it: the file stays.
   */
  stop(sasUrl?: string): Promise<string>
  /** Ends what runs; the file stays. */
  close(): Promise<void>
}

/** What is captured at. */
export interface CapturePoints {
  /** Name of the TUN device: where inner packets are. */
  readonly tun: string
  readonly listeners: readonly Listener[]
}

export interface PacketCaptureOptions {
  /** For the files; made when it is not there. */
  readonly directory: string
  /** Of the gateway that runs; `undefined`: none does. */
  readonly points: () => CapturePoints | undefined
  readonly log: Logger
  /** Unix seconds. */
  readonly unixSeconds: () => number
  readonly upload?: BlobUploadOptions
}

/** As Azure's, which ends a capture so. */
const LONGEST_MILLISECONDS = 5 * 3_600_000
/** Older files make way: each may have 500 MB. */
const FILES_KEPT = 5
const ENDING = '.pcapng'

/** Makes what captures; nothing runs until it is started. */
export function createPacketCapture(options: PacketCaptureOptions): PacketCapture {
  return new Captures(options)
}

/** A capture from its start until its file is taken. */
interface Capture {
  readonly name: string
  readonly path: string
  readonly file: CaptureFile
  readonly timer: NodeJS.Timeout
  tool: CaptureTool | undefined
  /** Set once, whoever ends it. */
  ended: Promise<void> | undefined
}

class Captures implements PacketCapture {
  readonly #options: PacketCaptureOptions
  #capture: Capture | undefined
  /** What is being put elsewhere is given up when the process ends. */
  readonly #closing = new AbortController()
  /** Starts and stops are made in turn. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PacketCaptureOptions) {
    this.#options = options
  }

  start(filterData?: string): Promise<string> {
    return this.#inTurn(() => this.#start(filterData))
  }

  stop(sasUrl?: string): Promise<string> {
    return this.#inTurn(() => this.#stop(sasUrl))
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('the gateway stops'))
    return this.#inTurn(async () => {
      if (this.#capture) await this.#end(this.#capture, 'the gateway stops')
    })
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #start(filterData: string | undefined): Promise<string> {
    const filter = parseCaptureFilter(filterData)
    const points = this.#options.points()
    if (!points) throw new CommandError('Conflict', 'there is no gateway whose packets could be captured')
    if (this.#capture && !this.#capture.ended)
      throw new CommandError('Conflict', `the capture ${this.#capture.name} runs; stop it first`)
    const tunIndex = await deviceIndex(points.tun)
    const expression = captureExpression(filter, points.listeners, tunIndex)
    if (expression === undefined) throw takesNothing()
    const { fileBytes, packetBytes } = filter
    const capture = await this.#create({ fileBytes, packetBytes, tunIndex })
    try {
      capture.tool = await this.#startTool(capture, { expression, frameBytes: packetBytes + SLL2_BYTES })
    } catch (error) {
      await this.#end(capture, 'it could not be started')
      await rm(capture.path, { force: true })
      throw isEmptyExpression(error) ? takesNothing() : error
    }
    this.#capture = capture
    this.#options.log.info({ capture: capture.name }, 'packet capture started')
    return capture.name
  }

  async #create(limits: CaptureFileOptions): Promise<Capture> {
    const { directory, unixSeconds } = this.#options
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await removeOldest(directory)
    const time = new Date(unixSeconds() * 1_000).toISOString().replace(/[-:]|\.\d+/g, '')
    const name = await freeName(directory, `capture-${time}`)
    const path = join(directory, `${name}${ENDING}`)
    const file = await CaptureFile.create(path, limits)
    const timer = setTimeout(() => void this.#end(capture, 'it has run for 5 hours'), LONGEST_MILLISECONDS)
    timer.unref()
    const capture: Capture = { name, path, file, timer, tool: undefined, ended: undefined }
    return capture
  }

  #startTool(capture: Capture, source: CaptureSource): Promise<CaptureTool> {
    const records = new PcapRecords()
    return startCaptureTool(source, {
      onData: async piece => {
        if (capture.file.isFull) return
        try {
          await capture.file.add(records.read(piece))
          if (capture.file.isFull) this.#endSoon(capture, 'its file is full')
        } catch (error) {
          this.#options.log.error({ err: error, capture: capture.name }, 'packet capture failed')
          this.#endSoon(capture, 'its file could not be written')
        }
      },
      onExit: reason => this.#endSoon(capture, `tcpdump ended: ${reason}`),
    })
  }

  /** Not awaited by a tool that itself is waited for. */
  #endSoon(capture: Capture, reason: string): void {
    this.#end(capture, reason).catch(error => {
      this.#options.log.error({ err: error, capture: capture.name }, 'packet capture could not be ended')
    })
  }

  #end(capture: Capture, reason: string): Promise<void> {
    capture.ended ??= this.#endNow(capture, reason)
    return capture.ended
  }

  async #endNow({ name, tool, timer, file }: Capture, reason: string): Promise<void> {
    clearTimeout(timer)
    await tool?.stop()
    await file.close()
    this.#options.log.info({ capture: name, reason, bytes: file.length }, `packet capture ended: ${reason}`)
  }

  async #stop(sasUrl: string | undefined): Promise<string> {
    const { upload } = this.#options
    const url = sasUrl === undefined || sasUrl === '' ? undefined : blobUrl(sasUrl, upload)
    const capture = this.#capture
    if (!capture) throw new CommandError('Conflict', 'no capture runs; start one first')
    await this.#end(capture, 'it was stopped')
    this.#capture = undefined
    if (!url) return capture.path
    try {
      await uploadBlob(capture.path, url.href, { ...upload, signal: this.#closing.signal })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      throw new CommandError(error.code, `${error.message}; it is in ${capture.path}`)
    }
    await rm(capture.path)
    return `${url.origin}${url.pathname}`
  }
}

/** libpcap sees that what is wanted together cannot be, as TCP on a port of UDP alone. */
function isEmptyExpression(error: unknown): boolean {
  return error instanceof HostError && error.message.includes('expression rejects all packets')
}

function takesNothing(): CommandError {
  const message = 'filterData takes no packet of this gateway'
  return new CommandError('InvalidParameter', message, [
    { code: 'InvalidParameter', message, target: 'filterData' },
  ])
}

async function removeOldest(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter(name => name.endsWith(ENDING)).sort()
  for (const name of names.slice(0, Math.max(0, names.length - (FILES_KEPT - 1))))
    await rm(join(directory, name), { force: true })
}

/** Two captures of one second have names of their own. */
async function freeName(directory: string, name: string): Promise<string> {
  const taken = new Set(await readdir(directory))
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}-${i}`
    if (!taken.has(`${candidate}${ENDING}`)) return candidate
  }
}
