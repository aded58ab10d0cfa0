import type { OpenVpnKeySlot } from './flow.ts'
import type { KeyId } from './ids.ts'
import { frameUncompressed, unframeUncompressed } from './memory-compression.ts'
import { createEpochFormat } from './memory-epoch-format.ts'
import { dataHeader, type Opened, type PacketFormat } from './memory-packet-format.ts'
import { createAeadFormat, createCbcFormat } from './memory-standard-format.ts'

/** An installed key slot: its format's state, and how much of its limits is used. */
export class MemoryKeySlot {
  readonly keyId: KeyId
  /** Grows with each installation in a flow, so that slots have an order. */
  readonly sequence: number
  readonly #slot: OpenVpnKeySlot
  readonly #format: PacketFormat
  #packets = 0
  #bytes = 0
  #limitRaised = false

  constructor(slot: OpenVpnKeySlot, sequence: number) {
    this.keyId = slot.keyId
    this.sequence = sequence
    this.#slot = slot
    this.#format = createFormat(slot)
  }

  /** The packet for a payload, or `undefined` when the packet ids are used up. */
  seal(peerId: number | undefined, payload: Uint8Array): Uint8Array | undefined {
    const framed = frameUncompressed(this.#slot.compression, payload)
    const packet = this.#format.seal(dataHeader(this.keyId, peerId), framed)
    if (packet) this.#count(payload)
    return packet
  }

  /** Opens a packet; its payload comes without framing, and empty when the framing is wrong. */
  open(packet: Uint8Array, headerLength: number): Opened {
    const opened = this.#format.open(packet, headerLength)
    if (opened.type !== 'payload') return opened
    const payload = unframeUncompressed(this.#slot.compression, opened.payload) ?? new Uint8Array(0)
    this.#count(payload)
    return { ...opened, payload }
  }

  /** `true` once, after the packets or bytes in both directions have come to their limit. */
  passedLimit(): boolean {
    const { packetLimit, byteLimit } = this.#slot
    const passed =
      (packetLimit > 0 && this.#packets >= packetLimit) || (byteLimit > 0 && this.#bytes >= byteLimit)
    if (!passed || this.#limitRaised) return false
    this.#limitRaised = true
    return true
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
