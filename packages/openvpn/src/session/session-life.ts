import { type Instant, TimerTable } from '@causeway/engine'
import { LINGER_MS, LINGER_QUIET_MS } from '../limits.ts'
import { type ControlMessage, parseControlMessage } from '../options/control-message.ts'
import type { SessionId, TlsId } from '../output.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import type { ControlChannel } from './control-channel.ts'
import { putEvent, putMessage, type SessionHost } from './host.ts'
import type { KeyChannel } from './key-channel.ts'
import { earlier } from './key-lane.ts'
import type { KeySlots } from './key-slots.ts'

/** The negotiation of one key, as far as a session's life depends on it. */
export interface KeyNegotiation {
  readonly key: KeyChannel
  /** Takes back the question to the outside, if it is open. */
  withdraw(): void
}

/** The first key is being negotiated. */
export interface OpeningState<Negotiation extends KeyNegotiation> {
  readonly type: 'opening'
  readonly negotiation: Negotiation
}

/** The flow is open. */
export interface LiveState<Negotiation extends KeyNegotiation> {
  readonly type: 'live'
  readonly slots: KeySlots
  /** A later key that is being negotiated. */
  renegotiation: Negotiation | undefined
}

/** The session is over; its last message is on its way. */
export interface ClosingState {
  readonly type: 'closing'
  readonly key: KeyChannel
  /** The last message has been encrypted and queued. */
  spoke: boolean
}

/** The timers that every session has. */
export type LifeTimer =
  /** A packet is to be sent again, or an acknowledgement has waited long enough. */
  | 'reliability'
  /** A closing session has waited long enough for its last message to arrive. */
  | 'linger'

/** Who a session is. */
export interface SessionParts {
  readonly host: SessionHost
  readonly id: SessionId
  readonly channel: ControlChannel
  /** Who is at the other end. */
  readonly peer: 'client' | 'server'
}

export interface SessionLifeOptions<Opening, Live> extends SessionParts {
  readonly opening: Opening
  /** Gives up what a role holds for a live session besides its flow. */
  readonly release: (live: Live) => void
}

/**
 * What a session of either role lives through: opening, live, closing, closed, each with just what
 * exists then. It knows every way in which a session ends, so that each leaves nothing behind.
 */
export class SessionLife<
  Negotiation extends KeyNegotiation,
  Opening extends OpeningState<Negotiation>,
  Live extends LiveState<Negotiation>,
  Timer extends string,
