import { concatBytes, utf8Bytes, utf8Text, Writer } from '@causeway/wire'

/** Random material of a key exchange (openvpn-rfc, "Key method 2"). Servers send no pre-master. */
export interface KeySource {
  /** 48 bytes; only a client's. */
  readonly preMaster?: Uint8Array
  /** 32 bytes, for the master secret. */
  readonly random1: Uint8Array
  /** 32 bytes, for the key expansion. */
  readonly random2: Uint8Array
}

/**
 * The first message inside TLS, from each side:
 *
 * ```
 * | 0 32 | method 2, 8 | pre-master 48 bytes, client only | random 32 bytes | random 32 bytes |
 * | options string | username | password | peer-info |
 * ```
 *
 * A string is a 16-bit length and that many bytes, the last of them NUL; length 0 is no string.
 */
export interface KeyMethodMessage {
  readonly keySource: KeySource
  /** The OCC string, see `parseOptionsString`. */
  readonly options: string
  readonly username?: string
  /** May be an access token. Never to be logged. */
  readonly password?: string
  /** See `parsePeerInfo`. */
  readonly peerInfo?: string
}

export const PRE_MASTER_BYTES = 48
export const RANDOM_BYTES = 32

/** The method byte. Its upper bits once said that a password follows, which nobody reads. */
const METHOD = 2
const METHOD_MASK = 0x0f
const PREFIX_BYTES = 5

/** Writes the message. Errors: `RangeError` when a string or random has an impossible length. */
export function writeKeyMethodMessage(message: KeyMethodMessage): Uint8Array {
  const { preMaster, random1, random2 } = message.keySource
  const writer = new Writer(512).u32(0).u8(METHOD)
  if (preMaster) writer.bytes(requireLength(preMaster, PRE_MASTER_BYTES))
  writer.bytes(requireLength(random1, RANDOM_BYTES)).bytes(requireLength(random2, RANDOM_BYTES))
  for (const text of [message.options, message.username, message.password, message.peerInfo])
    writer.bytes(writeKeyMethodString(text))
  return writer.finish()
}

/** Bytes before the strings, by who sent the message. */
export function keyMethodHeaderBytes(sender: 'client' | 'server'): number {
  return PREFIX_BYTES + (sender === 'client' ? PRE_MASTER_BYTES : 0) + 2 * RANDOM_BYTES
}

/** Whether the first bytes can begin a message. Checked as early as they are there. */
export function hasKeyMethodPrefix(bytes: Uint8Array): boolean {
  const zeros = bytes.subarray(0, PREFIX_BYTES - 1).every(byte => byte === 0)
  const method = bytes[PREFIX_BYTES - 1]
  return zeros && (method === undefined || (method & METHOD_MASK) === METHOD)
}

/** The random material in a whole header, copied. */
export function readKeySource(sender: 'client' | 'server', header: Uint8Array): KeySource {
  const randoms = header.length - 2 * RANDOM_BYTES
  return {
    ...(sender === 'client' && { preMaster: header.slice(PREFIX_BYTES, PREFIX_BYTES + PRE_MASTER_BYTES) }),
    random1: header.slice(randoms, randoms + RANDOM_BYTES),
    random2: header.slice(randoms + RANDOM_BYTES),
  }
}

/** The text of a string field, up to its NUL. */
export function readKeyMethodString(field: Uint8Array): string {
  const nul = field.indexOf(0)
  return utf8Text(nul < 0 ? field : field.subarray(0, nul))
}

const MAX_STRING_BYTES = 0xffff

function writeKeyMethodString(text: string | undefined): Uint8Array {
  if (text === undefined) return Uint8Array.of(0, 0)
  if (text.includes('\0')) throw new RangeError('a key method string has no NUL inside')
  const bytes = utf8Bytes(text)
  if (bytes.length + 1 > MAX_STRING_BYTES) throw new RangeError('a key method string is too long')
  return concatBytes([new Writer(2).u16(bytes.length + 1).finish(), bytes, Uint8Array.of(0)])
}

function requireLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new RangeError(`random material of ${length} bytes was expected`)
  return bytes
}
