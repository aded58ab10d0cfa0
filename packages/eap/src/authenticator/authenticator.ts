import { sameBytes, utf8Bytes, WireFault } from '@causeway/wire'
import type { EapCommand } from '../command.ts'
import { Conversation } from '../conversation.ts'
import { EapError } from '../eap-error.ts'
import { NAME_BYTES } from '../limits.ts'
import { printableText } from '../printable.ts'
import { parseEapPacket, writeEapPacket } from '../wire/eap-packet.ts'
import { EAP_TYPES, formatEapType } from '../wire/eap-type.ts'
import { readNak } from '../wire/nak.ts'
import type { AuthenticatorHost, AuthenticatorMethod, MethodSuccess } from './authenticator-method.ts'
import { type EapAuthenticatorOptions, methodsAfterNak, requireMethods } from './authenticator-options.ts'
import type {
  EapAuthenticatorMethodName,
  EapAuthenticatorOutput,
  EapAuthenticatorRequest,
  EapAuthenticatorSuccess,
} from './authenticator-output.ts'
import type { EapAuthenticatorReply } from './authenticator-reply.ts'
import { Mschapv2AuthenticatorMethod } from './mschapv2-method.ts'
import { PassThroughMethod } from './pass-through-method.ts'
import { TlsAuthenticatorMethod } from './tls-method.ts'

/**
 * One EAP conversation in the server's role (RFC 3748): inputs in, then {@link EapAuthenticator.poll} until
 * `undefined`. No I/O and no time: the lower layer retransmits the last packet and sets a deadline.
 *
 * It ends with one `success` or `failure`, each before its EAP packet, or with `abandon`. Success is only
 * ever sent after the outside has allowed it.
 */
export interface EapAuthenticator {
  /** Makes the first request. Once. */
  start(): void
  /** A packet from the peer, borrowed. Never throws. */
  handlePacket(packet: Uint8Array): void
  /** Errors: `EapError` when the command does not fit what was asked. */
  handleCommand(command: EapCommand<EapAuthenticatorReply>): void
  poll(): EapAuthenticatorOutput | undefined
}

/** Errors: `ERR_EAP_OPTIONS`. */
export function createEapAuthenticator(options: EapAuthenticatorOptions): EapAuthenticator {
  return new Authenticator(options)
}

type State =
  | { readonly type: 'new' }
  | { readonly type: 'identifying' }
  | {
      readonly type: 'method'
      readonly name: EapAuthenticatorMethodName
      readonly method: AuthenticatorMethod
      /** What is left to offer should the peer refuse this one. */
      readonly methods: readonly EapAuthenticatorMethodName[]
      /** The peer has answered in this method, and can no longer refuse it (RFC 3748 §5.3.1). */
      engaged: boolean
    }
  | { readonly type: 'ended' }

type Denied = { readonly type: 'denied'; readonly reason: string }

class Authenticator implements EapAuthenticator, AuthenticatorHost {
  readonly #options: EapAuthenticatorOptions
  readonly #conversation: Conversation<EapAuthenticatorRequest, Denied | EapAuthenticatorSuccess>
  #state: State = { type: 'new' }
  #identity: Uint8Array
  /** Identifier of the last request. */
  #identifier: number
  /** The last request has no response yet. */
  #outstanding = false
  /** The last response, and what was said to it. */
  #lastResponse: Uint8Array | undefined
  #lastSent: Uint8Array | undefined

  constructor(options: EapAuthenticatorOptions) {
    requireMethods(options.methods)
    this.#options = options
    this.#conversation = new Conversation(options.limits)
    this.#identity = utf8Bytes(options.identity ?? '')
    this.#identifier = options.crypto.random(1)[0] as number
  }

