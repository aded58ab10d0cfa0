import { formatIpPrefix, type IpAddress, ipPrefix } from '@causeway/wire'

/** How many refusals of one interval have a line of their own. */
export const REFUSAL_LINES = { perNetwork: 30, total: 90 } as const
/** Networks that are told apart in one interval. Refusals of further ones are only counted. */
const NETWORKS = 1024
/** The part of an address that one customer usually has. */
const NETWORK_BITS = { 4: 24, 6: 64 } as const

/** The refusals of an interval that had no line. */
export interface UntoldRefusals {
  readonly count: number
  /** The network with most of them. */
  readonly network: string
  readonly fromNetwork: number
}

/** Says which refusals of one interval are told one by one, and counts the others. */
export class RefusalTally {
  readonly #networks = new Map<string, { told: number; untold: number }>()
  #told = 0
  #untold = 0

  /** Counts a refusal. Whether it is to be told; without a source it is of a network of its own. */
  admit(source: IpAddress | undefined): boolean {
    const counts = this.#countsOf(source ? networkOf(source) : UNKNOWN)
    const admitted = counts.told < REFUSAL_LINES.perNetwork && this.#told < REFUSAL_LINES.total
    if (admitted) {
      counts.told++
      this.#told++
    } else {
      counts.untold++
      this.#untold++
    }
    return admitted
  }

  get untold(): UntoldRefusals | undefined {
    const [most] = [...this.#networks].sort(([, a], [, b]) => b.untold - a.untold)
    if (!most || this.#untold === 0) return undefined
    const [network, { untold }] = most
    return { count: this.#untold, network, fromNetwork: untold }
  }

  #countsOf(network: string): { told: number; untold: number } {
    const name = this.#networks.has(network) || this.#networks.size < NETWORKS ? network : OTHERS
    const counts = this.#networks.get(name) ?? { told: 0, untold: 0 }
    this.#networks.set(name, counts)
    return counts
  }
}

const UNKNOWN = 'an unknown network'
const OTHERS = 'further networks'

function networkOf(source: IpAddress): string {
  return formatIpPrefix(ipPrefix(source, NETWORK_BITS[source.family]))
}
