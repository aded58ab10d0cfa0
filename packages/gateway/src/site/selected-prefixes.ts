import {
  addressBits,
  type IpPrefix,
  intersectSelectors,
  ipAddressFromInteger,
  ipAddressToInteger,
  ipPrefix,
  prefixSelector,
  selectorContains,
  type TrafficSelector,
} from '@causeway/wire'

/** Ours: into so many pieces selectors may cut a network. The peer chooses them, and each piece is routes of its own. */
const PIECES = 16

/**
 * What of these networks the selectors hold, as networks again: a range that is none is cut into those that make it up.
 * Ports and protocols do not count, since routes know none. A network that would be cut into many pieces stays whole:
 * the SA itself refuses what its selectors do not hold.
 */
export function selectedPrefixes(
  prefixes: readonly IpPrefix[],
  selectors: readonly TrafficSelector[],
): readonly IpPrefix[] {
  return prefixes.flatMap(prefix => {
    const pieces: IpPrefix[] = []
    for (const common of commonOf(prefix, selectors)) {
      for (const piece of prefixesOfRange(common)) {
        if (pieces.length === PIECES) return [prefix]
        pieces.push(piece)
      }
    }
    return pieces
  })
}

/** Parts of a network that selectors hold; none that another one holds. */
function commonOf(prefix: IpPrefix, selectors: readonly TrafficSelector[]): readonly TrafficSelector[] {
  const whole = prefixSelector(prefix)
  const kept: TrafficSelector[] = []
  for (const { start, end } of selectors) {
    const common = intersectSelectors(whole, { ...whole, start, end })
    if (common && !kept.some(other => selectorContains(other, common))) kept.push(common)
  }
  return kept
}

/** The fewest networks that are exactly this range. */
function* prefixesOfRange({ start, end }: TrafficSelector): Generator<IpPrefix> {
  const { family } = start
  const bits = addressBits(family)
  const last = ipAddressToInteger(end)
  for (let at = ipAddressToInteger(start); at <= last; ) {
    let host = 0
    while (host < bits && fits(at, BigInt(host + 1), last)) host++
    yield ipPrefix(ipAddressFromInteger(family, at), bits - host)
    at += 1n << BigInt(host)
  }
}

function fits(at: bigint, host: bigint, last: bigint): boolean {
  const size = 1n << host
  return at % size === 0n && at + size - 1n <= last
}
