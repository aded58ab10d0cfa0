import { concatBytes } from '@causeway/wire'
import type { FlowId, StreamId } from './ids.ts'

/** A frame's 16-bit length (OpenVPN over TCP). */
const LENGTH_BYTES = 2
/** Longest frame taken: the largest inner MTU, its overhead, and room for control packets. Ours. */
export const MAX_STREAM_FRAME = 16_384
/** Bytes waiting to be taken past which data packets are dropped. Ours. */
export const STREAM_OUTPUT_LIMIT = 262_144

/** One byte stream: takes its framing apart, and gathers what is to be written. */
export class MemoryStream {
  readonly id: StreamId
  /** The flow whose packets this stream carries, once there is one. */
  flow: FlowId | undefined
  #dead = false
  #partial: Uint8Array = new Uint8Array(0)
  #output: Uint8Array[] = []
  #outputBytes = 0
  /** Nothing has been announced since the taker was last told that there is nothing. */
  #idle = true

  constructor(id: StreamId) {
    this.id = id
  }

  /**
   * The packets completed by this chunk, and the fault that ends the stream when there is one.
   * A dead stream takes everything and gives nothing.
   */
  input(chunk: Uint8Array): { readonly packets: readonly Uint8Array[]; readonly fault: string | undefined } {
    if (this.#dead) return { packets: [], fault: undefined }
    const packets: Uint8Array[] = []
    const bytes = concatBytes([this.#partial, chunk])
    let at = 0
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
      const fault = faultOf(length)
      if (fault) {
        this.#dead = true
        return { packets, fault }
      }
      if (bytes.length - at - LENGTH_BYTES < length) break
      packets.push(bytes.slice(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
      at += LENGTH_BYTES + length
    }
    this.#partial = bytes.slice(at)
    return { packets, fault: undefined }
  }

  /** Whether a data packet may be put: the stream lives, and what waits has not passed its limit. */
  acceptsData(): boolean {
    return !this.#dead && this.#outputBytes < STREAM_OUTPUT_LIMIT
  }

  /**
   * Queues a packet behind its length. Control packets are put whatever is waiting: their amount is
   * bounded by the protocol engine. A dead stream takes nothing.
   */
  put(packet: Uint8Array): void {
    if (this.#dead) return
    this.#output.push(Uint8Array.of(packet.length >> 8, packet.length & 0xff), packet.slice())
    this.#outputBytes += LENGTH_BYTES + packet.length
  }

  /** Whether the taker is to be told now; `true` once for each time it found nothing. */
  announce(): boolean {
    if (!this.#idle || this.#output.length === 0) return false
    this.#idle = false
    return true
  }

  /** All that waits, as one buffer. */
  take(): Uint8Array | undefined {
    if (this.#output.length === 0) {
      this.#idle = true
      return undefined
    }
    const taken = concatBytes(this.#output)
    this.#output = []
    this.#outputBytes = 0
    return taken
  }
}

function faultOf(length: number): string | undefined {
  if (length === 0) return 'a frame of no bytes'
  if (length > MAX_STREAM_FRAME) return `a frame of ${length} bytes, more than ${MAX_STREAM_FRAME}`
  return undefined
}
