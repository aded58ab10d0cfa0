import type { TlsConnection, TlsContext, TlsReport } from '@causeway/control-tls'
import type { EapAuthenticatorOutput, EapPeerOutput } from '@causeway/eap'

/** What a conversation of either role asks of TLS. */
type EapTlsOutput = Extract<
  EapAuthenticatorOutput | EapPeerOutput,
  { readonly type: 'tls-start' | 'tls-input' | 'tls-write' | 'tls-close' }
>

/** The TLS connection of an EAP conversation: there is at most one. */
export class EapTls {
  readonly #context: () => TlsContext
  readonly #tell: (report: TlsReport) => void
  #connection: TlsConnection | undefined

  /** @param tell what each step brought, for the conversation. */
  constructor(context: () => TlsContext, tell: (report: TlsReport) => void) {
    this.#context = context
    this.#tell = tell
  }

  handle(output: EapTlsOutput): void {
    switch (output.type) {
      case 'tls-start':
        this.#connection = this.#context().open()
        this.#tell(this.#connection.start())
        return
      case 'tls-input':
        if (this.#connection) this.#tell(this.#connection.input(output.bytes))
        return
      case 'tls-write':
        if (this.#connection) this.#tell(this.#connection.write(output.bytes))
        return
      case 'tls-close':
        this.close()
        return
      default:
        output satisfies never
    }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }
}
