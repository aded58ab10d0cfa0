import { concatBytes, internetChecksum } from '@causeway/wire'
import { type InnerPacket, ipVersion, word } from './memory-inner-packet.ts'
import { tooBigMessage } from './memory-too-big.ts'

/** What becomes of an inner packet on a path: as many as it takes, or none and what its sender is told. */
export type Fitted =
  | { readonly type: 'packets'; readonly packets: readonly Uint8Array[] }
  | { readonly type: 'too-big'; readonly message: Uint8Array | undefined }

/** Every IPv6 path takes so many bytes (RFC 8200 §5); what does not, fragments outside. */
const IPV6_MIN_MTU = 1280
const DONT_FRAGMENT = 0x4000
const MORE_FRAGMENTS = 0x2000
const OFFSET_MASK = 0x1fff
const FIXED_HEADER = 20
const OPTION_END = 0
const OPTION_NOP = 1
/** The option goes into every fragment (RFC 791 §3.1). */
const OPTION_COPIED = 0x80

/** Makes an inner packet fit the MTU: RFC 4301 §8.2, fragmentation before encryption. */
export function fitInner(inner: InnerPacket, mtu: number): Fitted {
  const { bytes } = inner
  const isIpv4 = ipVersion(bytes) === 4
  const limit = isIpv4 ? mtu : Math.max(mtu, IPV6_MIN_MTU)
  if (bytes.length <= limit) return { type: 'packets', packets: [bytes] }
  if (isIpv4 && (word(bytes, 6) & DONT_FRAGMENT) === 0)
    return { type: 'packets', packets: fragmentIpv4(bytes, mtu) }
  return { type: 'too-big', message: tooBigMessage(inner, limit) }
}

/** The fragments of an IPv4 packet, which may be a fragment itself (RFC 791 §3.2). */
function fragmentIpv4(packet: Uint8Array, mtu: number): Uint8Array[] {
  const headerLength = 4 * ((packet[0] as number) & 15)
  const data = packet.subarray(headerLength)
  const flags = word(packet, 6)
  const fragments: Uint8Array[] = []
  for (let at = 0; at < data.length; ) {
    const header = at === 0 ? packet.slice(0, headerLength) : laterHeader(packet, headerLength)
    const room = (mtu - header.length) & ~7
    const isLast = data.length - at <= mtu - header.length
    const part = data.subarray(at, isLast ? data.length : at + room)
    const more = isLast ? flags & MORE_FRAGMENTS : MORE_FRAGMENTS
    fragments.push(finishFragment(header, part, more | ((flags & OFFSET_MASK) + at / 8)))
    at += part.length
  }
  return fragments
}

function finishFragment(header: Uint8Array, part: Uint8Array, flagsAndOffset: number): Uint8Array {
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  view.setUint16(2, header.length + part.length)
  view.setUint16(6, flagsAndOffset)
  view.setUint16(10, 0)
  view.setUint16(10, internetChecksum(header))
  return concatBytes([header, part])
}

/** The header of all fragments but the first: only options that are copied, filled up to a word. */
function laterHeader(packet: Uint8Array, headerLength: number): Uint8Array {
  const copied = copiedOptions(packet.subarray(FIXED_HEADER, headerLength))
  const header = new Uint8Array(FIXED_HEADER + 4 * Math.ceil(copied.length / 4))
  header.set(packet.subarray(0, FIXED_HEADER))
  header.set(copied, FIXED_HEADER)
  header[0] = 0x40 | (header.length / 4)
  return header
}

function copiedOptions(options: Uint8Array): Uint8Array {
  const copied: Uint8Array[] = []
  for (let at = 0; at < options.length; ) {
    const kind = options[at] as number
    const length = kind === OPTION_NOP ? 1 : (options[at + 1] ?? 0)
    if (kind === OPTION_END || length === 0 || (length === 1 && kind !== OPTION_NOP)) break
    if (at + length > options.length) break
    if ((kind & OPTION_COPIED) !== 0) copied.push(options.subarray(at, at + length))
    at += length
  }
  return concatBytes(copied)
}
