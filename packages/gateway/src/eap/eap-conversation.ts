import type { TlsContext } from '@causeway/control-tls'
import {
  createEapAuthenticator,
  type EapAuthenticator,
  type EapAuthenticatorOptions,
  type EapAuthenticatorOutput,
  type EapAuthenticatorReply,
  type EapAuthenticatorRequest,
  type EapAuthenticatorSuccess,
} from '@causeway/eap'
import type { Verdict } from '../authentication/identity.ts'
import { EapTls } from './eap-tls.ts'
import type { RelayedVerdict, SignInRelay } from './sign-in-relay.ts'

/** What a conversation needs of the gateway around it. */
export interface EapConversationOptions extends EapAuthenticatorOptions {
  readonly tlsContext: () => TlsContext
  /** Judges the chain of EAP-TLS. */
  readonly judge: (peerChain: readonly Uint8Array[]) => Promise<Verdict> | Verdict
  /** The server that speaks the method, where `pass-through` is one of the methods. */
  readonly relay?: SignInRelay
  /** What the peer calls itself in EAP's Identity, once it has: anybody can. */
  readonly claimed: (identity: string) => void
  /** The next packet for the peer. */
  readonly send: (packet: Uint8Array) => void
  /**
   * The method has ended well and the policy agrees. `packet` is EAP-Success.
   *
   * @param relayed what the server that spoke the method has decided.
   */
  readonly succeeded: (
    success: EapAuthenticatorSuccess,
    packet: Uint8Array,
    relayed: RelayedVerdict | undefined,
  ) => void
  /** The policy says no. The method tells the peer in its own way before it fails, and not every peer hears it out. */
  readonly denied: (reason: string) => void
  /** `packet` is EAP-Failure, where there is one. */
  readonly failed: (reason: string, packet: Uint8Array | undefined) => void
  /** The policy could not be asked: a defect of ours. */
  readonly defect: (error: unknown) => void
}

/** An EAP authenticator joined to TLS and to the policy. For whatever carries EAP: IKEv2, PPP. */
export class EapConversation {
  readonly #options: EapConversationOptions
  readonly #authenticator: EapAuthenticator
  readonly #tls: EapTls
  #success: EapAuthenticatorSuccess | undefined
  #failure: string | undefined
  #relayed: RelayedVerdict | undefined
  #draining = false
  #closed = false

  /** Errors: `EapError`. */
  constructor(options: EapConversationOptions) {
    this.#options = options
    this.#authenticator = createEapAuthenticator(options)
    this.#tls = new EapTls(options.tlsContext, report =>
      this.#authenticator.handleCommand({ type: 'tls-report', report }),
    )
  }

  start(): void {
    this.#authenticator.start()
    this.#drain()
  }

  /** A packet from the peer. */
  handlePacket(packet: Uint8Array): void {
    this.#authenticator.handlePacket(packet)
    this.#drain()
  }

  /** The lower layer needs it no more. Nothing is told after it. */
  close(): void {
    this.#closed = true
    this.#tls.close()
    this.#options.relay?.close()
  }

  #drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (let next = this.#next(); next; next = this.#next()) this.#interpret(next)
    this.#draining = false
    if (this.#failure !== undefined) this.#finish(undefined)
  }

  #next(): EapAuthenticatorOutput | undefined {
    return this.#closed ? undefined : this.#authenticator.poll()
  }

  #interpret(output: EapAuthenticatorOutput): void {
    switch (output.type) {
      case 'send':
        if (this.#success || this.#failure !== undefined) this.#finish(output.bytes)
        else this.#options.send(output.bytes)
        return
      case 'tls-start':
      case 'tls-input':
      case 'tls-write':
      case 'tls-close':
        this.#tls.handle(output)
        return
      case 'request':
        this.#answer(output.id, output.request)
        return
      case 'success':
        this.#success = output
        return
      case 'failure':
        this.#failure = output.reason
        return
      case 'denied':
      case 'dropped':
        return
      default:
        output satisfies never
    }
  }

  /** Success and failure come before their packet; a conversation that was abandoned has none. */
  #finish(packet: Uint8Array | undefined): void {
    const [success, failure] = [this.#success, this.#failure]
    this.close()
    this.#success = undefined
    this.#failure = undefined
    if (success && packet) this.#options.succeeded(success, packet, this.#relayed)
    else this.#options.failed(failure ?? 'EAP has ended without a result', packet)
  }

  #answer(id: number, request: EapAuthenticatorRequest): void {
    this.#decide(request).then(
      reply => {
        if (reply.type === 'deny') this.#deny(id, reply.reason)
        else this.#reply(id, reply)
      },
      error => {
        this.#options.defect(error)
        this.#deny(id, 'the gateway has a fault')
      },
    )
  }

  async #decide(request: EapAuthenticatorRequest): Promise<EapAuthenticatorReply> {
    const { judge, relay } = this.#options
    if (request.type === 'authenticate') {
      const verdict = await judge(request.peerChain)
      return verdict.type === 'deny' ? { type: 'deny', reason: verdict.reason } : { type: 'allow' }
    }
    if (request.type !== 'forward' || !relay) {
      return { type: 'deny', reason: `no server for ${request.type} is configured` }
    }
    this.#options.claimed(request.identity)
    const answer = await relay.forward(request.packet, request.identity)
    if (answer.type === 'forwarded') return answer
    if (answer.verdict.type === 'deny') return { type: 'deny', reason: answer.verdict.reason }
    this.#relayed = answer
    return { type: 'accept', msk: answer.msk }
  }

  #deny(id: number, reason: string): void {
    if (!this.#closed) this.#options.denied(reason)
    this.#reply(id, { type: 'deny', reason })
  }

  #reply(id: number, reply: EapAuthenticatorReply): void {
    if (this.#closed) return
    this.#authenticator.handleCommand({ type: 'reply', id, reply })
    this.#drain()
  }
}
