import { type IpAddress, ipAddress } from '@causeway/wire'

/** What routing needs of an inner packet. */
export interface InnerPacket {
  readonly source: IpAddress
  readonly destination: IpAddress
  /** The packet at the length its header declares. */
  readonly bytes: Uint8Array
}

const IPV4_HEADER = 20
const IPV6_HEADER = 40
/** What a tunnel can carry; IPv6's own length leaves its header out. */
const LONGEST_PACKET = 0xffff

/** The IP version that the first byte declares; 0 for no bytes. */
export function ipVersion(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) >> 4
}

/** Reads an IPv4 or IPv6 header. `undefined` when it is neither, or longer than the bytes. */
export function readInnerPacket(bytes: Uint8Array): InnerPacket | undefined {
  const length = declaredLength(bytes)
  return length !== undefined && length <= bytes.length ? readInnerHeader(bytes) : undefined
}

/** Reads the header of a packet that may be cut off behind its addresses, as in an ICMP error. */
export function readInnerHeader(bytes: Uint8Array): InnerPacket | undefined {
  const length = declaredLength(bytes)
  if (length === undefined) return undefined
  const [source, destination, end] = ipVersion(bytes) === 4 ? [12, 16, 20] : [8, 24, 40]
  return {
    source: ipAddress(bytes.subarray(source, destination)),
    destination: ipAddress(bytes.subarray(destination, end)),
    bytes: bytes.slice(0, length),
  }
}

/** `undefined` when there is no header that could be right. */
function declaredLength(bytes: Uint8Array): number | undefined {
  if (ipVersion(bytes) === 4 && bytes.length >= IPV4_HEADER) {
    const headerLength = 4 * ((bytes[0] as number) & 15)
    const length = word(bytes, 2)
    return headerLength < IPV4_HEADER || length < headerLength ? undefined : length
  }
  if (ipVersion(bytes) !== 6 || bytes.length < IPV6_HEADER) return undefined
  const length = IPV6_HEADER + word(bytes, 4)
  return length > LONGEST_PACKET ? undefined : length
}

/** The big-endian 16-bit word at an offset that is known to exist. */
export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
