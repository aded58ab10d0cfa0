import { Reader } from './reader.ts'

/** An IPv4 (4 bytes) or IPv6 (16 bytes) address in network order. Immutable: do not write to `bytes`. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly bytes: Uint8Array
}

/** An address from 4 or 16 bytes in network order. Errors: `RangeError` on any other length. */
export function ipAddress(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return { family: 4, bytes: bytes.slice() }
  if (bytes.length === 16) return { family: 6, bytes: bytes.slice() }
  throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`)
}

/** Reads dotted-quad IPv4 or RFC 4291 §2.2 IPv6 text (no zone). `undefined` when it is neither. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return bytes && ipAddress(bytes)
}

/** Dotted quad, or RFC 5952 form for IPv6. */
export function formatIpAddress(address: IpAddress): string {
  return address.family === 4 ? address.bytes.join('.') : formatIpv6(address.bytes)
}

/** Whether both are the same address. */
export function sameIpAddress(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.bytes.every((byte, i) => byte === b.bytes[i])
}

/** The address as an unsigned integer of 32 or 128 bits. */
export function ipAddressToInteger(address: IpAddress): bigint {
  return address.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** The address of a family with this integer value. Errors: `RangeError` when it does not fit. */
export function ipAddressFromInteger(family: 4 | 6, value: bigint): IpAddress {
  const length = family === 4 ? 4 : 16
  if (value < 0n || value >> BigInt(8 * length) !== 0n) throw new RangeError('not an address of this family')
  const bytes = new Uint8Array(length)
  for (let i = length - 1, left = value; i >= 0; i--, left >>= 8n) bytes[i] = Number(left & 0xffn)
  return { family, bytes }
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    bytes[i] = Number(part)
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] as string, halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail]
  const bytes = new Uint8Array(16)
  for (const [i, group] of groups.entries()) {
    bytes[2 * i] = group >> 8
    bytes[2 * i + 1] = group & 0xff
  }
  return bytes
}

/** The 16-bit groups of one side of `::`; the address's last 32 bits may be a dotted quad. */
function parseGroups(text: string, isTail: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const quad = isTail && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined
    if (quad) {
      const pairs = new Reader(quad)
      groups.push(pairs.u16('quad'), pairs.u16('quad'))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number),
  )
  const zeros = longestZeroRun(groups)
  const text = (part: readonly number[]) => part.map(group => group.toString(16)).join(':')
  if (zeros.length < 2) return text(groups)
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`
}

/** RFC 5952 §4.2.3: the longest run of zero groups, the first one on a tie. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}
