import type { KeyId } from '../data-channel.ts'
import type { OpenVpnOutput, SessionId } from '../output.ts'
import type { SessionHost } from './host.ts'
import type { KeyChannel } from './key-channel.ts'

/**
 * The overlapping keys of an established session: `current` is sent with, `incoming` is agreed and
 * received but not yet sent with, `previous` is still received.
 */
export class KeySlots {
  readonly #host: SessionHost
  readonly #session: SessionId
  #current: KeyChannel
  #incoming: KeyChannel | undefined
  #previous: KeyChannel | undefined

  constructor(host: SessionHost, session: SessionId, first: KeyChannel) {
    this.#host = host
    this.#session = session
    this.#current = first
    this.#put({ type: 'select-key', session, keyId: first.lane.keyId })
  }

  get current(): KeyChannel {
    return this.#current
  }

  get incoming(): KeyChannel | undefined {
    return this.#incoming
  }

  /** All channels that still hear and acknowledge. */
  *channels(): Iterable<KeyChannel> {
    if (this.#incoming) yield this.#incoming
    yield this.#current
    if (this.#previous) yield this.#previous
  }

  uses(keyId: KeyId): boolean {
    for (const { lane } of this.channels()) if (lane.keyId === keyId) return true
    return false
  }

  /** A renegotiated key is agreed and installed. The key before the current one goes. */
  admit(key: KeyChannel): void {
    this.retirePrevious()
    this.#incoming = key
  }

  /** Sends with the incoming key from now on. */
  promote(): void {
    const key = this.#incoming
    if (!key) return
    this.#previous = this.#current
    this.#current = key
    this.#incoming = undefined
    this.#put({ type: 'select-key', session: this.#session, keyId: key.lane.keyId })
  }

  /** Receives no longer with the key before the current one. */
  retirePrevious(): void {
    const key = this.#previous
    if (!key) return
    this.#previous = undefined
    this.#put({ type: 'remove-key', session: this.#session, keyId: key.lane.keyId })
    this.#host.releaseTls(key.lane.tls)
  }

  #put(output: OpenVpnOutput): void {
    this.#host.outbox.put(output)
  }
}
