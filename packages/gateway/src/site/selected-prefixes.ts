import {
  addressBits,
  compareIpAddresses,
  type IpPrefix,
  intersectSelectors,
  ipAddressFromInteger,
  ipAddressToInteger,
  ipPrefix,
  prefixSelector,
  type TrafficSelector,
} from '@causeway/wire'

/**
 * What of these networks the selectors hold, as networks again: a range that is none is cut into those that make it up.
 * Ports and protocols do not count, since routes know none.
 */
export function selectedPrefixes(
  prefixes: readonly IpPrefix[],
  selectors: readonly TrafficSelector[],
): readonly IpPrefix[] {
  return prefixes.flatMap(prefix => {
    const whole = prefixSelector(prefix)
    const common = selectors.flatMap(
      ({ start, end }) => intersectSelectors({ ...whole, start, end }, whole) ?? [],
    )
    const holdsAll = common.some(
      ({ start, end }) =>
        compareIpAddresses(start, whole.start) === 0 && compareIpAddresses(end, whole.end) === 0,
    )
    return holdsAll ? [prefix] : common.flatMap(prefixesOfRange)
  })
}

/** The fewest networks that are exactly this range. */
function prefixesOfRange({ start, end }: TrafficSelector): IpPrefix[] {
  const { family } = start
  const bits = addressBits(family)
  const last = ipAddressToInteger(end)
  const found: IpPrefix[] = []
  for (let at = ipAddressToInteger(start); at <= last; ) {
    let host = 0
    while (host < bits && fits(at, BigInt(host + 1), last)) host++
    found.push(ipPrefix(ipAddressFromInteger(family, at), bits - host))
    at += 1n << BigInt(host)
  }
  return found
}

function fits(at: bigint, host: bigint, last: bigint): boolean {
  const size = 1n << host
  return at % size === 0n && at + size - 1n <= last
}
