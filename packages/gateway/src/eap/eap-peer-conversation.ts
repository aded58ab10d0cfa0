import type { TlsContext } from '@causeway/control-tls'
import {
  createEapPeer,
  type EapPeer,
  type EapPeerOptions,
  type EapPeerOutput,
  type EapPeerRequest,
  type EapPeerSuccess,
} from '@causeway/eap'
import { EapTls } from './eap-tls.ts'

/** What a peer's conversation needs around it. */
export interface EapPeerConversationOptions extends EapPeerOptions {
  readonly tlsContext: TlsContext
  /** Gives why the server of EAP-TLS is not trusted, or `undefined`. */
  readonly judge: (peerChain: readonly Uint8Array[]) => string | undefined
  /** The next packet for the server. */
  readonly send: (packet: Uint8Array) => void
  readonly succeeded: (success: EapPeerSuccess) => void
  readonly failed: (reason: string) => void
}

/** An EAP peer joined to TLS: the client's end of what `EapConversation` speaks. By certificate only. */
export class EapPeerConversation {
  readonly #options: EapPeerConversationOptions
  readonly #peer: EapPeer
  readonly #tls: EapTls

  /** Errors: `EapError`. */
  constructor(options: EapPeerConversationOptions) {
    this.#options = options
    this.#peer = createEapPeer(options)
    this.#tls = new EapTls(
      () => options.tlsContext,
      report => this.#peer.handleCommand({ type: 'tls-report', report }),
    )
  }

  /** A packet from the server. */
  handlePacket(packet: Uint8Array): void {
    this.#peer.handlePacket(packet)
    for (let output = this.#peer.poll(); output; output = this.#peer.poll()) this.#interpret(output)
  }

  /** The lower layer needs it no more. */
  close(): void {
    this.#tls.close()
  }

  #interpret(output: EapPeerOutput): void {
    switch (output.type) {
      case 'send':
        this.#options.send(output.bytes)
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
        this.#options.succeeded(output)
        return
      case 'failure':
        this.#options.failed(output.reason)
        return
      case 'dropped':
      case 'notification':
        return
      default:
        output satisfies never
    }
  }

  #answer(id: number, request: EapPeerRequest): void {
    const distrust =
      request.type === 'verify-server' ? this.#options.judge(request.peerChain) : 'no password is configured'
    const reply =
      distrust === undefined
        ? ({ type: 'trust' } as const)
        : ({ type: 'distrust', reason: distrust } as const)
    this.#peer.handleCommand({ type: 'reply', id, reply })
  }
}
