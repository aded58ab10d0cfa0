import { createHash } from 'node:crypto'

/** Ours: the name space of the identifiers in profiles (RFC 9562 §6.6). */
const NAME_SPACE = Buffer.from('8d9c1c0f5a5b4be0a6a1c3f0a3f6d1b7', 'hex')
const VERSION_BYTE = 6
const VARIANT_BYTE = 8
const UUID_BYTES = 16

/**
 * The identifier of a profile, by what it is of: a UUID of version 5 (RFC 9562 §5.5). A profile that is written again
 * replaces the former one where it is installed, and packages of the same gateway are the same bytes.
 */
export function profileUuid(...names: readonly string[]): string {
  const digest = createHash('sha1').update(NAME_SPACE).update(JSON.stringify(names)).digest()
  const bytes = digest.subarray(0, UUID_BYTES)
  bytes.writeUInt8((bytes.readUInt8(VERSION_BYTE) & 0x0f) | 0x50, VERSION_BYTE)
  bytes.writeUInt8((bytes.readUInt8(VARIANT_BYTE) & 0x3f) | 0x80, VARIANT_BYTE)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
