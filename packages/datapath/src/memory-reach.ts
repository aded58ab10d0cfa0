import { sameIpAddress, type TrafficSelector } from '@causeway/wire'
import { type InnerPacket, ipVersion, readInnerHeader, word } from './memory-inner-packet.ts'
import { hasSegmentsLeft, oneHolds } from './memory-traffic-selector.ts'

const ICMP = 1
const ICMPV6 = 58
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const ICMP_HEADER = 8
/** ICMP: destination unreachable, time exceeded, parameter problem (RFC 792). */
const ERRORS = [3, 11, 12]
/** ICMPv6: destination unreachable to parameter problem (RFC 4443 §2.1). */
const ERRORS_6 = [1, 2, 3, 4]
const FRAGMENT_BITS = 0x3fff
const OPTION_END = 0
const OPTION_NOP = 1
/** Loose and strict (RFC 791 §3.1). */
const SOURCE_ROUTES = [131, 137]

/** The limit of a flow: what its peer may send to, and what may send to it. */
export class MemoryReach {
  readonly #destinations: readonly TrafficSelector[]

  constructor(destinations: readonly TrafficSelector[]) {
    this.#destinations = [...destinations]
  }

  /** A packet from the peer. A source route would lead past the destination that is judged. */
  admitsInbound(inner: InnerPacket): boolean {
    if (isSourceRouted(inner.bytes)) return false
    if (oneHolds(this.#destinations, inner, 'destination')) return true
    const reported = reportedPacket(inner)
    return reported !== undefined && oneHolds(this.#destinations, reported, 'source')
  }

  /** A packet to the peer. Clients are no routers to each other: theirs are no reports. */
  admitsOutbound(inner: InnerPacket, fromClient: boolean): boolean {
    if (oneHolds(this.#destinations, inner, 'source')) return true
    const reported = fromClient ? undefined : reportedPacket(inner)
    return reported !== undefined && oneHolds(this.#destinations, reported, 'destination')
  }
}

/**
 * The packet that an ICMP error is about, as much of it as was quoted. Errors go to the sender of what they are
 * about (RFC 1122 §3.2.2, RFC 4443 §2.2): others are made up.
 */
function reportedPacket({ bytes, destination }: InnerPacket): InnerPacket | undefined {
  const headerLength = ipVersion(bytes) === 4 ? ipv4HeaderLength(bytes) : IPV6_HEADER
  if (bytes.length < headerLength + ICMP_HEADER || !isError(bytes, headerLength)) return undefined
  const reported = readInnerHeader(bytes.subarray(headerLength + ICMP_HEADER))
  return reported && sameIpAddress(reported.source, destination) ? reported : undefined
}

/** Whether there is a whole ICMP error right behind the IP header. */
function isError(bytes: Uint8Array, headerLength: number): boolean {
  const type = bytes[headerLength] as number
  if (ipVersion(bytes) === 6) return bytes[6] === ICMPV6 && ERRORS_6.includes(type)
  return bytes[9] === ICMP && (word(bytes, 6) & FRAGMENT_BITS) === 0 && ERRORS.includes(type)
}

function isSourceRouted(bytes: Uint8Array): boolean {
  if (ipVersion(bytes) === 6) return hasSegmentsLeft(bytes)
  return mayHaveSourceRoute(bytes.subarray(IPV4_HEADER, ipv4HeaderLength(bytes)))
}

/** Options that cannot be read to their end might hold one. */
function mayHaveSourceRoute(options: Uint8Array): boolean {
  for (let at = 0; at < options.length; ) {
    const kind = options[at] as number
    if (kind === OPTION_END) return false
    if (SOURCE_ROUTES.includes(kind)) return true
    const length = kind === OPTION_NOP ? 1 : (options[at + 1] ?? 0)
    if (length < 2 && kind !== OPTION_NOP) return true
    at += length
  }
  return false
}

function ipv4HeaderLength(bytes: Uint8Array): number {
  return 4 * ((bytes[0] as number) & 15)
}
