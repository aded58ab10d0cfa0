import { limits } from '../limits.ts'

/** Lets so many run at a time and so many wait: hashing takes memory, and strangers choose how often it is asked for. */
export class HashingGate {
  readonly #atOnce: number
  readonly #mostWaiting: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number = limits.hashing.atOnce, mostWaiting: number = limits.hashing.waiting) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  /** What `work` gives, or `'busy'` when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (this.#running < this.#atOnce) this.#running++
    else if (this.#waiting.length >= this.#mostWaiting) return 'busy'
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes from one to the next without being free in between.
      if (next) next()
      else this.#running--
    }
  }
}
