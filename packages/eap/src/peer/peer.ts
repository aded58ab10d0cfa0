import type { CryptoPort } from '@causeway/crypto'
import { sameBytes, utf8Bytes, WireFault } from '@causeway/wire'
import type { EapCommand } from '../command.ts'
import { Conversation } from '../conversation.ts'
import { EapError } from '../eap-error.ts'
import { type EapLimits, NAME_BYTES, SHOWN_BYTES } from '../limits.ts'
import { printableText } from '../printable.ts'
import { type EapPacket, parseEapPacket, writeEapPacket } from '../wire/eap-packet.ts'
import { EAP_TYPES, formatEapType } from '../wire/eap-type.ts'
import { writeNak } from '../wire/nak.ts'
import { Mschapv2PeerMethod } from './mschapv2-method.ts'
import type { PeerHost, PeerMethod } from './peer-method.ts'
import type {
  EapPeerMethodName,
  EapPeerOutput,
  EapPeerReply,
  EapPeerRequest,
  EapPeerSuccess,
} from './peer-output.ts'
import { TlsPeerMethod } from './tls-method.ts'

/** How a peer is made. */
export interface EapPeerOptions {
  readonly crypto: Pick<CryptoPort, 'equal'>
  /** What it answers to an Identity request; in the clear for everyone before IKEv2's encryption. */
  readonly identity: string
  /** What it accepts, in the order that a Nak proposes. */
  readonly methods: readonly EapPeerMethodName[]
  readonly limits?: Partial<EapLimits>
}

/**
 * One EAP conversation in the client's role (RFC 3748): inputs in, then {@link EapPeer.poll} until `undefined`.
 * No I/O and no time; the server speaks first. It ends with one `success` or `failure`. EAP-Success is only
 * believed when the method has ended well: one that comes early is a fault.
 */
export interface EapPeer {
  /** A packet from the server, borrowed. Never throws. */
  handlePacket(packet: Uint8Array): void
  /** Errors: `EapError` when the command does not fit what was asked. */
  handleCommand(command: EapCommand<EapPeerReply>): void
  poll(): EapPeerOutput | undefined
}

/** Errors: `ERR_EAP_OPTIONS`. */
export function createEapPeer(options: EapPeerOptions): EapPeer {
  return new Peer(options)
}

type Notification = { readonly type: 'notification'; readonly text: string }
type TypedPacket = EapPacket & { readonly code: 'request' | 'response' }

const METHOD_TYPES: Readonly<Record<EapPeerMethodName, number>> = {
  tls: EAP_TYPES.TLS,
  mschapv2: EAP_TYPES.MSCHAPV2,
}

class Peer implements EapPeer, PeerHost {
  readonly #options: EapPeerOptions
  readonly #identity: Uint8Array
  readonly #conversation: Conversation<EapPeerRequest, Notification | EapPeerSuccess>
  #method: { readonly name: EapPeerMethodName; readonly method: PeerMethod } | undefined
  #isOver = false
  /** The last request, and the response to it. */
  #lastRequest: Uint8Array | undefined
  #lastSent: Uint8Array | undefined
  /** Identifier of the last request. */
  #identifier: number | undefined

  constructor(options: EapPeerOptions) {
    this.#options = options
    this.#identity = utf8Bytes(options.identity)
    this.#conversation = new Conversation(options.limits)
    if (options.methods.length === 0 || this.#identity.length > NAME_BYTES) {
      throw new EapError(
        'ERR_EAP_OPTIONS',
        `a peer needs a method, and an identity of ${NAME_BYTES} bytes at most`,
      )
    }
  }

  poll(): EapPeerOutput | undefined {
    return this.#conversation.outbox.take()
  }

