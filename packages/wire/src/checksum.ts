/**
 * The Internet checksum (RFC 1071) of the bytes, continuing from `sum` (an earlier partial sum
 * from {@link checksumPartial}). 16 bits, ready to be written big-endian.
 */
export function internetChecksum(bytes: Uint8Array, sum = 0): number {
  let folded = checksumPartial(bytes, sum)
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000)
  return ~folded & 0xffff
}

/** The sum of 16-bit words, not yet folded, so that a pseudo-header can be added. */
export function checksumPartial(bytes: Uint8Array, sum = 0): number {
  let total = sum
  for (let i = 0; i + 1 < bytes.length; i += 2)
    total += ((bytes[i] as number) << 8) | (bytes[i + 1] as number)
  if (bytes.length % 2 === 1) total += (bytes[bytes.length - 1] as number) << 8
  return total
}
