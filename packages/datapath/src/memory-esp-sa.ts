import { concatBytes, Reader } from '@causeway/wire'
import type { EspSa } from './flow.ts'
import type { KeyId } from './ids.ts'
import { padEspPayload, readEspPayload } from './memory-esp-payload.ts'
import { EspReplayWindow } from './memory-esp-sequence.ts'
import { createEspTransform, ESP_HEADER_BYTES, type EspTransform, espHeader } from './memory-esp-transform.ts'
import type { InnerPacket } from './memory-inner-packet.ts'
import { MALFORMED, type Opened, REPLAY, UNAUTHENTIC } from './memory-packet-format.ts'
import type { MemorySlot, ReachedLimit } from './memory-slot.ts'
import { selectorsAdmit } from './memory-traffic-selector.ts'

/** A sequence number is never used twice (RFC 4303 §3.3.3). The extended end is where numbers stay exact. */
const LAST_SEQUENCE = { short: 0xffffffff, extended: Number.MAX_SAFE_INTEGER } as const

/** An installed pair of SAs: transforms, sequence numbers, replay window, and how much of its limits is used. */
export class MemoryEspSa implements MemorySlot {
  readonly keyId: KeyId
  readonly sequence: number
  readonly #sa: EspSa
  readonly #outbound: EspTransform
  readonly #inbound: EspTransform
  readonly #received: EspReplayWindow
  #sent: number
  #packets = 0
  #bytes = 0
  readonly #told = new Set<ReachedLimit>()

  /** `sent`: sequence numbers used before. */
  constructor(sa: EspSa, sequence: number, sent = 0) {
    this.keyId = sa.keyId
    this.sequence = sequence
    this.#sa = sa
    this.#sent = sent
    this.#outbound = createEspTransform(sa, sa.send)
    this.#inbound = createEspTransform(sa, sa.receive)
    this.#received = new EspReplayWindow(sa.replayWindow, sa.extendedSequence)
  }

  seal(packet: Uint8Array): Uint8Array | undefined {
    if (this.#isSpent() || this.#isNumbered()) return undefined
    const numbers = { spi: this.#sa.sendSpi, sequence: ++this.#sent, extended: this.#sa.extendedSequence }
    const plaintext = padEspPayload(packet, this.#outbound.blockBytes)
    const body = this.#outbound.seal(numbers, this.#outbound.nextIv(this.#sent), plaintext)
    this.#count(packet.length)
    return concatBytes([espHeader(numbers), body])
  }

  open(packet: Uint8Array): Opened {
    if (packet.length < ESP_HEADER_BYTES) return MALFORMED
    const reader = new Reader(packet)
    const spi = reader.u32('SPI')
    const sequence = this.#received.infer(reader.u32('sequence number'))
    const numbers = { spi, sequence, extended: this.#sa.extendedSequence }
    const plaintext = this.#inbound.open(numbers, packet.subarray(ESP_HEADER_BYTES))
    if (plaintext === 'malformed') return MALFORMED
    if (plaintext === 'unauthentic') return UNAUTHENTIC
    const verdict = this.#received.accept(sequence)
    if (verdict === 'replay') return REPLAY
    const newest = verdict === 'newest'
    const payload = readEspPayload(plaintext)
    if (this.#isSpent()) return { type: 'spent', newest }
    this.#count(payload.type === 'packet' ? payload.bytes.length : 0)
    if (payload.type === 'dummy') return { type: 'dummy', newest }
    return { type: 'payload', payload: payload.type === 'packet' ? payload.bytes : new Uint8Array(0), newest }
  }

  admits(inner: InnerPacket, direction: 'in' | 'out'): boolean {
    return selectorsAdmit(this.#sa.selectors, inner, direction)
  }

  reachedLimits(): readonly ReachedLimit[] {
    const { packetLimit, byteLimit } = this.#sa
    const reached: ReachedLimit[] = []
    if (this.#passed(packetLimit, byteLimit)) reached.push('soft-limit')
    if (this.#isSpent() || this.#isNumbered()) reached.push('hard-limit')
    const fresh = reached.filter(limit => !this.#told.has(limit))
    for (const limit of fresh) this.#told.add(limit)
    return fresh
  }

  /** Past its hard limits. */
  #isSpent(): boolean {
    return this.#passed(this.#sa.hardPacketLimit, this.#sa.hardByteLimit)
  }

  /** Out of sequence numbers. */
  #isNumbered(): boolean {
    return this.#sent === LAST_SEQUENCE[this.#sa.extendedSequence ? 'extended' : 'short']
  }

  #passed(packets: number, bytes: number): boolean {
    return (packets > 0 && this.#packets >= packets) || (bytes > 0 && this.#bytes >= bytes)
  }

  #count(bytes: number): void {
    this.#packets++
    this.#bytes += bytes
  }
}