  handlePacket(bytes: Uint8Array): void {
    const packet = parseEapPacket(bytes)
    if (packet instanceof WireFault) this.#conversation.drop(`malformed EAP: ${packet}`)
    else if (packet.code === 'request' || packet.code === 'response') this.#handleTyped(packet, bytes)
    else if (this.#isOver) this.#conversation.drop(`an EAP ${packet.code} after the end`)
    else if (packet.identifier !== (this.#identifier ?? packet.identifier)) {
      this.#conversation.drop(`an EAP ${packet.code} that answers nothing`)
    } else if (packet.code === 'success') this.#handleSuccess()
    else this.#handleFailure()
  }

  handleCommand(command: EapCommand<EapPeerReply>): void {
    if (this.#isOver) return
    switch (command.type) {
      case 'tls-report':
        this.#conversation.takeTlsReport()
        this.#method?.method.handleTlsReport?.(command.report)
        return
      case 'reply':
        this.#conversation.answer(command.id, () => this.#method?.method.handleReply(command.reply))
        return
      case 'abandon':
        this.#lastSent = undefined
        this.fail(command.reason)
        return
      default:
        command satisfies never
    }
  }

  // What a method may use.

  get crypto(): EapPeerOptions['crypto'] {
    return this.#options.crypto
  }

  get limits(): EapLimits {
    return this.#conversation.limits
  }

  sendResponse(data: Uint8Array): void {
    if (!this.#method) throw new TypeError('no method')
    this.#respond(this.#method.method.eapType, data)
  }

  ask(request: EapPeerRequest): void {
    this.#conversation.ask(request)
  }

  startTls(): void {
    this.#conversation.startTls()
  }

  stepTls(type: 'tls-input' | 'tls-write', bytes: Uint8Array): void {
    this.#conversation.stepTls(type, bytes)
  }

  fail(reason: string): void {
    this.#isOver = true
    this.#conversation.close()
    this.#conversation.outbox.put({ type: 'failure', reason })
  }

  // The rounds.

  #handleTyped(packet: TypedPacket, bytes: Uint8Array): void {
    if (packet.code === 'response') this.#conversation.drop('an EAP response from a server')
    else if (this.#lastRequest && sameBytes(bytes, this.#lastRequest)) this.#repeat(bytes)
    else if (this.#isOver) this.#conversation.drop('an EAP request after the end')
    else if (packet.identifier === this.#identifier) {
      this.#conversation.drop('another EAP request under the last identifier')
    } else if (this.#conversation.waitsOutside)
      this.#conversation.drop('an EAP request before the last is answered')
    else this.#accept(packet, bytes)
  }

  #accept({ identifier, type, data }: TypedPacket, bytes: Uint8Array): void {
    const excess = this.#conversation.count(bytes)
    if (excess !== undefined) {
      this.fail(excess)
      return
    }
    this.#lastRequest = bytes.slice()
    this.#lastSent = undefined
    this.#identifier = identifier
    if (type === EAP_TYPES.NOTIFICATION) this.#notify(data)
    else if (this.#method) this.#handleMethod(this.#method.method, type, data)
    else if (type === EAP_TYPES.IDENTITY) this.#respond(type, this.#identity)
    else if (type === EAP_TYPES.NAK) this.fail('a Nak from a server')
    else this.#handleOffer(type, data)
  }

  #notify(data: Uint8Array): void {
    this.#conversation.outbox.put({
      type: 'notification',
      text: printableText(data.subarray(0, SHOWN_BYTES)),
    })
    this.#respond(EAP_TYPES.NOTIFICATION, new Uint8Array(0))
  }

  #handleMethod(method: PeerMethod, type: number, data: Uint8Array): void {
    if (type === method.eapType) method.handleRequest(data)
    else this.fail(`${formatEapType(type)} out of turn`)
  }

  #handleOffer(type: number, data: Uint8Array): void {
    const { methods } = this.#options
    const name = methods.find(candidate => METHOD_TYPES[candidate] === type)
    if (name === undefined) {
      this.#respond(EAP_TYPES.NAK, writeNak(methods.map(candidate => METHOD_TYPES[candidate])))
      return
    }
    const method = name === 'tls' ? new TlsPeerMethod(this) : new Mschapv2PeerMethod(this)
    this.#method = { name, method }
    method.handleRequest(data)
  }

  #handleSuccess(): void {
    const verdict = this.#method?.method.verdict
    if (!this.#method || verdict?.type !== 'good' || this.#conversation.waitsOutside) {
      this.fail('EAP-Success before the method had ended')
      return
    }
    this.#isOver = true
    this.#conversation.close()
    this.#conversation.outbox.put({ type: 'success', method: this.#method.name, ...verdict.success })
  }

  #handleFailure(): void {
    const verdict = this.#method?.method.verdict
    if (verdict?.type === 'good' && verdict.isProtected) {
      this.#conversation.drop('an EAP failure after the protected success indication')
      return
    }
    this.fail(verdict?.type === 'bad' ? verdict.reason : 'the server refuses')
  }

  #respond(type: number, data: Uint8Array): void {
    if (this.#identifier === undefined) throw new TypeError('a response without a request')
    const bytes = writeEapPacket({ code: 'response', identifier: this.#identifier, type, data })
    this.#lastSent = bytes.slice()
    this.#conversation.send(bytes)
  }

  /** RFC 3748 §4.1: a request that is repeated is answered by the same response. */
  #repeat(bytes: Uint8Array): void {
    const isTooMuch = this.#conversation.count(bytes) !== undefined
    if (this.#lastSent === undefined || isTooMuch) this.#conversation.drop('a repeated EAP request')
    else this.#conversation.send(this.#lastSent.slice())
  }
}
