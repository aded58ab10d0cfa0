import { compareIpAddresses, type IpAddress, type TrafficSelector } from '@causeway/wire'
import type { EspSa } from './flow.ts'
import { type InnerPacket, word } from './memory-inner-packet.ts'
import { upperLayer } from './memory-upper-layer.ts'

const ICMP = 1
const ICMPV6 = 58
/** TCP, UDP, DCCP, SCTP, UDP-Lite: their first two words are the ports. */
const WITH_PORTS = [6, 17, 33, 132, 136]
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
  return upperLayer(bytes).segmentsLeft === true
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
  const { protocol, offset } = upperLayer(bytes)
  if (offset === undefined) return { protocol }
  if (WITH_PORTS.includes(protocol) && bytes.length >= offset + 4)
    return { protocol, sourcePort: word(bytes, offset), destinationPort: word(bytes, offset + 2) }
  if ((protocol === ICMP || protocol === ICMPV6) && bytes.length >= offset + 2)
    return { protocol, sourcePort: word(bytes, offset), destinationPort: word(bytes, offset) }
  return { protocol }
}
