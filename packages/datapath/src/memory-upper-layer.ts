import { ipVersion, word } from './memory-inner-packet.ts'

const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
/** Hop-by-hop options, routing, destination options (RFC 8200 §4). */
const EXTENSIONS = [0, ROUTING, 60]
const IPV6_HEADER = 40

/** What is behind an IP header, and behind IPv6 extension headers. */
export interface UpperLayer {
  readonly protocol: number
  /** Where it begins; absent in a later fragment. */
  readonly offset?: number
  /** IPv6: by a routing header the packet has further to go than to its destination. */
  readonly segmentsLeft?: boolean
  /** Of a fragment, the identification that it shares with the others. */
  readonly fragment?: number
}

/** Looks behind a header that was read; the packet may be cut short. */
export function upperLayer(bytes: Uint8Array): UpperLayer {
  return ipVersion(bytes) === 4 ? upperLayer4(bytes) : upperLayer6(bytes)
}

function upperLayer4(bytes: Uint8Array): UpperLayer {
  const protocol = bytes[9] as number
  const isLater = (word(bytes, 6) & 0x1fff) !== 0
  const isFragment = (word(bytes, 6) & 0x3fff) !== 0
  return {
    protocol,
    ...(!isLater && { offset: 4 * ((bytes[0] as number) & 15) }),
    ...(isFragment && { fragment: word(bytes, 4) }),
  }
}

/** Steps over extension headers; one that is cut off is itself what the packet carries. */
function upperLayer6(bytes: Uint8Array): UpperLayer {
  let protocol = bytes[6] as number
  let offset = IPV6_HEADER
  let segmentsLeft = false
  let fragment: { fragment?: number } = {}
  while (offset + 8 <= bytes.length) {
    const [next, length] = [bytes[offset] as number, bytes[offset + 1] as number]
    if (protocol === ROUTING && bytes[offset + 3] !== 0) segmentsLeft = true
    if (protocol === FRAGMENT) fragment = { fragment: doubleWord(bytes, offset + 4) }
    if (EXTENSIONS.includes(protocol)) offset += 8 * (length + 1)
    else if (protocol === AUTHENTICATION) offset += 4 * (length + 2)
    else if (protocol !== FRAGMENT) break
    else if (word(bytes, offset + 2) >> 3 !== 0) return { protocol: next, segmentsLeft, ...fragment }
    else offset += 8
    protocol = next
  }
  return { protocol, offset, segmentsLeft, ...fragment }
}

function doubleWord(bytes: Uint8Array, at: number): number {
  return word(bytes, at) * 0x1_0000 + word(bytes, at + 2)
}
