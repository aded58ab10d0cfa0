import { formatIpPrefix, type IpPrefix, prefixContains } from '@causeway/wire'
import type { AddressPool, Lease, LeasedAddress, PoolPrefixes } from './address-pool.ts'

/** A pool's prefixes with the gateway's addresses in them. */
export interface PoolInUse {
  readonly prefixes: PoolPrefixes
  readonly gateways: readonly LeasedAddress[]
}

/** The prefixes that a pool has, and those it had as long as a session still uses them. */
export class PoolHistory {
  readonly #pool: AddressPool
  #present: PoolInUse
  #former: readonly PoolInUse[] = []

  constructor(pool: AddressPool, prefixes: PoolPrefixes) {
    this.#pool = pool
    this.#present = { prefixes, gateways: pool.gateways }
  }

  /** The present prefixes first. */
  get inUse(): readonly PoolInUse[] {
    return [this.#present, ...this.#former]
  }

  /** Gives leases to come from other prefixes. The same ones change nothing. */
  change(prefixes: PoolPrefixes): void {
    const before = this.#present
    if (samePrefixes(before.prefixes, prefixes)) return
    this.#pool.change(prefixes)
    this.#present = { prefixes, gateways: this.#pool.gateways }
    this.#former = [before, ...this.#former]
    this.forgetUnused()
  }

  /** Forgets former prefixes that nobody uses. Whether there were any. */
  forgetUnused(): boolean {
    if (this.#former.length === 0) return false
    const leases = this.#pool.leases()
    const used = this.#former.filter(former => leases.some(lease => isWithin(lease, former.prefixes)))
    const forgot = used.length < this.#former.length
    this.#former = used
    return forgot
  }
}

function samePrefixes(a: PoolPrefixes, b: PoolPrefixes): boolean {
  const text = (prefix: IpPrefix | undefined) => prefix && formatIpPrefix(prefix)
  return text(a.ipv4) === text(b.ipv4) && text(a.ipv6) === text(b.ipv6)
}

function isWithin({ ipv4, ipv6 }: Lease, prefixes: PoolPrefixes): boolean {
  return isIn(ipv4, prefixes.ipv4) || isIn(ipv6, prefixes.ipv6)
}

/** The gateway's address tells pools apart of which one lies in the other. */
function isIn(leased: LeasedAddress | undefined, prefix: IpPrefix | undefined): boolean {
  if (!leased || !prefix || leased.prefixLength !== prefix.length) return false
  return prefixContains(prefix, leased.address)
}
