import type { Instant } from '@causeway/engine'
import { DEFAULT_LIMITS } from '@causeway/site-to-site'

const MINUTE_MS = 60_000
/** A name is asked for once for a dial, and once when the answer is old. */
const RESOLVES_PER_MINUTE = 2 * DEFAULT_LIMITS.dialsPerMinute

/** Counts what an end asks of the world, and requires that it is no more than was promised. */
export class Calls {
  readonly #name: string
  #dials = new Map<string, Instant[]>()
  #resolves: Instant[] = []
  #fetched: Instant | undefined
  readonly #warned = new Set<string>()
  dialsInAll = 0

  constructor(name: string) {
    this.#name = name
  }

  /** A new process begins anew. */
  restart(): void {
    this.#dials = new Map()
    this.#resolves = []
    this.#fetched = undefined
  }

  dial(tunnel: string, now: Instant): void {
    this.dialsInAll++
    const dials = within(this.#dials.get(tunnel) ?? [], now)
    this.#dials.set(tunnel, dials)
    if (dials.length > DEFAULT_LIMITS.dialsPerMinute)
      throw new Error(`${this.#name} dials ${dials.length} times a minute`)
  }

  request(type: 'fetch-certificate' | 'resolve', now: Instant): void {
    if (type === 'resolve') {
      this.#resolves = within(this.#resolves, now)
      if (this.#resolves.length > RESOLVES_PER_MINUTE)
        throw new Error(`${this.#name} asks for names too often`)
      return
    }
    if (this.#fetched !== undefined && now - this.#fetched < DEFAULT_LIMITS.fetchSpacingMs)
      throw new Error(`${this.#name} asks the vault twice in ${now - this.#fetched} ms`)
    this.#fetched = now
  }

  warn(what: string): void {
    if (this.#warned.has(what)) throw new Error(`${this.#name} warns twice: ${what}`)
    this.#warned.add(what)
  }
}

/** With this one, the times of the last minute. */
function within(times: readonly Instant[], now: Instant): Instant[] {
  return [...times.filter(at => at > now - MINUTE_MS), now]
}
