import { compareIpAddresses, type IpAddress, type TrafficSelector } from '@causeway/wire'
import type { EspSa } from './flow.ts'
import { type InnerPacket, ipVersion, word } from './memory-inner-packet.ts'

const ICMP = 1
const ICMPV6 = 58
/** TCP, UDP, DCCP, SCTP, UDP-Lite: their first two words are the ports. */
const WITH_PORTS = [6, 17, 33, 132, 136]
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
/** Hop-by-hop options, routing, destination options (RFC 8200 §4). */
const EXTENSIONS = [0, ROUTING, 60]
const IPV6_HEADER = 40

/** Where the upper layer begins; `offset` is absent in a later fragment. */
interface UpperLayer {
  readonly protocol: number
  readonly offset?: number
  /** IPv6: by a routing header the packet has further to go than to its destination. */
  readonly segmentsLeft?: boolean
}

/** What selectors judge of a packet beside its addresses. Ports are absent where the packet shows none. */
interface Judged {
  readonly protocol: number
  readonly sourcePort?: number
  readonly destinationPort?: number
}

/**
 * Whether an SA's selectors hold an inner packet (RFC 4301 §4.4.1): received from the peer (`in`), its
 * source is the remote end; to be sent (`out`), its destination is.
 */
export function selectorsAdmit(
  { local, remote }: EspSa['selectors'],
  inner: InnerPacket,
  direction: 'in' | 'out',
): boolean {
  const [ofSource, ofDestination] = direction === 'out' ? [local, remote] : [remote, local]
  return oneHolds(ofSource, inner, 'source') && oneHolds(ofDestination, inner, 'destination')
}

/** Whether one of these selectors holds this end of an inner packet. */
export function oneHolds(
  selectors: readonly TrafficSelector[],
  inner: InnerPacket,
  end: 'source' | 'destination',
): boolean {
  const { protocol, sourcePort, destinationPort } = judge(inner.bytes)
  const port = end === 'source' ? sourcePort : destinationPort
  return selectors.some(selector => holds(selector, inner[end], protocol, port))
}

/**
 * Whether the destination in an IPv6 packet's header is only the next of several (RFC 8200 §4.4). A later
 * fragment says it as well as the first.
 */
export function hasSegmentsLeft(bytes: Uint8Array): boolean {
  return ipVersion(bytes) === 6 && upperLayer6(bytes).segmentsLeft === true
}

function holds(
  selector: TrafficSelector,
  address: IpAddress,
  protocol: number,
  port: number | undefined,
): boolean {
  const { start, end, startPort, endPort } = selector
  if (start.family !== address.family) return false
  if (compareIpAddresses(address, start) < 0 || compareIpAddresses(address, end) > 0) return false
  if (selector.protocol !== 0 && selector.protocol !== protocol) return false
  if (port === undefined) return startPort === 0 && endPort === 0xffff
  return port >= startPort && port <= endPort
}

function judge(bytes: Uint8Array): Judged {
  const { protocol, offset } = ipVersion(bytes) === 4 ? upperLayer4(bytes) : upperLayer6(bytes)
  if (offset === undefined) return { protocol }
  if (WITH_PORTS.includes(protocol) && bytes.length >= offset + 4)
    return { protocol, sourcePort: word(bytes, offset), destinationPort: word(bytes, offset + 2) }
  if ((protocol === ICMP || protocol === ICMPV6) && bytes.length >= offset + 2)
    return { protocol, sourcePort: word(bytes, offset), destinationPort: word(bytes, offset) }
  return { protocol }
}

function upperLayer4(bytes: Uint8Array): UpperLayer {
  const protocol = bytes[9] as number
  const isLater = (word(bytes, 6) & 0x1fff) !== 0
  return isLater ? { protocol } : { protocol, offset: 4 * ((bytes[0] as number) & 15) }
}

/** Steps over extension headers; one that is cut off is itself what the packet carries. */
function upperLayer6(bytes: Uint8Array): UpperLayer {
  let protocol = bytes[6] as number
  let offset = IPV6_HEADER
  let segmentsLeft = false
  while (offset + 8 <= bytes.length) {
    const [next, length] = [bytes[offset] as number, bytes[offset + 1] as number]
    if (protocol === ROUTING && bytes[offset + 3] !== 0) segmentsLeft = true
    if (EXTENSIONS.includes(protocol)) offset += 8 * (length + 1)
    else if (protocol === AUTHENTICATION) offset += 4 * (length + 2)
    else if (protocol !== FRAGMENT) break
    else if (word(bytes, offset + 2) >> 3 !== 0) return { protocol: next, segmentsLeft }
    else offset += 8
    protocol = next
  }
  return { protocol, offset, segmentsLeft }
}
