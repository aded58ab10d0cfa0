import type { CryptoPort } from '@causeway/crypto'
import { concatBytes, Reader, Writer } from '@causeway/wire'
import { formatPemBlock, parsePemBlock } from './pem-text.ts'
import { KEY_PART_BYTES, type KeyHalf, MAX_KEY_TEXT, STATIC_KEY_BYTES } from './static-key.ts'
import { openSiv, sealSiv, TLS_CRYPT_TAG_BYTES } from './tls-crypt.ts'

/** Length of a tls-crypt-v2 server key: a cipher part and an HMAC part. */
export const SERVER_KEY_BYTES: number = 2 * KEY_PART_BYTES
/** Longest wrapped client key (OpenVPN doc/tls-crypt-v2.txt; OpenVPN accepts no longer one). */
export const MAX_WRAPPED_KEY_BYTES = 1024

const LENGTH_BYTES = 2
const MIN_WRAPPED_KEY_BYTES = TLS_CRYPT_TAG_BYTES + STATIC_KEY_BYTES + LENGTH_BYTES
/** Longest metadata, type byte included. */
export const MAX_METADATA_BYTES: number = MAX_WRAPPED_KEY_BYTES - MIN_WRAPPED_KEY_BYTES

const SERVER_LABEL = 'OpenVPN tls-crypt-v2 server key'
const CLIENT_LABEL = 'OpenVPN tls-crypt-v2 client key'

/** What the server finds in a client's key. */
export type ClientKeyMetadata =
  /** Type 0: free bytes of whoever made the key. */
  | { readonly type: 'user'; readonly data: Uint8Array }
  /** Type 1: when the key was made, Unix seconds. */
  | { readonly type: 'timestamp'; readonly unixSeconds: bigint }
  /** None, or of a type that is not known. Must not be taken for permission. */
  | { readonly type: 'other'; readonly data: Uint8Array }

/** A client's tls-crypt-v2 key: the key itself, and the same wrapped for the server. */
export interface TlsCryptV2ClientKey {
  /** Kc, 256 bytes: a static key. */
  readonly staticKey: Uint8Array
  /** WKc, which the client sends and only the server can open. */
  readonly wrappedKey: Uint8Array
}

/** A client key as the server got it out of its wrapping. */
export interface OpenedClientKey {
  readonly staticKey: Uint8Array
  /** As it lay in the key, type byte included; see {@link readClientKeyMetadata}. */
  readonly metadata: Uint8Array
}

/** A fresh server key. */
export function createTlsCryptV2ServerKey(crypto: CryptoPort): Uint8Array {
  return crypto.random(SERVER_KEY_BYTES)
}

/** A fresh client key for this server key. Errors: `RangeError` when the metadata is too long. */
export function createTlsCryptV2ClientKey(
  crypto: CryptoPort,
  serverKey: Uint8Array,
  metadata: ClientKeyMetadata,
): TlsCryptV2ClientKey {
  const staticKey = crypto.random(STATIC_KEY_BYTES)
  return {
    staticKey,
    wrappedKey: wrapClientKey(crypto, serverKey, staticKey, writeClientKeyMetadata(metadata)),
  }
}

/**
 * WKc (OpenVPN doc/tls-crypt-v2.txt, "Implementation" 3):
 *
 * ```
 * T = HMAC-SHA256(Ka, length | Kc | metadata)
 * WKc = T | AES-256-CTR(Ke, T[0..16], Kc | metadata) | length of WKc, 16 bits
 * ```
 */
export function wrapClientKey(
  crypto: CryptoPort,
  serverKey: Uint8Array,
  staticKey: Uint8Array,
  metadata: Uint8Array,
): Uint8Array {
  if (metadata.length > MAX_METADATA_BYTES) throw new RangeError('tls-crypt-v2 metadata is too long')
  const length = new Writer(LENGTH_BYTES).u16(MIN_WRAPPED_KEY_BYTES + metadata.length).finish()
  const plain = concatBytes([staticKey, metadata])
  return concatBytes([sealSiv(crypto, serverHalf(serverKey), length, plain), length])
}

