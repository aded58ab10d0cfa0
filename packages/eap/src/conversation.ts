import { Outbox } from '@causeway/engine'
import { EapError } from './eap-error.ts'
import { EAP_LIMITS, type EapLimits, FRAGMENT_BYTES_RANGE } from './limits.ts'
import type { EapOutput } from './output.ts'

/** What both roles keep: the one queue, the one open question, the one TLS connection, and the bounds. */
export class Conversation<Request, RoleOutput> {
  readonly outbox: Outbox<EapOutput<Request> | RoleOutput> = new Outbox()
  readonly limits: EapLimits
  #asked = 0
  #open: number | undefined
  #tls: 'none' | 'stepping' | 'resting' = 'none'
  #rounds = 0
  #bytes = 0

  constructor(limits: Partial<EapLimits> | undefined) {
    this.limits = { ...EAP_LIMITS, ...limits }
    const { fragmentBytes } = this.limits
    const { least, most } = FRAGMENT_BYTES_RANGE
    if (!(fragmentBytes >= least && fragmentBytes <= most)) {
      throw new EapError('ERR_EAP_OPTIONS', `fragmentBytes: from ${least} to ${most}`)
    }
  }

  /** Whether an answer from outside is due, so that nothing from the other side is. */
  get waitsOutside(): boolean {
    return this.#open !== undefined || this.#tls === 'stepping'
  }

  send(bytes: Uint8Array): void {
    this.outbox.put({ type: 'send', bytes })
  }

  drop(reason: string): void {
    this.outbox.put({ type: 'dropped', reason })
  }

  ask(request: Request): void {
    this.#open = ++this.#asked
    this.outbox.put({ type: 'request', id: this.#open, request })
  }

  /**
   * Hands on the answer to the open question when `id` is its own. Errors: what `handle` throws; the
   * question is then still open.
   */
  answer(id: number, handle: () => void): void {
    if (this.#open !== id) return
    handle()
    if (this.#open === id) this.#open = undefined
  }

  startTls(): void {
    this.#tls = 'stepping'
    this.outbox.put({ type: 'tls-start' })
  }

  /** `bytes` go to the receiver. */
  stepTls(type: 'tls-input' | 'tls-write', bytes: Uint8Array): void {
    this.#tls = 'stepping'
    this.outbox.put({ type, bytes })
  }

  /** Errors: `ERR_EAP_TLS_REPORT` when none is due. */
  takeTlsReport(): void {
    if (this.#tls !== 'stepping') throw new EapError('ERR_EAP_TLS_REPORT', 'a TLS report that none asked for')
    this.#tls = 'resting'
  }

  /** Lets go of the question and of TLS. */
  close(): void {
    this.#open = undefined
    if (this.#tls !== 'none') this.outbox.put({ type: 'tls-close' })
    this.#tls = 'none'
  }

  /** Counts a packet. The reason when it is one too many. */
  count(bytes: Uint8Array): string | undefined {
    this.#bytes += bytes.length
    if (this.#bytes > this.limits.conversationBytes) return 'too many bytes for one EAP conversation'
    if (++this.#rounds > this.limits.rounds) return 'too many rounds for one EAP conversation'
    return undefined
  }
}
