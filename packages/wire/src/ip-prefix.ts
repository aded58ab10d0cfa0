import {
  formatIpAddress,
  type IpAddress,
  ipAddressFromInteger,
  ipAddressToInteger,
  parseIpAddress,
} from './ip-address.ts'

/** A network: an address whose bits past `length` are zero, and the prefix length in bits. */
export interface IpPrefix {
  readonly address: IpAddress
  readonly length: number
}

/** The number of bits in an address of this family: 32 or 128. */
export function addressBits(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

/** The network of `length` bits that holds `address`. Errors: `RangeError` on an impossible length. */
export function ipPrefix(address: IpAddress, length: number = addressBits(address.family)): IpPrefix {
  const bits = addressBits(address.family)
  if (!Number.isInteger(length) || length < 0 || length > bits)
    throw new RangeError('impossible prefix length')
  const host = BigInt(bits - length)
  const network = (ipAddressToInteger(address) >> host) << host
  return { address: ipAddressFromInteger(address.family, network), length }
}

/**
 * Reads `address/length`, or a bare address as a host prefix. `undefined` when the text is not a
 * prefix or has bits set past its length (a likely typing error).
 */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [addressText, lengthText, ...more] = text.split('/')
  const address = parseIpAddress(addressText as string)
  if (!address || more.length > 0) return undefined
  const bits = addressBits(address.family)
  if (lengthText !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined
  const length = lengthText === undefined ? bits : Number(lengthText)
  if (length > bits) return undefined
  const prefix = ipPrefix(address, length)
  return ipAddressToInteger(prefix.address) === ipAddressToInteger(address) ? prefix : undefined
}

/** `address/length`. */
export function formatIpPrefix(prefix: IpPrefix): string {
  return `${formatIpAddress(prefix.address)}/${prefix.length}`
}

/** Whether the address lies in the network. */
export function prefixContains(prefix: IpPrefix, address: IpAddress): boolean {
  if (prefix.address.family !== address.family) return false
  const host = BigInt(addressBits(address.family) - prefix.length)
  return ipAddressToInteger(prefix.address) >> host === ipAddressToInteger(address) >> host
}

/** Whether two networks share an address. */
export function prefixesOverlap(a: IpPrefix, b: IpPrefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.address) : prefixContains(b, a.address)
}

/** The IPv4 netmask of a prefix length, dotted. Errors: `RangeError` beyond 0–32. */
export function formatNetmask(length: number): string {
  if (length < 0 || length > 32) throw new RangeError('a netmask has 0 to 32 bits')
  const mask = ((1n << BigInt(length)) - 1n) << BigInt(32 - length)
  return formatIpAddress(ipAddressFromInteger(4, mask))
}