  start(): void {
    if (this.#state.type !== 'new') return
    if (this.#options.identity !== undefined) {
      this.#offer(this.#options.methods)
      return
    }
    this.#state = { type: 'identifying' }
    this.#sendTyped(EAP_TYPES.IDENTITY, new Uint8Array(0))
  }

  poll(): EapAuthenticatorOutput | undefined {
    return this.#conversation.outbox.take()
  }

  handlePacket(bytes: Uint8Array): void {
    const packet = parseEapPacket(bytes)
    if (packet instanceof WireFault) {
      this.#conversation.drop(`malformed EAP: ${packet}`)
      return
    }
    if (packet.code !== 'response') {
      this.#conversation.drop(`an EAP ${packet.code} from a peer`)
      return
    }
    if (this.#isRepeated(bytes)) {
      this.#repeat(bytes)
      return
    }
    if (!this.#outstanding || packet.identifier !== this.#identifier) {
      this.#conversation.drop('an EAP response that answers nothing')
      return
    }
    const excess = this.#conversation.count(bytes)
    if (excess !== undefined) {
      this.fail(excess)
      return
    }
    this.#outstanding = false
    this.#lastResponse = bytes.slice()
    this.#lastSent = undefined
    this.#handleResponse(packet.type, packet.data, bytes)
  }

  handleCommand(command: EapCommand<EapAuthenticatorReply>): void {
    const state = this.#state
    if (state.type === 'ended') return
    switch (command.type) {
      case 'tls-report':
        this.#conversation.takeTlsReport()
        if (state.type === 'method') state.method.handleTlsReport?.(command.report)
        return
      case 'reply':
        if (state.type !== 'method') return
        this.#conversation.answer(command.id, () => state.method.handleReply(command.reply))
        return
      case 'abandon':
        this.#end(command.reason)
        return
      default:
        command satisfies never
    }
  }

  // What a method may use.

  get crypto(): EapAuthenticatorOptions['crypto'] {
    return this.#options.crypto
  }

  get limits(): AuthenticatorHost['limits'] {
    return this.#conversation.limits
  }

  get identity(): string {
    return printableText(this.#identity)
  }

  get nextIdentifier(): number {
    return (this.#identifier + 1) & 0xff
  }

  sendRequest(data: Uint8Array): void {
    const type = this.#state.type === 'method' ? this.#state.method.eapType : undefined
    if (type === undefined) throw new TypeError('a method without a type sends no requests of its own')
    this.#sendTyped(type, data)
  }

  sendForeignRequest(identifier: number, packet: Uint8Array): void {
    this.#identifier = identifier
    this.#outstanding = true
    this.#send(packet)
  }

  identityResponse(): Uint8Array {
    const [identifier, data] = [this.#identifier, this.#identity]
    return writeEapPacket({ code: 'response', identifier, type: EAP_TYPES.IDENTITY, data })
  }

  ask(request: EapAuthenticatorRequest): void {
    this.#conversation.ask(request)
  }

  startTls(): void {
    this.#conversation.startTls()
  }

  stepTls(type: 'tls-input' | 'tls-write', bytes: Uint8Array): void {
    this.#conversation.stepTls(type, bytes)
  }

  announceDenial(reason: string): void {
    this.#conversation.outbox.put({ type: 'denied', reason })
  }

  succeed(success: MethodSuccess): void {
    if (this.#state.type !== 'method') throw new TypeError('only a method succeeds')
    const { name: method } = this.#state
    this.#state = { type: 'ended' }
    this.#conversation.close()
    this.#conversation.outbox.put({ type: 'success', method, identity: this.identity, ...success })
    this.#send(writeEapPacket({ code: 'success', identifier: this.#identifier }))
  }

  fail(reason: string): void {
    this.#end(reason)
    this.#send(writeEapPacket({ code: 'failure', identifier: this.#identifier }))
  }

  // The rounds.

  #handleResponse(type: number, data: Uint8Array, bytes: Uint8Array): void {
    const state = this.#state
    if (state.type === 'identifying') this.#handleIdentity(type, data)
    if (state.type !== 'method') return
    const { method, engaged } = state
    const isOwn = method.eapType === undefined || type === method.eapType
    if (isOwn) {
      state.engaged = true
      method.handleResponse(data, bytes)
    } else if (type === EAP_TYPES.NAK && !engaged) this.#handleNak(state, readNak(data))
    else this.fail(`${formatEapType(type)} out of turn`)
  }

  #handleIdentity(type: number, data: Uint8Array): void {
    if (type !== EAP_TYPES.IDENTITY) {
      this.fail(`${formatEapType(type)} instead of an identity`)
      return
    }
    if (data.length > NAME_BYTES) {
      this.fail(`an identity of more than ${NAME_BYTES} bytes`)
      return
    }
    this.#identity = data.slice()
    this.#offer(this.#options.methods)
  }

  #handleNak(state: State & { type: 'method' }, proposals: readonly number[]): void {
    const methods = methodsAfterNak(state.methods, state.name, proposals)
    if (methods.length > 0) {
      this.#offer(methods)
      return
    }
    const wishes = proposals.length === 0 ? 'nothing else' : proposals.map(formatEapType).join(', ')
    const offers = this.#options.methods.join(', ')
    this.fail(`no common EAP method: we offer ${offers}; the peer wants ${wishes}`)
  }

  /** Begins the first of these. */
  #offer(methods: readonly EapAuthenticatorMethodName[]): void {
    const [name] = methods
    if (name === undefined) throw new EapError('ERR_EAP_OPTIONS', 'no method to offer')
    const method = this.#createMethod(name)
    this.#state = { type: 'method', name, method, methods, engaged: false }
    method.begin()
  }

  #createMethod(name: EapAuthenticatorMethodName): AuthenticatorMethod {
    switch (name) {
      case 'tls':
        return new TlsAuthenticatorMethod(this)
      case 'mschapv2':
        return new Mschapv2AuthenticatorMethod(this, this.#options.serverName ?? '')
      case 'pass-through':
        return new PassThroughMethod(this)
      default:
        return name satisfies never
    }
  }

  #sendTyped(type: number, data: Uint8Array): void {
    this.#identifier = this.nextIdentifier
    this.#outstanding = true
    this.#send(writeEapPacket({ code: 'request', identifier: this.#identifier, type, data }))
  }

  #send(bytes: Uint8Array): void {
    this.#lastSent = bytes.slice()
    this.#conversation.send(bytes)
  }

  #isRepeated(bytes: Uint8Array): boolean {
    return this.#lastResponse !== undefined && sameBytes(bytes, this.#lastResponse)
  }

  /** The peer may have missed what we said: it hears it again, within the bounds of the conversation. */
  #repeat(bytes: Uint8Array): void {
    const isTooMuch = this.#conversation.count(bytes) !== undefined
    if (this.#lastSent === undefined || isTooMuch) {
      this.#conversation.drop('a repeated EAP response')
      return
    }
    this.#conversation.send(this.#lastSent.slice())
  }

  #end(reason: string): void {
    this.#state = { type: 'ended' }
    this.#outstanding = false
    this.#lastSent = undefined
    this.#conversation.close()
    this.#conversation.outbox.put({ type: 'failure', reason })
  }
}
