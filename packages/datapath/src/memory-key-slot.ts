import type { OpenVpnKeySlot } from './flow.ts'
import type { OpenVpnKeyId } from './ids.ts'
import { frameUncompressed, unframeUncompressed } from './memory-compression.ts'
import { createEpochFormat } from './memory-epoch-format.ts'
import {
  dataHeader,
  type Opened,
  type PacketFormat,
  V1_HEADER_BYTES,
  V2_HEADER_BYTES,
} from './memory-packet-format.ts'
import type { MemorySlot, ReachedLimit } from './memory-slot.ts'
import { createAeadFormat, createCbcFormat } from './memory-standard-format.ts'

/** An installed key slot: its format's state, and how much of its limits is used. */
export class MemoryKeySlot implements MemorySlot {
  readonly keyId: OpenVpnKeyId
  readonly sequence: number
  readonly #peerId: number | undefined
  readonly #slot: OpenVpnKeySlot
  readonly #format: PacketFormat
  #packets = 0
  #bytes = 0
  #limitRaised = false

  /** `peerId`: the flow's, for P_DATA_V2; absent for P_DATA_V1. */
  constructor(slot: OpenVpnKeySlot, sequence: number, peerId: number | undefined) {
    this.keyId = slot.keyId
    this.sequence = sequence
    this.#peerId = peerId
    this.#slot = slot
    this.#format = createFormat(slot)
  }

  seal(payload: Uint8Array): Uint8Array | undefined {
    const framed = frameUncompressed(this.#slot.compression, payload)
    const packet = this.#format.seal(dataHeader(this.keyId, this.#peerId), framed)
    if (packet) this.#count(payload)
    return packet
  }

  /** Opens a packet; its payload comes without framing, and empty when the framing is wrong. */
  open(packet: Uint8Array): Opened {
    const opened = this.#format.open(packet, this.#peerId === undefined ? V1_HEADER_BYTES : V2_HEADER_BYTES)
    if (opened.type !== 'payload') return opened
    const payload = unframeUncompressed(this.#slot.compression, opened.payload) ?? new Uint8Array(0)
    this.#count(payload)
    return { ...opened, payload }
  }

  /** OpenVPN has no selectors: what may pass is for the routes to say. */
  admits(): boolean {
    return true
  }

  reachedLimits(): readonly ReachedLimit[] {
    const { packetLimit, byteLimit } = this.#slot
    const passed =
      (packetLimit > 0 && this.#packets >= packetLimit) || (byteLimit > 0 && this.#bytes >= byteLimit)
    if (!passed || this.#limitRaised) return []
    this.#limitRaised = true
    return ['soft-limit']
  }

  #count(payload: Uint8Array): void {
    this.#packets++
    this.#bytes += payload.length
  }
}

function createFormat(slot: OpenVpnKeySlot): PacketFormat {
  const { cipher, digest } = slot
  const send = { cipherKey: slot.send.cipherKey.slice(), authKey: slot.send.authKey.slice() }
  const receive = { cipherKey: slot.receive.cipherKey.slice(), authKey: slot.receive.authKey.slice() }
  if (slot.format === 'epoch') return createEpochFormat(cipher, send.cipherKey, receive.cipherKey)
  if (digest !== undefined) return createCbcFormat(cipher, digest, { send, receive })
  return createAeadFormat(cipher, { send, receive })
}
