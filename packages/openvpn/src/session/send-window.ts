import type { Instant } from '@causeway/engine'
import { OVERTAKEN_LIMIT, SEND_WINDOW, TRANSMIT_LIMIT } from '../limits.ts'
import type { ControlOpcode } from '../wire/opcode.ts'
import { RoundTrip } from './round-trip.ts'

/** A message of one key negotiation, before it is wrapped. */
export interface OutgoingMessage {
  readonly opcode: ControlOpcode
  readonly messageId: number
  readonly payload: Uint8Array
}

interface Outstanding {
  readonly message: OutgoingMessage
  transmissions: number
  sentAt: Instant
  /** `undefined`: never (a stream does not lose). */
  dueAt: Instant | undefined
  overtakenBy: number
}

/**
 * Messages that the peer has not acknowledged: at most {@link SEND_WINDOW} ids from the oldest.
 * Over a stream each is sent once; over UDP again with backoff.
 */
export class SendWindow {
  readonly #outstanding = new Map<number, Outstanding>()
  readonly #roundTrip = new RoundTrip()
  readonly #reliablePath: boolean
  #nextId: number

  /** `first`: the id of the first message to send. */
  constructor(first: number, reliablePath: boolean) {
    this.#nextId = first
    this.#reliablePath = reliablePath
  }

  /** Whether another message fits. */
  get open(): boolean {
    const [oldest] = this.#outstanding.keys()
    return oldest === undefined || this.#nextId < oldest + SEND_WINDOW
  }

  /** Whether all that was sent is acknowledged. */
  get empty(): boolean {
    return this.#outstanding.size === 0
  }

  /** Whether a packet was sent so often that the peer counts as gone. */
  exhausted(now: Instant): boolean {
    for (const entry of this.#outstanding.values())
      if (entry.transmissions >= TRANSMIT_LIMIT && entry.dueAt !== undefined && entry.dueAt <= now)
        return true
    return false
  }

  /** Puts a message in, due at once. */
  push(opcode: ControlOpcode, payload: Uint8Array, now: Instant): void {
    const message = { opcode, messageId: this.#nextId++, payload }
    this.#outstanding.set(message.messageId, {
      message,
      transmissions: 0,
      sentAt: now,
      dueAt: now,
      overtakenBy: 0,
    })
  }

  /** Takes acknowledgements in. Ids that are not outstanding have no effect. */
  acknowledge(ids: readonly number[], now: Instant): void {
    for (const id of ids) {
      const entry = this.#outstanding.get(id)
      if (!entry || entry.transmissions === 0) continue
      this.#outstanding.delete(id)
      if (entry.transmissions === 1) this.#roundTrip.measured(now - entry.sentAt)
      this.#overtake(id, now)
    }
  }

  /** The next message that is due, counted as sent now. */
  takeDue(now: Instant): OutgoingMessage | undefined {
    for (const entry of this.#outstanding.values()) {
      if (entry.dueAt === undefined || entry.dueAt > now) continue
      entry.transmissions++
      entry.sentAt = now
      entry.overtakenBy = 0
      entry.dueAt = this.#reliablePath ? undefined : now + this.#roundTrip.timeout(entry.transmissions)
      return entry.message
    }
    return undefined
  }

  /** When the next message is due. */
  deadline(): Instant | undefined {
    let earliest: Instant | undefined
    for (const { dueAt } of this.#outstanding.values())
      if (dueAt !== undefined && (earliest === undefined || dueAt < earliest)) earliest = dueAt
    return earliest
  }

  #overtake(acknowledged: number, now: Instant): void {
    for (const [id, entry] of this.#outstanding) {
      if (id >= acknowledged || entry.dueAt === undefined || entry.transmissions === 0) continue
      entry.overtakenBy++
      if (entry.overtakenBy === OVERTAKEN_LIMIT) entry.dueAt = now
    }
  }
}
