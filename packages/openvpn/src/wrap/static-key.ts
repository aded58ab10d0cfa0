import { formatHex, parseHex } from '@causeway/wire'

/** Length of an OpenVPN static key: two halves, each 64 bytes for a cipher and 64 for an HMAC. */
export const STATIC_KEY_BYTES = 256
/** Length of each of a half's two parts. */
export const KEY_PART_BYTES = 64
/** Characters of key text that are looked at. Ours; a static key takes about 640. */
export const MAX_KEY_TEXT = 16_384

const BEGIN = '-----BEGIN OpenVPN Static key V1-----'
const END = '-----END OpenVPN Static key V1-----'
const HEX_LINE = 32

/** One half of a static key. */
export interface KeyHalf {
  readonly cipher: Uint8Array
  readonly hmac: Uint8Array
}

/**
 * Which half sends and which receives: 0 and 1 are the two sides of `key-direction`;
 * `bidirectional` uses the first half both ways.
 */
export type KeyDirection = 0 | 1 | 'bidirectional'

/** Reads a static key file or inline block; text around it is ignored. `undefined` when there is none. */
export function parseStaticKey(text: string): Uint8Array | undefined {
  if (text.length > MAX_KEY_TEXT) return undefined
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin < 0 || end < 0) return undefined
  const key = parseHex(text.slice(begin + BEGIN.length, end).replace(/[ \t\r\n]/g, ''))
  return key?.length === STATIC_KEY_BYTES ? key : undefined
}

/** The text of a static key, 16 lines of hexadecimal. Errors: `RangeError` unless it has 256 bytes. */
export function formatStaticKey(key: Uint8Array): string {
  const hex = formatHex(requireStaticKey(key))
  const lines = Array.from({ length: hex.length / HEX_LINE }, (_, i) =>
    hex.slice(i * HEX_LINE, (i + 1) * HEX_LINE),
  )
  return `${[BEGIN, ...lines, END].join('\n')}\n`
}

/** The halves for sending and receiving. */
export function keyHalves(
  key: Uint8Array,
  direction: KeyDirection,
): { readonly send: KeyHalf; readonly receive: KeyHalf } {
  const first = keyHalf(requireStaticKey(key), 0)
  if (direction === 'bidirectional') return { send: first, receive: first }
  const second = keyHalf(key, 1)
  return direction === 0 ? { send: first, receive: second } : { send: second, receive: first }
}

/** A static key with every bit of `other` mixed in by exclusive or. */
export function mixStaticKeys(key: Uint8Array, other: Uint8Array): Uint8Array {
  requireStaticKey(other)
  return requireStaticKey(key).map((byte, i) => byte ^ (other[i] as number))
}

function keyHalf(key: Uint8Array, index: 0 | 1): KeyHalf {
  const at = index * 2 * KEY_PART_BYTES
  return {
    cipher: key.slice(at, at + KEY_PART_BYTES),
    hmac: key.slice(at + KEY_PART_BYTES, at + 2 * KEY_PART_BYTES),
  }
}

function requireStaticKey(key: Uint8Array): Uint8Array {
  if (key.length !== STATIC_KEY_BYTES) throw new RangeError('a static key has 256 bytes')
  return key
}
