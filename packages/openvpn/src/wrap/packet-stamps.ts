import type { PacketStamp } from './control-wrap.ts'

const MAX_PACKET_ID = 0xffffffff

/** Stamps for the packets that one wrap sends: a count, and the time it began. */
export class PacketStamps {
  #packetId: number
  #netTime: number | undefined

  /**
   * `lastPacketId`: the number before the first one. A client that can resend its tls-crypt-v2 key
   * starts at `EARLY_NEGOTIATION_START`; a server that has answered without state starts at 1.
   */
  constructor(lastPacketId = 0) {
    this.#packetId = lastPacketId
  }

  /** The next stamp. `unixSeconds`: wall-clock time, used when the count begins or is full. */
  next(unixSeconds: number): PacketStamp {
    if (this.#packetId === MAX_PACKET_ID) this.#restart(unixSeconds)
    this.#netTime ??= unixSeconds >>> 0
    this.#packetId++
    return { packetId: this.#packetId, netTime: this.#netTime }
  }

  /** A new count must have a later time, or the peer takes it for replays. */
  #restart(unixSeconds: number): void {
    this.#packetId = 0
    this.#netTime = Math.max(unixSeconds >>> 0, (this.#netTime ?? 0) + 1)
  }
}

/** How many numbers below the highest are still accepted over UDP. OpenVPN's default. */
export const REPLAY_WINDOW = 64

/**
 * Which stamps of a peer have been seen. Only for stamps of authentic packets. `window`: over
 * datagrams, order may change within {@link REPLAY_WINDOW}. `strict`: over a stream each number
 * follows the last.
 */
export class StampReplayGuard {
  readonly #order: 'window' | 'strict'
  #netTime = -1
  #highest = 0
  /** Bit n: the number `highest - n` has been seen. */
  #seen = 0n

  constructor(order: 'window' | 'strict') {
    this.#order = order
  }

  /** Whether the stamp is new, and if so marks it as seen. */
  accept(stamp: PacketStamp): boolean {
    if (stamp.packetId === 0 || stamp.netTime < this.#netTime) return false
    if (stamp.netTime > this.#netTime) {
      this.#netTime = stamp.netTime
      this.#highest = stamp.packetId
      this.#seen = 1n
      return true
    }
    return this.#order === 'strict' ? this.#acceptNext(stamp.packetId) : this.#acceptWithin(stamp.packetId)
  }

  #acceptNext(packetId: number): boolean {
    if (packetId !== this.#highest + 1) return false
    this.#highest = packetId
    return true
  }

  #acceptWithin(packetId: number): boolean {
    const ahead = packetId - this.#highest
    if (ahead > 0) {
      const kept = ahead >= REPLAY_WINDOW ? 0n : this.#seen << BigInt(ahead)
      this.#seen = BigInt.asUintN(REPLAY_WINDOW, kept | 1n)
      this.#highest = packetId
      return true
    }
    const bit = 1n << BigInt(-ahead)
    if (-ahead >= REPLAY_WINDOW || (this.#seen & bit) !== 0n) return false
    this.#seen |= bit
    return true
  }
}
