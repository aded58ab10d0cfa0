import type { IpAddress } from '@causeway/wire'

/** How many connections there may be at once. */
export interface ConnectionLimits {
  readonly perIpv4Network: number
  readonly perIpv6Network: number
  readonly total: number
}

/** Counts the connections of each source network: IPv4 /24, IPv6 /64. */
export class ConnectionCensus {
  readonly #limits: ConnectionLimits
  readonly #counts = new Map<string, number>()
  #total = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /** Counts one in. `undefined`: there are enough; otherwise call what it gives, once, when it ends. */
  enter(source: IpAddress): (() => void) | undefined {
    const network = networkOf(source)
    const count = this.#counts.get(network) ?? 0
    const most = source.family === 4 ? this.#limits.perIpv4Network : this.#limits.perIpv6Network
    if (count >= most || this.#total >= this.#limits.total) return undefined
    this.#counts.set(network, count + 1)
    this.#total++
    let left = false
    return () => {
      if (left) return
      left = true
      this.#leave(network)
    }
  }

  get total(): number {
    return this.#total
  }

  #leave(network: string): void {
    this.#total--
    const count = (this.#counts.get(network) ?? 1) - 1
    if (count === 0) this.#counts.delete(network)
    else this.#counts.set(network, count)
  }
}

/** What strangers are counted by. */
export function networkOf({ family, bytes }: IpAddress): string {
  return bytes.subarray(0, family === 4 ? 3 : 8).join('.')
}
