import {
  addressBits,
  formatIpAddress,
  type IpAddress,
  type IpPrefix,
  ipAddressFromInteger,
  ipAddressToInteger,
  prefixContains,
} from '@causeway/wire'

/** At most one prefix of each family. */
export interface PoolPrefixes {
  readonly ipv4?: IpPrefix
  readonly ipv6?: IpPrefix
}

/** An inner address with what a client must know of its network. */
export interface LeasedAddress {
  readonly address: IpAddress
  readonly prefixLength: number
  readonly gateway: IpAddress
}

/** What one session holds until it is released. */
export interface Lease {
  readonly ipv4?: LeasedAddress
  readonly ipv6?: LeasedAddress
}

/** Addresses that a session is to have; at least one. */
export interface WantedAddresses {
  readonly ipv4?: IpAddress | undefined
  readonly ipv6?: IpAddress | undefined
}

/** Places that one pool has at most, so that an IPv6 prefix does not mean endless bookkeeping. */
const PLACES = 1 << 17

/** Network and gateway address come before the first client. */
const FIRST_PLACE = 2

/**
 * The client addresses of a gateway. The first host of each prefix is the gateway's own; a client
 * has the same place in both families. A returning holder gets its old place while that is free;
 * else places never used come first, and then the one that has been free for longest, so that an
 * address rests before another user gets it.
 *
 * Release only after the flow is closed: an address never has two flows.
 */
export class AddressPool {
  readonly prefixes: PoolPrefixes
  readonly #end: number
  #nextFresh = FIRST_PLACE
  /** Places given back, the longest free first. */
  readonly #resting = new Set<number>()
  readonly #lastPlace = new Map<string, number>()
  readonly #lastHolder = new Map<number, string>()
  readonly #held: Set<string>
  readonly #leases = new Set<Lease>()

  /** @param held all leased addresses as text, shared by pools that may lie in each other. */
  constructor(prefixes: PoolPrefixes, held: Set<string> = new Set()) {
    this.prefixes = prefixes
    this.#end = endOf(prefixes)
    this.#held = held
  }

  /** The gateway's own inner addresses. */
  get gateways(): readonly LeasedAddress[] {
    return Object.values(this.#at(1)).filter(leased => leased !== undefined)
  }

  /** Leases that were not given back. */
  get size(): number {
    return this.#leases.size
  }

  /** Exactly these addresses for `holder`. `undefined`: one of them is not a client's of this pool, or not free. */
  leaseAt(wanted: WantedAddresses, holder: string): Lease | undefined {
    const place = this.#placeOf(wanted)
    if (place === undefined || place < FIRST_PLACE || place >= this.#end) return undefined
    return this.#take(place, holder)
  }

  /**
   * An address for `holder` (user and device), or `undefined`: the pool is exhausted.
   */
  lease(holder: string): Lease | undefined {
    const old = this.#lastPlace.get(holder)
    if (old !== undefined && this.#resting.has(old)) {
      const lease = this.#take(old, holder)
      if (lease) return lease
    }
    while (this.#nextFresh < this.#end) {
      const lease = this.#take(this.#nextFresh++, holder)
      if (lease) return lease
    }
    for (const place of this.#resting) {
      const lease = this.#take(place, holder)
      if (lease) return lease
    }
    return undefined
  }

  /** Gives an address back. Whether it was this pool's; a lease that was released before is nobody's. */
  release(lease: Lease): boolean {
    if (!this.#leases.delete(lease)) return false
    for (const text of addressTexts(lease)) this.#held.delete(text)
    this.rest(lease)
    return true
  }

  /** Addresses that a pool in which this one lies, or the other way round, be it in one family, has got back. */
  rest({ ipv4, ipv6 }: Lease): void {
    const places = [
      ...(ipv4 ? [placeIn(this.prefixes.ipv4, ipv4.address)] : []),
      ...(ipv6 ? [placeIn(this.prefixes.ipv6, ipv6.address)] : []),
    ]
    for (const place of places)
      if (place !== undefined && place >= FIRST_PLACE && place < this.#nextFresh) this.#resting.add(place)
  }

  #take(place: number, holder: string): Lease | undefined {
    const lease = this.#at(place)
    const texts = addressTexts(lease)
    if (texts.some(text => this.#held.has(text))) return undefined
    this.#resting.delete(place)
    for (const text of texts) this.#held.add(text)
    this.#leases.add(lease)
    const before = this.#lastHolder.get(place)
    if (before !== undefined) this.#lastPlace.delete(before)
    this.#lastHolder.set(place, holder)
    this.#lastPlace.set(holder, place)
    return lease
  }

  /** Where addresses stand in the prefixes. `undefined`: in none, or not in the same place. */
  #placeOf({ ipv4, ipv6 }: WantedAddresses): number | undefined {
    const places = [
      ...(ipv4 ? [placeIn(this.prefixes.ipv4, ipv4)] : []),
      ...(ipv6 ? [placeIn(this.prefixes.ipv6, ipv6)] : []),
    ]
    return new Set(places).size === 1 ? places[0] : undefined
  }

  #at(place: number): Lease {
    const { ipv4, ipv6 } = this.prefixes
    return {
      ...(ipv4 ? { ipv4: leasedAddress(ipv4, place) } : {}),
      ...(ipv6 ? { ipv6: leasedAddress(ipv6, place) } : {}),
    }
  }
}

function placeIn(prefix: IpPrefix | undefined, address: IpAddress): number | undefined {
  if (!prefix || !prefixContains(prefix, address)) return undefined
  return Number(ipAddressToInteger(address) - ipAddressToInteger(prefix.address))
}

function leasedAddress(prefix: IpPrefix, place: number): LeasedAddress {
  return { address: hostOf(prefix, place), prefixLength: prefix.length, gateway: gatewayOf(prefix) }
}

/** All leases of a prefix hold the same one. */
const GATEWAYS = new WeakMap<IpPrefix, IpAddress>()

function gatewayOf(prefix: IpPrefix): IpAddress {
  const gateway = GATEWAYS.get(prefix) ?? hostOf(prefix, 1)
  GATEWAYS.set(prefix, gateway)
  return gateway
}

function hostOf(prefix: IpPrefix, place: number): IpAddress {
  const { family } = prefix.address
  return ipAddressFromInteger(family, ipAddressToInteger(prefix.address) + BigInt(place))
}

/** The place after the last: the smaller family decides, and IPv4 keeps its broadcast address free. */
function endOf({ ipv4, ipv6 }: PoolPrefixes): number {
  const ends = [ipv4, ipv6].flatMap(prefix => (prefix ? [hosts(prefix)] : []))
  return ends.length === 0 ? 0 : Math.min(...ends, PLACES)
}

function hosts({ address, length }: IpPrefix): number {
  const bits = addressBits(address.family) - length
  const all = bits > 30 ? PLACES : 2 ** bits
  return address.family === 4 ? all - 1 : all
}

function addressTexts(lease: Lease): string[] {
  return [lease.ipv4, lease.ipv6].flatMap(leased => (leased ? [formatIpAddress(leased.address)] : []))
}
