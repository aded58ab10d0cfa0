/** Packet ids this far behind the highest are refused. Ours: OpenVPN's default of 64 is short for GSO bursts. */
export const REPLAY_WINDOW_PACKETS = 2048

/** What has been received with one key: each id counts once, and none that is too old. */
export class ReplayWindow {
  readonly size: number
  /** The id last seen at each position, so that nothing needs clearing when the window moves. */
  readonly #seen: Float64Array
  #highest = 0

  /** `size`: ids that may come late, with the highest one. */
  constructor(size: number = REPLAY_WINDOW_PACKETS) {
    this.size = size
    this.#seen = new Float64Array(size)
  }

  /** The highest id accepted; 0 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** Whether this authentic id is new: `newest` when above all before, `late` when between them. */
  accept(id: number): 'newest' | 'late' | 'replay' {
    if (id < 1 || id <= this.#highest - this.size) return 'replay'
    const position = id % this.size
    if (this.#seen[position] === id) return 'replay'
    this.#seen[position] = id
    if (id < this.#highest) return 'late'
    this.#highest = id
    return 'newest'
  }
}
