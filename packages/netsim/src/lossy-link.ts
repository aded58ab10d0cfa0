import type { Instant } from '@causeway/engine'
import { Schedule } from './schedule.ts'
import type { SeededRandom } from './seeded-random.ts'

/** How one direction of a path treats packets. Rates are probabilities from 0 to 1. */
export interface LinkOptions {
  /** Packet never arrives. */
  readonly loss: number
  /** Packet arrives twice, each by its own way. */
  readonly duplication: number
  /** Packet is held back by up to three times the delay and jitter and 10 ms, so that others overtake it. */
  readonly reordering: number
  /** One to four bits of the packet are changed. */
  readonly corruption: number
  readonly delayMilliseconds: number
  /** Added to the delay, evenly from 0 up to this. It may reorder packets too. */
  readonly jitterMilliseconds: number
  /** Larger packets are lost. Bytes. */
  readonly mtu: number
}

/** A path without faults, 10 ms long. */
export const PERFECT_LINK: LinkOptions = {
  loss: 0,
  duplication: 0,
  reordering: 0,
  corruption: 0,
  delayMilliseconds: 10,
  jitterMilliseconds: 0,
  mtu: 65535,
}

/** A poor mobile connection. */
export const POOR_LINK: LinkOptions = {
  loss: 0.1,
  duplication: 0.05,
  reordering: 0.1,
  corruption: 0.02,
  delayMilliseconds: 40,
  jitterMilliseconds: 20,
  mtu: 1500,
}

/** What the link did. Packets. */
export interface LinkCounters {
  readonly sent: number
  readonly delivered: number
  readonly lost: number
  readonly tooLarge: number
  readonly duplicated: number
  readonly reordered: number
  readonly corrupted: number
}

/**
 * One direction of a path that loses, doubles, delays, reorders and corrupts packets. It does no
 * I/O and has no clock: the caller says when it is, and asks when to come back.
 */
export class LossyLink {
  readonly #random: SeededRandom
  readonly #arriving = new Schedule<Uint8Array>()
  readonly #counters = {
    sent: 0,
    delivered: 0,
    lost: 0,
    tooLarge: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
  }
  /** May be changed while running: a path that fails and recovers. */
  options: LinkOptions

  constructor(options: LinkOptions, random: SeededRandom) {
    this.options = options
    this.#random = random
  }

  get counters(): LinkCounters {
    return { ...this.#counters }
  }

  /** Packets under way. */
  get size(): number {
    return this.#arriving.size
  }

  /** Puts a packet on its way. The bytes are copied. */
  send(bytes: Uint8Array, now: Instant): void {
    this.#counters.sent++
    if (bytes.length > this.options.mtu) {
      this.#counters.tooLarge++
      return
    }
    if (this.#random.chance(this.options.duplication)) {
      this.#counters.duplicated++
      this.#carry(bytes, now)
    }
    this.#carry(bytes, now)
  }

  /** The next packet that has arrived, or `undefined`. It belongs to the caller. */
  receive(now: Instant): Uint8Array | undefined {
    const packet = this.#arriving.takeDue(now)
    if (packet) this.#counters.delivered++
    return packet
  }

  /** When the next packet arrives. */
  nextArrival(): Instant | undefined {
    return this.#arriving.next()
  }

  #carry(bytes: Uint8Array, now: Instant): void {
    const { loss, corruption, reordering, delayMilliseconds, jitterMilliseconds } = this.options
    if (this.#random.chance(loss)) {
      this.#counters.lost++
      return
    }
    const packet = bytes.slice()
    if (this.#random.chance(corruption)) this.#corrupt(packet)
    let delay = delayMilliseconds + this.#random.fraction() * jitterMilliseconds
    if (this.#random.chance(reordering)) {
      this.#counters.reordered++
      delay += this.#random.fraction() * (3 * (delayMilliseconds + jitterMilliseconds) + 10)
    }
    this.#arriving.put(now + delay, packet)
  }

  #corrupt(packet: Uint8Array): void {
    if (packet.length === 0) return
    this.#counters.corrupted++
    for (let left = 1 + this.#random.integer(4); left > 0; left--) {
      const at = this.#random.integer(packet.length)
      packet[at] = (packet[at] as number) ^ (1 << this.#random.integer(8))
    }
  }
}
