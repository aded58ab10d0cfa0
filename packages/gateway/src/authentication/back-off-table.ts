import type { Instant } from '@causeway/engine'

/** How patience with one key ends and comes back. */
export interface BackOffRule {
  /** So many failures cost nothing. */
  readonly free: number
  /** The wait after the first beyond them; each further one doubles it. */
  readonly firstMilliseconds: number
  readonly longestMilliseconds: number
  /** How long it takes until one failure is forgotten. */
  readonly forgetMilliseconds: number
}

/** What is held against one key. */
interface Guilt {
  failures: number
  /** Begun and not settled. */
  pending: number
  /** From when on the next failure is being forgotten. */
  since: Instant
  /** Nobody is let through before. */
  until: Instant
}

/** So many entries are looked at to find the one that is missed least. */
const CANDIDATES = 8

/**
 * Failures by key, and how long each key has to wait for them: exponential back-off that is forgotten again. Holds a
 * bounded number of keys: of those that were touched longest ago the one with the fewest failures gives way.
 */
export class BackOffTable {
  readonly #rule: BackOffRule
  readonly #most: number
  /** Beyond these no more are counted, so that what is over is forgotten soon. */
  readonly #mostFailures: number
  /** In the order in which they were touched. */
  readonly #guilty = new Map<string, Guilt>()

  constructor(rule: BackOffRule, most: number) {
    this.#rule = rule
    this.#most = most
    this.#mostFailures =
      rule.free + 1 + Math.ceil(Math.log2(rule.longestMilliseconds / rule.firstMilliseconds))
  }

  get size(): number {
    return this.#guilty.size
  }

  /** Milliseconds until the key may try again; 0: now. */
  wait(key: string, now: Instant): number {
    const guilt = this.#guilty.get(key)
    return guilt ? Math.max(0, guilt.until - now) : 0
  }

  /** Lets one through. Until it is settled it counts as a failure: many at a time are not one. */
  begin(key: string, now: Instant): void {
    const guilt = this.#present(key, now) ?? { failures: 0, pending: 0, since: now, until: now }
    guilt.pending++
    this.#delay(guilt, now)
    this.#keep(key, guilt, now)
  }

  /** Counts a failure, whether or not it was begun. */
  fail(key: string, now: Instant): void {
    const guilt = this.#present(key, now) ?? { failures: 0, pending: 0, since: now, until: now }
    guilt.pending = Math.max(0, guilt.pending - 1)
    guilt.failures = Math.min(guilt.failures + 1, this.#mostFailures)
    this.#delay(guilt, now)
    this.#keep(key, guilt, now)
  }

  /** What was begun is no failure. @param again whether the next may come at once. */
  release(key: string, now: Instant, again: boolean): void {
    const guilt = this.#present(key, now)
    if (!guilt) return
    if (again) guilt.until = now
    guilt.pending = Math.max(0, guilt.pending - 1)
  }

  /** Of a key with too many failures one is let through at a time: the next waits, whatever becomes of this one. */
  hold(key: string, now: Instant): void {
    const guilt = this.#present(key, now)
    if (guilt) this.#delay(guilt, now)
  }

  forget(key: string): void {
    this.#guilty.delete(key)
  }

  #delay(guilt: Guilt, now: Instant): void {
    const { free, firstMilliseconds, longestMilliseconds } = this.#rule
    const beyond = guilt.failures + guilt.pending - free
    if (beyond > 0) guilt.until = now + Math.min(longestMilliseconds, firstMilliseconds * 2 ** (beyond - 1))
  }

  #keep(key: string, guilt: Guilt, now: Instant): void {
    this.#guilty.delete(key)
    if (this.#guilty.size >= this.#most) this.#makeRoom(now)
    this.#guilty.set(key, guilt)
  }

  /** What is not yet forgotten. */
  #present(key: string, now: Instant): Guilt | undefined {
    const guilt = this.#guilty.get(key)
    if (!guilt) return undefined
    this.#age(guilt, now)
    if (guilt.failures + guilt.pending > 0) return guilt
    this.#guilty.delete(key)
    return undefined
  }

  #age(guilt: Guilt, now: Instant): void {
    const { forgetMilliseconds } = this.#rule
    const forgotten = Math.floor((now - guilt.since) / forgetMilliseconds)
    guilt.failures = Math.max(0, guilt.failures - forgotten)
    guilt.since += forgotten * forgetMilliseconds
  }

  /** Who makes up keys to have real guilt forgotten loses the made-up ones: each of them has failed once. */
  #makeRoom(now: Instant): void {
    let least: { readonly key: string; readonly failures: number } | undefined
    const oldest = [...this.#first(CANDIDATES)]
    for (const [key, guilt] of oldest) {
      this.#age(guilt, now)
      if (!least || guilt.failures < least.failures) least = { key, failures: guilt.failures }
    }
    for (const [key, guilt] of oldest) {
      this.#guilty.delete(key)
      if (key !== least?.key) this.#guilty.set(key, guilt)
    }
  }

  *#first(count: number): Iterable<[string, Guilt]> {
    let left = count
    for (const entry of this.#guilty) {
      if (left-- === 0) return
      yield entry
    }
  }
}
