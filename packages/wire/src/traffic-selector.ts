import { formatIpAddress, type IpAddress, sameIpAddress } from './ip-address.ts'
import { addressBits, type IpPrefix, ipPrefix } from './ip-prefix.ts'

/**
 * Which packets an IPsec SA carries (RFC 7296 §2.9, §3.13.1): a range of addresses of one family, a
 * protocol, and a range of ports. Both ends of each range belong to it.
 */
export interface TrafficSelector {
  /** IP protocol number; 0: any. */
  readonly protocol: number
  /** 0 and 65535: any. For ICMP type‖code. */
  readonly startPort: number
  readonly endPort: number
  readonly start: IpAddress
  readonly end: IpAddress
}

/** A selector of a whole network, any protocol and port. */
export function prefixSelector(prefix: IpPrefix): TrafficSelector {
  return { protocol: 0, startPort: 0, endPort: 65535, start: prefix.address, end: lastAddress(prefix) }
}

/** Compares two addresses of one family by value: negative, zero or positive. */
export function compareIpAddresses(a: IpAddress, b: IpAddress): number {
  for (let i = 0; i < a.bytes.length; i++) {
    const difference = (a.bytes[i] as number) - (b.bytes[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** What both selectors hold, or `undefined` when that is nothing. */
export function intersectSelectors(a: TrafficSelector, b: TrafficSelector): TrafficSelector | undefined {
  if (a.start.family !== b.start.family) return undefined
  if (a.protocol !== 0 && b.protocol !== 0 && a.protocol !== b.protocol) return undefined
  const start = compareIpAddresses(a.start, b.start) >= 0 ? a.start : b.start
  const end = compareIpAddresses(a.end, b.end) <= 0 ? a.end : b.end
  const startPort = Math.max(a.startPort, b.startPort)
  const endPort = Math.min(a.endPort, b.endPort)
  if (compareIpAddresses(start, end) > 0 || startPort > endPort) return undefined
  const common = { protocol: a.protocol || b.protocol, startPort, endPort, start, end }
  // One of the two themselves where it is that: many Child SAs have the same selectors, for as long as they live.
  return [b, a].find(selector => sameSelector(selector, common)) ?? common
}

/** Whether `outer` holds everything that `inner` holds. */
export function selectorContains(outer: TrafficSelector, inner: TrafficSelector): boolean {
  const common = intersectSelectors(outer, inner)
  return common !== undefined && sameSelector(common, inner)
}

export function sameSelector(a: TrafficSelector, b: TrafficSelector): boolean {
  return (
    a.protocol === b.protocol &&
    a.startPort === b.startPort &&
    a.endPort === b.endPort &&
    sameIpAddress(a.start, b.start) &&
    sameIpAddress(a.end, b.end)
  )
}

/** `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, with `[6/443]` or `[17/1000-2000]` where not everything is meant. */
export function formatTrafficSelector(selector: TrafficSelector): string {
  const { protocol, startPort, endPort } = selector
  const everyPort = startPort === 0 && endPort === 65535
  if (protocol === 0 && everyPort) return formatRange(selector)
  const ports = everyPort ? '' : startPort === endPort ? `/${startPort}` : `/${startPort}-${endPort}`
  return `${formatRange(selector)}[${protocol}${ports}]`
}

function formatRange({ start, end }: TrafficSelector): string {
  const bits = addressBits(start.family)
  for (let length = bits; length >= 0; length--) {
    const prefix = ipPrefix(start, length)
    if (!sameIpAddress(prefix.address, start)) break
    if (sameIpAddress(lastAddress(prefix), end)) return `${formatIpAddress(start)}/${length}`
  }
  return `${formatIpAddress(start)}-${formatIpAddress(end)}`
}

function lastAddress({ address, length }: IpPrefix): IpAddress {
  const bytes = address.bytes.slice()
  for (let i = 0; i < bytes.length; i++) {
    const networkBits = Math.min(8, Math.max(0, length - 8 * i))
    bytes[i] = (bytes[i] as number) | (0xff >> networkBits)
  }
  return { family: address.family, bytes }
}