/** Opens WKc. `undefined` when its length is impossible or it is not of this server. */
export function openClientKey(
  crypto: CryptoPort,
  serverKey: Uint8Array,
  wrappedKey: Uint8Array,
): OpenedClientKey | undefined {
  if (wrappedKeyLength(wrappedKey) !== wrappedKey.length) return undefined
  const length = wrappedKey.subarray(wrappedKey.length - LENGTH_BYTES)
  const sealed = wrappedKey.subarray(0, wrappedKey.length - LENGTH_BYTES)
  const plain = openSiv(crypto, serverHalf(serverKey), length, sealed)
  if (!plain) return undefined
  return { staticKey: plain.slice(0, STATIC_KEY_BYTES), metadata: plain.slice(STATIC_KEY_BYTES) }
}

/**
 * The length of the wrapped key at the end of a packet, as its last two bytes say. `undefined`
 * when that length cannot be one, or is longer than the packet: a stranger chose it.
 */
export function wrappedKeyLength(packet: Uint8Array): number | undefined {
  if (packet.length < MIN_WRAPPED_KEY_BYTES) return undefined
  const length = new Reader(packet, packet.length - LENGTH_BYTES).u16('wrapped key length')
  const possible = length >= MIN_WRAPPED_KEY_BYTES && length <= MAX_WRAPPED_KEY_BYTES
  return possible && length <= packet.length ? length : undefined
}

const TYPE_USER = 0
const TYPE_TIMESTAMP = 1
const TIMESTAMP_BYTES = 9

/** Reads metadata; what is not a known type with its right length is `other`. */
export function readClientKeyMetadata(metadata: Uint8Array): ClientKeyMetadata {
  const reader = new Reader(metadata)
  const type = metadata.length > 0 ? reader.u8('metadata type') : undefined
  if (type === TYPE_USER) return { type: 'user', data: reader.rest().slice() }
  if (type === TYPE_TIMESTAMP && metadata.length === TIMESTAMP_BYTES)
    return { type: 'timestamp', unixSeconds: reader.u64('timestamp') }
  return { type: 'other', data: metadata.slice() }
}

/** Metadata with its type byte; `other` is written as it is. */
export function writeClientKeyMetadata(metadata: ClientKeyMetadata): Uint8Array {
  switch (metadata.type) {
    case 'user':
      return Uint8Array.of(TYPE_USER, ...metadata.data)
    case 'timestamp':
      return new Writer(TIMESTAMP_BYTES).u8(TYPE_TIMESTAMP).u64(metadata.unixSeconds).finish()
    case 'other':
      return metadata.data.slice()
    default:
      return metadata satisfies never
  }
}

/** Reads `openvpn --genkey tls-crypt-v2-server`. `undefined` when it is not one. */
export function parseTlsCryptV2ServerKey(text: string): Uint8Array | undefined {
  const key = parsePemBlock(SERVER_LABEL, text, MAX_KEY_TEXT)
  return key?.length === SERVER_KEY_BYTES ? key : undefined
}

export function formatTlsCryptV2ServerKey(key: Uint8Array): string {
  if (key.length !== SERVER_KEY_BYTES) throw new RangeError('a tls-crypt-v2 server key has 128 bytes')
  return formatPemBlock(SERVER_LABEL, key)
}

/** Reads `openvpn --genkey tls-crypt-v2-client`. `undefined` when it is not one. */
export function parseTlsCryptV2ClientKey(text: string): TlsCryptV2ClientKey | undefined {
  const bytes = parsePemBlock(CLIENT_LABEL, text, MAX_KEY_TEXT)
  if (!bytes) return undefined
  const wrappedKey = bytes.slice(STATIC_KEY_BYTES)
  if (wrappedKeyLength(wrappedKey) !== wrappedKey.length) return undefined
  return { staticKey: bytes.slice(0, STATIC_KEY_BYTES), wrappedKey }
}

export function formatTlsCryptV2ClientKey(key: TlsCryptV2ClientKey): string {
  return formatPemBlock(CLIENT_LABEL, concatBytes([key.staticKey, key.wrappedKey]))
}

function serverHalf(serverKey: Uint8Array): KeyHalf {
  if (serverKey.length !== SERVER_KEY_BYTES) throw new RangeError('a tls-crypt-v2 server key has 128 bytes')
  return { cipher: serverKey.subarray(0, KEY_PART_BYTES), hmac: serverKey.subarray(KEY_PART_BYTES) }
}