> {
  readonly timers: TimerTable<Timer | LifeTimer> = new TimerTable<Timer | LifeTimer>()
  readonly #options: SessionLifeOptions<Opening, Live>
  #state: Opening | Live | ClosingState | { readonly type: 'closed' }

  constructor(options: SessionLifeOptions<Opening, Live>) {
    this.#options = options
    this.#state = options.opening
  }

  get opening(): Opening | undefined {
    return this.#state.type === 'opening' ? this.#state : undefined
  }

  get live(): Live | undefined {
    return this.#state.type === 'live' ? this.#state : undefined
  }

  /** Whether the session is closing or closed. */
  get over(): boolean {
    return this.#state.type === 'closing' || this.#state.type === 'closed'
  }

  get closed(): boolean {
    return this.#state.type === 'closed'
  }

  /** The negotiation under way. */
  get negotiation(): Negotiation | undefined {
    return this.opening?.negotiation ?? this.live?.renegotiation
  }

  /** Every channel that hears, sends and acknowledges. */
  get channels(): readonly KeyChannel[] {
    const { negotiation, live } = this
    if (this.#state.type === 'closing') return [this.#state.key]
    return [...(negotiation ? [negotiation.key] : []), ...(live?.slots.channels() ?? [])]
  }

  keyOf(tls: TlsId): KeyChannel | undefined {
    return this.channels.find(({ lane }) => lane.tls === tls)
  }

  /** The flow is open. */
  begin(live: Live): void {
    this.#state = live
  }

  /** Takes a packet in on its channel. Gives the payloads that are in order now, empty ones too. */
  receive(key: KeyChannel, packet: ControlPacket, payload: Uint8Array, now: Instant): Uint8Array[] {
    const { host, id } = this.#options
    const verdict = key.lane.receive({ acks: packet.acks, messageId: packet.packetId, payload }, now)
    if (verdict === 'beyond-window') host.drop(id, 'control packet: beyond the window', now)
    const received: Uint8Array[] = []
    for (let next = key.lane.takeReceived(); next; next = key.lane.takeReceived()) received.push(next)
    return received
  }

  /** Queues TLS records for the peer. */
  send(tls: TlsId, records: Uint8Array, now: Instant): void {
    const key = this.keyOf(tls)
    if (!key) return
    if (!key.lane.enqueue(records)) {
      this.fail(`the ${this.#options.peer} acknowledges too little`)
      return
    }
    if (this.#state.type === 'closing') this.#state.spoke = true
    this.flush(now)
  }

  /** The control messages in decrypted bytes. A message that is too long ends the session. */
  messagesIn(key: KeyChannel, bytes: Uint8Array, now: Instant): ControlMessage[] {
    const { host, id } = this.#options
    const texts = key.text.push(bytes)
    if (!texts) this.fail('a control message is too long')
    return (texts ?? []).flatMap(text => {
      const message = parseControlMessage(text)
      if (!('kind' in message)) return [message]
      host.drop(id, 'control message: malformed', now)
      return []
    })
  }

  /** Ends the session; the message still goes out, and its acknowledgement is waited for. */
  close(key: KeyChannel, message: ControlMessage, reason: string, now: Instant): void {
    putMessage(this.#options.host, key.lane.tls, message)
    this.#putEnd(reason, false)
    this.#leave(key)
    this.#state = { type: 'closing', key, spoke: false }
    this.timers.set('linger', now + LINGER_MS)
    this.flush(now)
  }

  /** The peer ended the session: all ends at once but the acknowledgement of that. */
  part(key: KeyChannel, reason: string, now: Instant): void {
    if (this.over) return
    this.#putEnd(reason, true)
    this.#leave(key)
    this.#state = { type: 'closing', key, spoke: true }
    this.timers.set('linger', now + LINGER_QUIET_MS)
  }

  /** Ends at once and says nothing to the peer. */
  fail(reason: string, byPeer = false): void {
    this.#putEnd(reason, byPeer)
    this.end()
  }

  /** Ends the session if it is live, and says nothing to the peer. */
  failLive(reason: string, byPeer: boolean): void {
    if (this.live) this.fail(reason, byPeer)
  }

  /** Forgets the session. */
  end(): void {
    if (this.closed) return
    this.#leave(undefined)
    this.#state = { type: 'closed' }
    this.#options.host.ended(this.#options.id)
  }

  nextTimeout(): Instant | undefined {
    return earlier(this.timers.next(), this.live?.slots.nextTimeout())
  }

  /** Runs the timers that are due; `handle` those of the role. */
  handleTimeout(now: Instant, handle: (timer: Timer) => void): void {
    this.live?.slots.handleTimeout(now)
    for (const timer of this.timers.takeDue(now)) {
      if (this.closed) return
      if (timer === 'reliability') this.#failExhausted(now)
      else if (timer === 'linger') this.end()
      else handle(timer)
    }
    this.flush(now)
  }

  /** Sends what is due and sets the timers that follow from it. */
  flush(now: Instant): void {
    const deadline = this.#options.channel.flush(this.channels, now)
    if (deadline === undefined) this.timers.clear('reliability')
    else this.timers.set('reliability', deadline)
    this.live?.slots.notice(now)
    if (this.#state.type === 'closing' && this.#state.spoke && this.#state.key.lane.settled)
      this.#lingerLess(now)
  }

  #failExhausted(now: Instant): void {
    if (this.channels.some(({ lane }) => lane.exhausted(now)))
      this.fail(`the ${this.#options.peer} stopped answering`)
  }

  #putEnd(reason: string, byPeer: boolean): void {
    const { host, id } = this.#options
    if (this.opening) putEvent(host, id, { type: 'refused', reason })
    if (this.live) putEvent(host, id, { type: 'closed', reason, byPeer })
  }

  /** Gives up all but the channel that still has something to say. */
  #leave(keep: KeyChannel | undefined): void {
    const { host, id, release } = this.#options
    this.negotiation?.withdraw()
    for (const key of this.channels) if (key !== keep) host.releaseTls(key.lane.tls)
    this.timers.clearAll()
    if (!this.live) return
    release(this.live)
    host.outbox.put({ type: 'close-flow', session: id })
  }

  #lingerLess(now: Instant): void {
    const linger = this.timers.deadline('linger')
    if (linger !== undefined && linger > now + LINGER_QUIET_MS)
      this.timers.set('linger', now + LINGER_QUIET_MS)
  }
}
