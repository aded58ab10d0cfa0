import { DeadlineQueue, type Instant } from '@causeway/engine'
import type { IpAddress } from '@causeway/wire'

/** The part of an address that one customer usually has: IPv4 /24, IPv6 /64. */
export function sourcePrefix({ family, bytes }: IpAddress): string {
  return bytes.subarray(0, family === 4 ? 3 : 8).join('.')
}

/** So many a second, with a burst of one second's worth. */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #at: Instant = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
  }

  take(now: Instant): boolean {
    const earned = ((now - this.#at) * this.#perSecond) / 1000
    this.#tokens = Math.min(this.#perSecond, this.#tokens + Math.max(0, earned))
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

interface Spent {
  readonly address: IpAddress
}

/**
 * Counts half-open IKE SAs, in total and by source prefix. An attempt that came to nothing has cost a key agreement
 * too, so it goes on to count as if it were never finished: who fails at once may not try more often than who is silent.
 */
export class HalfOpenCount {
  readonly #byPrefix = new Map<string, number>()
  readonly #spent = new DeadlineQueue<Spent>()
  #total = 0

  get total(): number {
    return this.#total
  }

  from(address: IpAddress): number {
    return this.#byPrefix.get(sourcePrefix(address)) ?? 0
  }

  add(address: IpAddress): void {
    const prefix = sourcePrefix(address)
    this.#byPrefix.set(prefix, (this.#byPrefix.get(prefix) ?? 0) + 1)
    this.#total++
  }

  /** One that was added has failed, and counts until then. */
  spend(address: IpAddress, until: Instant): void {
    this.#spent.schedule({ address }, until)
  }

  /** Forgets the failures of long ago. Call it before anything is read. */
  expire(now: Instant): void {
    for (let spent = this.#spent.takeDue(now); spent; spent = this.#spent.takeDue(now))
      this.remove(spent.address)
  }

  remove(address: IpAddress): void {
    const prefix = sourcePrefix(address)
    const left = (this.#byPrefix.get(prefix) ?? 0) - 1
    if (left > 0) this.#byPrefix.set(prefix, left)
    else this.#byPrefix.delete(prefix)
    this.#total--
  }
}
