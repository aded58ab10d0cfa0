import type { TlsEstablished } from '../command.ts'
import { type KeyMethodMessage, writeKeyMethodMessage } from '../key-method/key-method-2.ts'
import { KeyMethodReader } from '../key-method/key-method-reader.ts'
import type { SessionId } from '../output.ts'
import type { SessionHost } from '../session/host.ts'
import { freshKeySource, type KeyAgreement, keepEstablished } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'

/** How far the negotiation of one key has come. */
type State =
  /** The server's reset has not arrived. */
  | { readonly step: 'opening' }
  | { readonly step: 'tls' }
  /** The outside decides whether the server is who it must be. */
  | { readonly step: 'verifying'; readonly established: TlsEstablished; readonly request: number }
  /** The client's key-method message has left; the server's is on its way. */
  | {
      readonly step: 'key-method'
      readonly established: TlsEstablished
      readonly sent: Omit<KeyMethodMessage, 'password'>
      readonly reader: KeyMethodReader
    }
  | { readonly step: 'agreed'; readonly agreement: KeyAgreement }

/** What came of bytes from the server. */
export type ClientProgress =
  | { readonly type: 'incomplete' }
  /** The server's message is complete; `rest` is what followed it. */
  | { readonly type: 'agreed'; readonly rest: Uint8Array }
  | { readonly type: 'fault'; readonly reason: string }

/** The client's side of one key negotiation: TLS, trust in the server, then key method 2. */
export class ClientNegotiation {
  readonly key: KeyChannel
  readonly #host: SessionHost
  readonly #session: SessionId
  #state: State = { step: 'opening' }

  constructor(host: SessionHost, session: SessionId, key: KeyChannel) {
    this.#host = host
    this.#session = session
    this.key = key
  }

  /** What was exchanged, once it is. */
  get agreement(): KeyAgreement | undefined {
    return this.#state.step === 'agreed' ? this.#state.agreement : undefined
  }

  /** The server's reset has arrived: begin TLS. */
  begin(): void {
    if (this.#state.step !== 'opening') return
    this.#state = { step: 'tls' }
    this.#host.outbox.put({ type: 'tls-start', session: this.#session, tls: this.key.lane.tls })
  }

  handleEstablished(established: TlsEstablished): void {
    if (this.#state.step !== 'tls') return
    const kept = keepEstablished(established)
    const peerChain = kept.peerChain.map(certificate => certificate.slice())
    const request = this.#host.ask(this.#session, { type: 'verify-server', peerChain })
    this.#state = { step: 'verifying', established: kept, request }
  }

  /** Whether this reply's question about the server is open. */
  verifies(request: number): boolean {
    return this.#state.step === 'verifying' && this.#state.request === request
  }

  /** The server is trusted: tell it who the client is. */
  trust(message: Omit<KeyMethodMessage, 'keySource'>): void {
    if (this.#state.step !== 'verifying') return
    const full = { ...message, keySource: freshKeySource(this.#host.crypto, 'client') }
    const bytes = writeKeyMethodMessage(full)
    this.#host.outbox.put({ type: 'tls-write', tls: this.key.lane.tls, bytes })
    const { password: _, ...sent } = full
    const { established } = this.#state
    this.#state = { step: 'key-method', established, sent, reader: new KeyMethodReader('server') }
  }

  /** Decrypted bytes up to the end of the server's message. */
  handlePlaintext(bytes: Uint8Array): ClientProgress {
    if (this.#state.step !== 'key-method') return { type: 'fault', reason: 'data before the key exchange' }
    const progress = this.#state.reader.push(bytes)
    if (progress.type === 'incomplete') return progress
    if (progress.type === 'fault') return { type: 'fault', reason: `key method: ${progress.fault}` }
    const { established, sent } = this.#state
    const agreement = { established, client: sent, server: progress.message.keySource }
    this.#state = { step: 'agreed', agreement }
    return { type: 'agreed', rest: progress.rest }
  }

  /** Takes back the question to the outside, if it is open. */
  withdraw(): void {
    if (this.#state.step === 'verifying') this.#host.withdraw(this.#state.request)
  }
}
