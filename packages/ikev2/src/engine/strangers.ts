import type { Instant } from '@causeway/engine'
import { formatEndpoint, type IpAddress } from '@causeway/wire'
import type { HalfOpenCount } from '../initial/half-open-count.ts'
import type { Path } from '../path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { spiKey } from './spis.ts'

interface Stranger {
  readonly address: IpAddress
  readonly greeting: string
  /** When it is given up at the latest. */
  readonly until: Instant
}

/** Of so many that have waited longest the one that goes is chosen. */
const OLDEST = 64

/** The half-open IKE SAs that others have begun, oldest first; by the first message that they came with. */
export class Strangers {
  readonly #count: HalfOpenCount
  readonly #all = new Map<LiveIkeSa, Stranger>()
  readonly #byGreeting = new Map<string, LiveIkeSa>()

  constructor(count: HalfOpenCount) {
    this.#count = count
  }

  get size(): number {
    return this.#all.size
  }

  add(sa: LiveIkeSa, until: Instant): void {
    const { address } = sa.path.remote
    const greeting = greetingOf(sa.initiatorSpi, sa.path)
    this.#all.set(sa, { address, greeting, until })
    this.#byGreeting.set(greeting, sa)
    this.#count.add(address)
  }

  /** It is established. */
  remove(sa: LiveIkeSa): void {
    const stranger = this.#forget(sa)
    if (stranger) this.#count.remove(stranger.address)
  }

  /** It has come to nothing. */
  fail(sa: LiveIkeSa): void {
    const stranger = this.#forget(sa)
    if (stranger) this.#count.spend(stranger.address, stranger.until)
  }

  /** Who came by this path with this SPI. */
  find(initiatorSpi: Uint8Array, path: Path): LiveIkeSa | undefined {
    return this.#byGreeting.get(greetingOf(initiatorSpi, path))
  }

  /**
   * Who gives way to another: of those that wait longest the first that has not yet shown by an authentic message that
   * its address is its own, or else simply the oldest.
   */
  givingWay(): LiveIkeSa | undefined {
    let looked = 0
    for (const sa of this.#all.keys()) {
      if (!sa.heard) return sa
      if (++looked === OLDEST) break
    }
    const [oldest] = this.#all.keys()
    return oldest
  }

  #forget(sa: LiveIkeSa): Stranger | undefined {
    const stranger = this.#all.get(sa)
    this.#all.delete(sa)
    if (stranger && this.#byGreeting.get(stranger.greeting) === sa) this.#byGreeting.delete(stranger.greeting)
    return stranger
  }
}

function greetingOf(initiatorSpi: Uint8Array, { port, remote }: Path): string {
  return `${spiKey(initiatorSpi)} ${port} ${formatEndpoint(remote)}`
}
