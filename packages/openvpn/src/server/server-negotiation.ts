import type { TlsEstablished } from '../command.ts'
import { type KeyMethodMessage, writeKeyMethodMessage } from '../key-method/key-method-2.ts'
import { KeyMethodReader } from '../key-method/key-method-reader.ts'
import type { SessionId } from '../output.ts'
import type { SessionHost } from '../session/host.ts'
import { freshKeySource, type KeyAgreement, keepEstablished } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import { PendingWindow } from '../session/pending-window.ts'
import { answerOptionsString } from './answer-options-string.ts'

/** How far the negotiation of one key has come. */
type State =
  /** The peer has sent no TLS record yet. */
  | { readonly step: 'opening' }
  | { readonly step: 'tls' }
  /** TLS is up; the client's key-method message is on its way. */
  | { readonly step: 'key-method'; readonly established: TlsEstablished; readonly reader: KeyMethodReader }
  /** Both key-method messages are exchanged; the outside decides about the client. */
  | { readonly step: 'deciding'; readonly agreement: KeyAgreement; readonly request: number }
  | { readonly step: 'decided'; readonly agreement: KeyAgreement }

/** What came of bytes from the client. */
export type NegotiationProgress =
  | { readonly type: 'incomplete' }
  /** The client's message is complete; `rest` is what followed it. */
  | {
      readonly type: 'agreed'
      readonly agreement: KeyAgreement
      readonly message: KeyMethodMessage
      readonly rest: Uint8Array
    }
  | { readonly type: 'fault'; readonly reason: string }

/** The server's side of one key negotiation: TLS, then key method 2, then the outside's decision. */
export class ServerNegotiation {
  readonly key: KeyChannel
  /** How long the decision may be put off. */
  readonly pending: PendingWindow = new PendingWindow()
  /** The user has been asked for an answer that has not come. */
  challenged = false
  readonly #host: SessionHost
  readonly #session: SessionId
  #state: State = { step: 'opening' }

  constructor(host: SessionHost, session: SessionId, key: KeyChannel) {
    this.#host = host
    this.#session = session
    this.key = key
  }

  /** Whether both key-method messages are exchanged: what follows is control messages. */
  get exchanged(): boolean {
    return this.#state.step === 'deciding' || this.#state.step === 'decided'
  }

  /** What was exchanged. */
  get agreement(): KeyAgreement | undefined {
    return 'agreement' in this.#state ? this.#state.agreement : undefined
  }

  /** TLS records from the peer. TLS begins with the first, so that a mute peer costs no TLS state. */
  handleRecords(bytes: Uint8Array): void {
    const { tls } = this.key.lane
    if (this.#state.step === 'opening') {
      this.#state = { step: 'tls' }
      this.#host.outbox.put({ type: 'tls-start', session: this.#session, tls })
    }
    this.#host.outbox.put({ type: 'tls-input', tls, bytes })
  }

  handleEstablished(established: TlsEstablished): void {
    if (this.#state.step === 'tls')
      this.#state = {
        step: 'key-method',
        established: keepEstablished(established),
        reader: new KeyMethodReader('client'),
      }
  }

  /**
   * Decrypted bytes up to the end of the client's message. The server's own message is sent at
   * once: no key is installed before the outside has decided, and the client need not wait.
   */
  handlePlaintext(bytes: Uint8Array): NegotiationProgress {
    if (this.#state.step !== 'key-method') return { type: 'fault', reason: 'data before TLS was established' }
    const progress = this.#state.reader.push(bytes)
    if (progress.type === 'incomplete') return progress
    if (progress.type === 'fault') return { type: 'fault', reason: `key method: ${progress.fault}` }
    const { message, rest } = progress
    const { password: _, ...client } = message
    const server = this.#answer(message.options)
    return {
      type: 'agreed',
      agreement: { established: this.#state.established, client, server },
      message,
      rest,
    }
  }

  /** The request about this client has left. */
  decide(agreement: KeyAgreement, request: number): void {
    this.#state = { step: 'deciding', agreement, request }
  }

  /** The request that the outside has yet to decide about. */
  get request(): number | undefined {
    return this.#state.step === 'deciding' ? this.#state.request : undefined
  }

  /** The agreement that this reply decides about, if it is the one awaited. */
  decided(request: number): KeyAgreement | undefined {
    if (this.#state.step !== 'deciding' || this.request !== request) return undefined
    const { agreement } = this.#state
    this.#state = { step: 'decided', agreement }
    return agreement
  }

  /** Takes back the question to the outside, if it is open. */
  withdraw(): void {
    if (this.#state.step === 'deciding') this.#host.withdraw(this.#state.request)
  }

  #answer(clientOptions: string): KeyAgreement['server'] {
    const keySource = freshKeySource(this.#host.crypto, 'server')
    const bytes = writeKeyMethodMessage({ keySource, options: answerOptionsString(clientOptions) })
    this.#host.outbox.put({ type: 'tls-write', tls: this.key.lane.tls, bytes })
    return keySource
  }
}
