import { concatBytes } from '@causeway/wire'

/** How packets lie in a byte stream. */
export interface StreamFraming {
  /** What stands before a packet's length is known. */
  readonly headerBytes: number
  /** The bytes of the frame that begins at `at`, of which the header is there; or what is wrong with it. */
  frameBytes(bytes: Uint8Array, at: number): number | string
  /** The packet of a whole frame. */
  unframe(frame: Uint8Array): Uint8Array
  frame(packet: Uint8Array): Uint8Array
}

/** A frame's 16-bit length (OpenVPN over TCP). */
const LENGTH_BYTES = 2
/** Longest frame taken: the largest inner MTU, its overhead, and room for control packets. Ours. */
export const MAX_STREAM_FRAME = 16_384

/** Each packet behind its length. */
export const OPENVPN_FRAMING: StreamFraming = {
  headerBytes: LENGTH_BYTES,
  frameBytes(bytes, at) {
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
    if (length === 0) return 'a frame of no bytes'
    if (length > MAX_STREAM_FRAME) return `a frame of ${length} bytes, more than ${MAX_STREAM_FRAME}`
    return LENGTH_BYTES + length
  },
  unframe: frame => frame.slice(LENGTH_BYTES),
  frame: packet => concatBytes([Uint8Array.of(packet.length >> 8, packet.length & 0xff), packet]),
}

/** Cuts a stream into packets, wherever its chunks are cut. */
export class FrameReader {
  readonly #framing: StreamFraming
  #partial: Uint8Array = new Uint8Array(0)

  constructor(framing: StreamFraming) {
    this.#framing = framing
  }

  /** The packets completed by this chunk, and what is wrong with the next frame when something is. */
  read(chunk: Uint8Array): { readonly packets: readonly Uint8Array[]; readonly fault: string | undefined } {
    const packets: Uint8Array[] = []
    const bytes = concatBytes([this.#partial, chunk])
    let at = 0
    while (bytes.length - at >= this.#framing.headerBytes) {
      const length = this.#framing.frameBytes(bytes, at)
      if (typeof length === 'string') return { packets, fault: length }
      if (bytes.length - at < length) break
      packets.push(this.#framing.unframe(bytes.subarray(at, at + length)))
      at += length
    }
    this.#partial = bytes.slice(at)
    return { packets, fault: undefined }
  }
}
