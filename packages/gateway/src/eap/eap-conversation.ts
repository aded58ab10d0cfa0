import type { TlsConnection, TlsContext } from '@causeway/control-tls'
import {
  createEapAuthenticator,
  type EapAuthenticator,
  type EapAuthenticatorOptions,
  type EapAuthenticatorOutput,
  type EapAuthenticatorRequest,
  type EapAuthenticatorSuccess,
} from '@causeway/eap'
import type { Verdict } from '../authentication/identity.ts'

/** What a conversation needs of the gateway around it. */
export interface EapConversationOptions extends EapAuthenticatorOptions {
  readonly tlsContext: () => TlsContext
  /** Judges the chain of EAP-TLS. */
  readonly judge: (peerChain: readonly Uint8Array[]) => Promise<Verdict> | Verdict
  /** The next packet for the peer. */
  readonly send: (packet: Uint8Array) => void
  /** The method has ended well and the policy agrees. `packet` is EAP-Success. */
  readonly succeeded: (success: EapAuthenticatorSuccess, packet: Uint8Array) => void
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
  #tls: TlsConnection | undefined
  #success: EapAuthenticatorSuccess | undefined
  #failure: string | undefined
  #draining = false
  #closed = false

  /** Errors: `EapError`. */
  constructor(options: EapConversationOptions) {
    this.#options = options
    this.#authenticator = createEapAuthenticator(options)
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
    this.#tls?.close()
    this.#tls = undefined
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
        this.#tls = this.#options.tlsContext().open()
        this.#report(this.#tls.start())
        return
      case 'tls-input':
        if (this.#tls) this.#report(this.#tls.input(output.bytes))
        return
      case 'tls-write':
        if (this.#tls) this.#report(this.#tls.write(output.bytes))
        return
      case 'tls-close':
        this.#tls?.close()
        this.#tls = undefined
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

  #report(report: ReturnType<TlsConnection['input']>): void {
    this.#authenticator.handleCommand({ type: 'tls-report', report })
  }

  /** Success and failure come before their packet; a conversation that was abandoned has none. */
  #finish(packet: Uint8Array | undefined): void {
    const [success, failure] = [this.#success, this.#failure]
    this.close()
    this.#success = undefined
    this.#failure = undefined
    if (success && packet) this.#options.succeeded(success, packet)
    else this.#options.failed(failure ?? 'EAP has ended without a result', packet)
  }

  #answer(id: number, request: EapAuthenticatorRequest): void {
    if (request.type !== 'authenticate') {
      this.#deny(id, `no server for ${request.type} is configured`)
      return
    }
    Promise.resolve(this.#options.judge(request.peerChain)).then(
      verdict => {
        if (verdict.type === 'deny') this.#deny(id, verdict.reason)
        else this.#reply(id, { type: 'allow' })
      },
      error => {
        this.#options.defect(error)
        this.#deny(id, 'the gateway has a fault')
      },
    )
  }

  #deny(id: number, reason: string): void {
    if (!this.#closed) this.#options.denied(reason)
    this.#reply(id, { type: 'deny', reason })
  }

  #reply(id: number, reply: { type: 'allow' } | { type: 'deny'; reason: string }): void {
    if (this.#closed) return
    this.#authenticator.handleCommand({ type: 'reply', id, reply })
    this.#drain()
  }
}
