import { concatBytes, Writer } from '@causeway/wire'
import { IDENTIFICATIONS, REJECTED_COPY_BYTES } from '../limits.ts'
import { shownText } from '../link/shown-text.ts'
import type { Wiring } from '../link/wiring.ts'
import { ControlProtocol, type ControlSurroundings } from '../negotiation/control-protocol.ts'
import { CODES, type ControlPacket } from '../wire/control-packet.ts'
import { MAGIC_BYTES } from './lcp-option.ts'
import { LcpPolicy, type PeerTerms } from './lcp-policy.ts'

/** What LCP says to its link, besides what every control protocol says. */
export interface LcpSurroundings extends ControlSurroundings {
  /** The peer does not speak this protocol (RFC 1661 §5.7). */
  protocolRejected(protocol: number): void
  /** Our Echo-Requests have had no answer. */
  silent(): void
}

/** The Link Control Protocol (RFC 1661 §5), with Identification and Time-Remaining (RFC 1570 §2). */
export class Lcp {
  readonly protocol: ControlProtocol
  readonly #wiring: Wiring
  readonly #around: LcpSurroundings
  readonly #policy: LcpPolicy
  #identifications = 0
  #echoIdentifier = 0
  #unansweredEchoes = 0

  constructor(wiring: Wiring, around: LcpSurroundings) {
    this.#wiring = wiring
    this.#around = around
    this.#policy = new LcpPolicy(wiring.options)
    this.protocol = new ControlProtocol(this.#policy, around, wiring.options)
  }

  get peer(): PeerTerms {
    return this.#policy.peer
  }

  get authentication(): LcpPolicy['authentication'] {
    return this.#policy.authentication
  }

  handlePacket(packet: ControlPacket): void {
    switch (packet.code) {
      case CODES.configureRequest:
        this.#takeRequest(packet)
        return
      case CODES.protocolReject:
        this.#takeProtocolReject(packet)
        return
      case CODES.echoRequest:
        this.#takeEchoRequest(packet)
        return
      case CODES.echoReply:
        this.#takeEchoReply(packet)
        return
      case CODES.identification:
        this.#takeIdentification(packet)
        return
      case CODES.discardRequest:
      case CODES.timeRemaining:
        return
      default:
        this.protocol.handlePacket(packet)
    }
  }

  /** Tells the peer that a protocol is not spoken here (RFC 1661 §5.7), so many times a second. */
  rejectProtocol(protocol: number, information: Uint8Array): void {
    if (!this.#around.mayAnswer()) return
    const copy = information.subarray(0, REJECTED_COPY_BYTES)
    const data = new Writer().u16(protocol).bytes(copy).finish()
    this.#around.send({ code: CODES.protocolReject, identifier: this.protocol.nextIdentifier(), data })
  }

  /** LCP is open: the first echo is asked for in time. */
  startEchoes(): void {
    const { echoMilliseconds } = this.#wiring.options
    this.#unansweredEchoes = 0
    if (echoMilliseconds > 0) this.#wiring.setTimer('echo', echoMilliseconds)
  }

  /** The timer `echo`. */
  handleEchoTimeout(): void {
    const { echoMilliseconds, echoFailures } = this.#wiring.options
    if (!this.protocol.isOpened) return
    if (this.#unansweredEchoes >= echoFailures) {
      this.#around.silent()
      return
    }
    this.#unansweredEchoes++
    this.#echoIdentifier = this.protocol.nextIdentifier()
    this.#around.send({
      code: CODES.echoRequest,
      identifier: this.#echoIdentifier,
      data: this.#policy.magic.slice(),
    })
    this.#wiring.setTimer('echo', echoMilliseconds)
  }

  /**
   * Our own request that comes back gets no answer, which would come back too: a terminal that echoes until its pppd has
   * begun (RFC 1661 §6.4 would have it argued with). A link that stays looped ends by Max-Configure.
   */
  #takeRequest(packet: ControlPacket): void {
    const isOurs = this.#policy.hasMagic && this.protocol.isOwnRequest(packet)
    if (isOurs) this.#around.drop('our own Configure-Request came back')
    else this.protocol.handlePacket(packet)
  }

  #takeProtocolReject({ data }: ControlPacket): void {
    if (!this.protocol.isOpened || data.length < 2) {
      this.#around.drop('Protocol-Reject out of place')
      return
    }
    this.#around.protocolRejected(((data[0] as number) << 8) | (data[1] as number))
  }

  #takeEchoRequest({ identifier, data }: ControlPacket): void {
    if (!this.protocol.isOpened || data.length < MAGIC_BYTES || this.#isLooped(data)) {
      this.#around.drop('Echo-Request out of place')
      return
    }
    if (!this.#around.mayAnswer()) {
      this.#around.drop('too many Echo-Requests')
      return
    }
    const answer = concatBytes([this.#policy.magic, data.subarray(MAGIC_BYTES)])
    this.protocol.handleEchoRequest({ code: CODES.echoReply, identifier, data: answer })
  }

  /** Only the newest request's answer counts. */
  #takeEchoReply({ identifier, data }: ControlPacket): void {
    const isOurs = identifier === this.#echoIdentifier && this.#unansweredEchoes > 0
    if (!this.protocol.isOpened || !isOurs || data.length < MAGIC_BYTES || this.#isLooped(data)) {
      this.#around.drop('Echo-Reply out of place')
      return
    }
    this.#unansweredEchoes = 0
  }

  #isLooped(data: Uint8Array): boolean {
    return this.#policy.isOwnMagic(data.subarray(0, MAGIC_BYTES))
  }

  /** RFC 1570 §2.1: a magic number and a text. */
  #takeIdentification({ data }: ControlPacket): void {
    if (data.length < MAGIC_BYTES || ++this.#identifications > IDENTIFICATIONS) {
      this.#around.drop('Identification out of place')
      return
    }
    this.#wiring.event({ type: 'identification', text: shownText(data.subarray(MAGIC_BYTES)) })
  }
}
