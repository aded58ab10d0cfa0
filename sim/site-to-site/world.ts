import type { Instant } from '@causeway/engine'
import { Schedule, SeededRandom } from '@causeway/netsim'
import { End } from './end.ts'
import { Ike } from './ike.ts'

/** Unix time at which every life begins. */
const BEGINNING_SECONDS = 1_800_000_000

/** Two ends, what lies between them, and the time. */
export class World {
  readonly random: SeededRandom
  readonly ends: readonly [End, End]
  readonly ike: Ike
  now: Instant = 0
  /** Since when nothing gets through. */
  cutSince: Instant | undefined
  loss = 0
  readonly #schedule = new Schedule<() => void>()

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.loss = this.random.chance(0.5) ? 0 : this.random.fraction() * 0.3
    this.ends = [new End('A', this), new End('B', this)]
    this.ike = new Ike(this)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.random.integer(values.length)] as T
  }

  /** Unix time by a good clock. */
  get seconds(): number {
    return BEGINNING_SECONDS + Math.floor(this.now / 1000)
  }

  after(milliseconds: number, act: () => void): void {
    this.#schedule.put(this.now + milliseconds, act)
  }

  other(end: End): End {
    return end === this.ends[0] ? this.ends[1] : this.ends[0]
  }

  /** Lets time pass. */
  run(milliseconds: number): void {
    const until = this.now + milliseconds
    for (let next = this.#next(); next <= until; next = this.#next()) {
      this.now = Math.max(this.now, next)
      for (let act = this.#schedule.takeDue(this.now); act; act = this.#schedule.takeDue(this.now)) act()
      for (const end of this.ends) end.wake()
    }
    this.now = until
  }

  #next(): Instant {
    const times = [this.#schedule.next(), ...this.ends.map(end => end.nextTimeout())]
    return Math.min(...times.map(at => at ?? Number.POSITIVE_INFINITY))
  }
}
