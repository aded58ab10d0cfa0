import { type Instant, TimerTable } from '@causeway/engine'
import { KEY_SELECT_DELAY_MS, KEY_TRANSITION_MS } from '../limits.ts'
import type { SessionId } from '../output.ts'
import { putEvent, type SessionHost } from './host.ts'
import type { KeyChannel } from './key-channel.ts'

/** The timers of a session's keys. */
type KeyTimer =
  /** The peer has surely installed the new key: send with it. */
  | 'select-key'
  /** The key before the current one is received no longer. */
  | 'retire-key'

/**
 * The overlapping keys of an established session: `current` is sent with, `incoming` is agreed and
 * received but not yet sent with, `previous` is still received. The previous key's TLS is closed
 * at once: it costs more than all else of a session, and nobody speaks through it any more.
 */
export class KeySlots {
  readonly #host: SessionHost
  readonly #session: SessionId
  readonly #timers = new TimerTable<KeyTimer>()
  #current: KeyChannel
  #incoming: KeyChannel | undefined
  #previous: KeyChannel | undefined

  /** Begins with the first key, which is sent with at once. */
  constructor(host: SessionHost, session: SessionId, first: KeyChannel) {
    this.#host = host
    this.#session = session
    this.#current = first
    host.outbox.put({ type: 'select-key', session, keyId: first.lane.keyId })
  }

  get current(): KeyChannel {
    return this.#current
  }

  /** The newest key that both sides have. */
  get newest(): KeyChannel {
    return this.#incoming ?? this.#current
  }

  /** Whether the channel has a TLS connection that can be spoken and listened to. */
  speaks(key: KeyChannel): boolean {
    return key !== this.#previous
  }

  /** All channels that still acknowledge. */
  *channels(): Iterable<KeyChannel> {
    if (this.#incoming) yield this.#incoming
    yield this.#current
    if (this.#previous) yield this.#previous
  }

  /** A renegotiated key is agreed and installed. The key before the current one goes. */
  admit(key: KeyChannel): void {
    this.#retirePrevious()
    this.#incoming = key
  }

  /**
   * Notices that the peer has acknowledged this side's key-method message, so that it will soon
   * have the incoming key.
   */
  notice(now: Instant): void {
    if (!this.#incoming?.lane.settled || this.#timers.deadline('select-key') !== undefined) return
    this.#timers.set('select-key', now + KEY_SELECT_DELAY_MS)
  }

  /** Sends with the incoming key, if there is one, from now on. */
  promote(now: Instant): void {
    const key = this.#incoming
    if (!key) return
    const { keyId } = key.lane
    this.#host.releaseTls(this.#current.lane.tls)
    this.#previous = this.#current
    this.#current = key
    this.#incoming = undefined
    this.#timers.clear('select-key')
    this.#timers.set('retire-key', now + KEY_TRANSITION_MS)
    this.#host.outbox.put({ type: 'select-key', session: this.#session, keyId })
    putEvent(this.#host, this.#session, { type: 'renegotiated', keyId })
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next()
  }

  handleTimeout(now: Instant): void {
    for (const timer of this.#timers.takeDue(now)) {
      switch (timer) {
        case 'select-key':
          this.promote(now)
          break
        case 'retire-key':
          this.#retirePrevious()
          break
        default:
          timer satisfies never
      }
    }
  }

  #retirePrevious(): void {
    const key = this.#previous
    this.#timers.clear('retire-key')
    if (!key) return
    this.#previous = undefined
    this.#host.outbox.put({ type: 'remove-key', session: this.#session, keyId: key.lane.keyId })
  }
}
