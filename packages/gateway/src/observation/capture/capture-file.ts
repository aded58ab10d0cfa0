import { type FileHandle, open } from 'node:fs/promises'
import { pcapngInterface, pcapngPacket, pcapngSection } from '@causeway/wire'
import { type CapturedFrame, SLL2_BYTES } from './pcap-records.ts'

/** The interfaces of the file, in this order. */
const CAPTURE_PLACES = ['inside', 'outside'] as const

export interface CaptureFileOptions {
  /** The file has no more. */
  readonly fileBytes: number
  /** Of each packet no more, without what its device adds. */
  readonly packetBytes: number
  /** The kernel's number of the device that is inside. */
  readonly tunIndex: number
}

/** A pcapng file that grows up to a limit. */
export class CaptureFile {
  readonly #file: FileHandle
  readonly #options: CaptureFileOptions
  #length = 0
  /** Writes are made in turn. */
  #writes: Promise<unknown> = Promise.resolve()
  #isFull = false

  private constructor(file: FileHandle, options: CaptureFileOptions) {
    this.#file = file
    this.#options = options
  }

  /** Errors: Node's; `EEXIST`: nothing is written over. */
  static async create(path: string, options: CaptureFileOptions): Promise<CaptureFile> {
    // For root alone: inner packets are in the clear.
    const file = new CaptureFile(await open(path, 'wx', 0o600), options)
    const snapLength = options.packetBytes + SLL2_BYTES
    const interfaces = CAPTURE_PLACES.map(name =>
      pcapngInterface({ name, snapLength, linkType: 'linux-sll2' }),
    )
    await file.#write([pcapngSection(), ...interfaces])
    return file
  }

  get length(): number {
    return this.#length
  }

  /** Whether a packet had no room any more; nothing is added after it. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Adds what fits. Errors: Node's, as ENOSPC. */
  async add(frames: readonly CapturedFrame[]): Promise<void> {
    const { fileBytes, tunIndex } = this.#options
    const blocks: Uint8Array[] = []
    let length = this.#length
    for (const { microseconds, bytes, originalLength, device } of frames) {
      const place = CAPTURE_PLACES.indexOf(device === tunIndex ? 'inside' : 'outside')
      const block = pcapngPacket({ interface: place, microseconds, captured: bytes, originalLength })
      this.#isFull ||= length + block.length > fileBytes
      if (this.#isFull) break
      length += block.length
      blocks.push(block)
    }
    await this.#write(blocks)
  }

  async close(): Promise<void> {
    await this.#writes.catch(() => undefined)
    await this.#file.close()
  }

  #write(blocks: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(blocks)
    this.#length += bytes.length
    const write = this.#writes.then(() => this.#file.appendFile(bytes))
    this.#writes = write
    return write
  }
}
