import { concatBytes } from '@causeway/wire'
import type { EapLimits } from '../limits.ts'
import { EAP_TLS_ACK, type EapTlsPacket } from '../wire/eap-tls-packet.ts'

/** What came of a packet. */
export type TlsFramingStep =
  /** The next fragment of ours, or the acknowledgement of one of theirs. */
  | { readonly type: 'send'; readonly packet: EapTlsPacket }
  /** A whole message; empty when the other side has nothing to say. */
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  | { readonly type: 'fault'; readonly reason: string }

/** What has come of a message. */
interface Arriving {
  readonly fragments: Uint8Array[]
  readonly totalLength: number | undefined
  length: number
}

const NOTHING = new Uint8Array(0)

/**
 * TLS messages in EAP-TLS packets, in lock-step (RFC 5216 §2.1.5): each fragment waits for the
 * acknowledgement of the one before. The announced length is checked against what comes; nothing is
 * ever allocated by it.
 */
export class TlsFraming {
  readonly #limits: EapLimits
  #outgoing: Uint8Array = NOTHING
  #sent = 0
  #arriving: Arriving | undefined

  constructor(limits: EapLimits) {
    this.#limits = limits
  }

  /** Takes a message to send and gives its first fragment; an empty message is an acknowledgement. */
  begin(message: Uint8Array): EapTlsPacket {
    this.#outgoing = message
    this.#sent = 0
    return this.#nextFragment()
  }

  receive(packet: EapTlsPacket): TlsFramingStep {
    if (packet.start) return fault('an EAP-TLS start out of turn')
    if (this.#sent < this.#outgoing.length) return this.#handleAcknowledgement(packet)
    if (packet.more && packet.fragment.length === 0) return fault('an empty EAP-TLS fragment')
    return this.#handleFragment(packet)
  }

  #handleAcknowledgement({ more, fragment }: EapTlsPacket): TlsFramingStep {
    if (more || fragment.length > 0) return fault('no acknowledgement of an EAP-TLS fragment')
    return { type: 'send', packet: this.#nextFragment() }
  }

  #nextFragment(): EapTlsPacket {
    const total = this.#outgoing.length
    const isFirst = this.#sent === 0
    const end = Math.min(this.#sent + this.#limits.fragmentBytes, total)
    const fragment = this.#outgoing.subarray(this.#sent, end)
    this.#sent = end
    const more = end < total
    if (!more) this.#outgoing = NOTHING
    if (!more) this.#sent = 0
    return { start: false, more, fragment, ...(isFirst && more ? { totalLength: total } : {}) }
  }

  #handleFragment({ more, totalLength, fragment }: EapTlsPacket): TlsFramingStep {
    this.#arriving ??= { fragments: [], totalLength, length: 0 }
    const arriving = this.#arriving
    const announced = arriving.totalLength
    if (totalLength !== undefined && totalLength !== announced) return fault('the EAP-TLS length changes')
    arriving.length += fragment.length
    const { tlsMessageBytes } = this.#limits
    if (Math.max(arriving.length, announced ?? 0) > tlsMessageBytes) {
      return fault(`a TLS message of more than ${tlsMessageBytes} bytes`)
    }
    if (announced !== undefined && (more ? arriving.length >= announced : arriving.length !== announced)) {
      return fault('EAP-TLS fragments that are not as long as announced')
    }
    arriving.fragments.push(fragment.slice())
    if (more) return { type: 'send', packet: EAP_TLS_ACK }
    this.#arriving = undefined
    return { type: 'message', bytes: concatBytes(arriving.fragments) }
  }
}

function fault(reason: string): TlsFramingStep {
  return { type: 'fault', reason }
}
