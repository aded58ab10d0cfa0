import type { IpAddress } from '@causeway/wire'
import type { Instant } from './engine.ts'

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

/** Counts what is half-open, in total and by source prefix. */
export class SourceCount {
  readonly #byPrefix = new Map<string, number>()
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

  remove(address: IpAddress): void {
    const prefix = sourcePrefix(address)
    const left = (this.#byPrefix.get(prefix) ?? 0) - 1
    if (left > 0) this.#byPrefix.set(prefix, left)
    else this.#byPrefix.delete(prefix)
    this.#total--
  }
}
