import { formatEndpoint, type IpAddress } from '@causeway/wire'
import type { HalfOpenCount } from '../initial/admission.ts'
import type { Path } from '../path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { spiKey } from './spis.ts'

interface Stranger {
  readonly address: IpAddress
  readonly greeting: string
}

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

  add(sa: LiveIkeSa): void {
    const { address } = sa.path.remote
    const greeting = greetingOf(sa.initiatorSpi, sa.path)
    this.#all.set(sa, { address, greeting })
    this.#byGreeting.set(greeting, sa)
    this.#count.add(address)
  }

  /** It is established, or gone. */
  remove(sa: LiveIkeSa): void {
    const stranger = this.#all.get(sa)
    if (!stranger) return
    this.#all.delete(sa)
    this.#count.remove(stranger.address)
    if (this.#byGreeting.get(stranger.greeting) === sa) this.#byGreeting.delete(stranger.greeting)
  }

  /** Who came by this path with this SPI. */
  find(initiatorSpi: Uint8Array, path: Path): LiveIkeSa | undefined {
    return this.#byGreeting.get(greetingOf(initiatorSpi, path))
  }

  /** The oldest that has not yet shown by an authentic message that its address is its own. */
  oldestSilent(): LiveIkeSa | undefined {
    for (const sa of this.#all.keys()) if (!sa.heard) return sa
    return undefined
  }
}

function greetingOf(initiatorSpi: Uint8Array, { port, remote }: Path): string {
  return `${spiKey(initiatorSpi)} ${port} ${formatEndpoint(remote)}`
}
