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

/** The IP version that the first byte declares; 0 for no bytes. */
export function ipVersion(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) >> 4
}

/** Reads an IPv4 or IPv6 header. `undefined` when it is neither, or longer than the bytes. */
export function readInnerPacket(bytes: Uint8Array): InnerPacket | undefined {
  if (ipVersion(bytes) === 4) return readIpv4(bytes)
  if (ipVersion(bytes) === 6) return readIpv6(bytes)
  return undefined
}

function readIpv4(bytes: Uint8Array): InnerPacket | undefined {
  if (bytes.length < IPV4_HEADER) return undefined
  const headerLength = 4 * ((bytes[0] as number) & 15)
  const totalLength = word(bytes, 2)
  if (headerLength < IPV4_HEADER || totalLength < headerLength || totalLength > bytes.length) return undefined
  return {
    source: ipAddress(bytes.subarray(12, 16)),
    destination: ipAddress(bytes.subarray(16, 20)),
    bytes: bytes.slice(0, totalLength),
  }
}

function readIpv6(bytes: Uint8Array): InnerPacket | undefined {
  if (bytes.length < IPV6_HEADER) return undefined
  const totalLength = IPV6_HEADER + word(bytes, 4)
  if (totalLength > bytes.length) return undefined
  return {
    source: ipAddress(bytes.subarray(8, 24)),
    destination: ipAddress(bytes.subarray(24, 40)),
    bytes: bytes.slice(0, totalLength),
  }
}

/** The big-endian 16-bit word at an offset that is known to exist. */
export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
