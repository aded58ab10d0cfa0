import { concatBytes } from '@causeway/wire'
import { HEADER_BYTES, MAX_PACKET_BYTES } from '../wire/packet.ts'

const LENGTH_OFFSET = 2

/** Cuts the bytes of a RadSec connection into packets, by their own lengths (RFC 6613 §2.1). */
export class StreamFrames {
  #rest: Uint8Array = new Uint8Array(0)

  /**
   * The packets that are whole by now. `undefined`: a length that no packet has, after which there is no telling
   * where the next begins; the connection has to go (RFC 6613 §2.6.4).
   */
  add(bytes: Uint8Array): Uint8Array[] | undefined {
    let rest = concatBytes([this.#rest, bytes])
    const packets: Uint8Array[] = []
    while (rest.length >= LENGTH_OFFSET + 2) {
      const length = ((rest[LENGTH_OFFSET] as number) << 8) | (rest[LENGTH_OFFSET + 1] as number)
      if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) return undefined
      if (rest.length < length) break
      packets.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    this.#rest = rest.slice()
    return packets
  }
}
