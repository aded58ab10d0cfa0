import { formatIpPrefix } from '@causeway/wire'
import {
  AddressPool,
  type Lease,
  type LeasedAddress,
  type PoolPrefixes,
  type WantedAddresses,
} from './address-pool.ts'

/** A pool's prefixes with the gateway's addresses in them. */
export interface PoolInUse {
  readonly prefixes: PoolPrefixes
  readonly gateways: readonly LeasedAddress[]
}

/**
 * All pools of a gateway: its own, those of policy groups, and those that it had, as long as a session still uses
 * them. No address is given twice, whatever pools lie in each other.
 */
export class AddressPools {
  /** By their text. */
  #present: ReadonlyMap<string, AddressPool>
  #former: readonly AddressPool[] = []
  readonly #held = new Set<string>()

  constructor(all: readonly PoolPrefixes[]) {
    this.#present = this.#named(all)
  }

  /** The present ones first, in their order. */
  get inUse(): readonly PoolInUse[] {
    return [...this.#present.values(), ...this.#former]
  }

  /** Leases that were not given back. */
  get size(): number {
    return [...this.#present.values(), ...this.#former].reduce((sum, { size }) => sum + size, 0)
  }

  /** An address for `holder` (user and device) from the first of the pools that has one. `undefined`: none has. */
  lease(holder: string, from: readonly PoolPrefixes[]): Lease | undefined {
    return this.#first(from, pool => pool.lease(holder))
  }

  /** Exactly these addresses. `undefined`: none of the pools has them free. */
  leaseAt(wanted: WantedAddresses, holder: string, from: readonly PoolPrefixes[]): Lease | undefined {
    return this.#first(from, pool => pool.leaseAt(wanted, holder))
  }

  /** Gives an address back. A lease that was released before does nothing. */
  release(lease: Lease): void {
    const all = [...this.#present.values(), ...this.#former]
    const owner = all.find(pool => pool.release(lease))
    if (owner) for (const pool of all) if (pool !== owner) pool.rest(lease)
  }

  /** Gives leases to come from these pools. Those that stay go on as they are. */
  change(all: readonly PoolPrefixes[]): void {
    const before = [...this.#present.values(), ...this.#former]
    this.#present = this.#named(all, before)
    const present = new Set(this.#present.values())
    this.#former = before.filter(pool => !present.has(pool))
    this.forgetUnused()
  }

  /** Forgets former pools that nobody uses. Whether there were any. */
  forgetUnused(): boolean {
    const used = this.#former.filter(({ size }) => size > 0)
    const forgot = used.length < this.#former.length
    this.#former = used
    return forgot
  }

  #named(all: readonly PoolPrefixes[], known: readonly AddressPool[] = []): Map<string, AddressPool> {
    const byName = new Map(known.map(pool => [nameOf(pool.prefixes), pool]))
    return new Map(
      all.map(prefixes => {
        const name = nameOf(prefixes)
        return [name, byName.get(name) ?? new AddressPool(prefixes, this.#held)]
      }),
    )
  }

  /** A pool that is gone since it was looked up has nothing. */
  #first(from: readonly PoolPrefixes[], take: (pool: AddressPool) => Lease | undefined): Lease | undefined {
    for (const prefixes of from) {
      const pool = this.#present.get(nameOf(prefixes))
      const lease = pool && take(pool)
      if (lease) return lease
    }
    return undefined
  }
}

/** Each prefixes object is made once for a configuration, and asked for its name at every sign-in. */
const NAMES = new WeakMap<PoolPrefixes, string>()

function nameOf(prefixes: PoolPrefixes): string {
  const { ipv4, ipv6 } = prefixes
  const name =
    NAMES.get(prefixes) ?? [ipv4, ipv6].map(prefix => (prefix ? formatIpPrefix(prefix) : '')).join(' ')
  NAMES.set(prefixes, name)
  return name
}
