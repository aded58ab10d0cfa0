/** What the first bytes of a TLS connection are worth. */
export type ClientHelloBytes = 'incomplete' | 'whole' | 'unacceptable'

/** Record header and handshake header (RFC 5246 §6.2.1, §7.4): the length of the message stands at the end. */
const HEADERS_BYTES = 9
const RECORD_HEADER_BYTES = 5
const RECORD_PLAINTEXT_BYTES = 16_384
const MESSAGE_HEADER_BYTES = 4
const CLIENT_HELLO = 1

/** Bytes of a ClientHello. Ours: a browser's with post-quantum keys has 2 KB. */
const HELLO_BYTES = 16_384

/**
 * Judges the record that begins a connection. OpenSSL makes room for the message as long as its header says,
 * up to 128 KB, before any of it has come; so no TLS connection is made until a hello of a bearable size has
 * arrived, or its first record has.
 */
export function judgeClientHello(bytes: Uint8Array): ClientHelloBytes {
  if (bytes.length < RECORD_HEADER_BYTES) return 'incomplete'
  const record = uint16(bytes, 3)
  if (record < MESSAGE_HEADER_BYTES || record > RECORD_PLAINTEXT_BYTES) return 'unacceptable'
  if (bytes.length < HEADERS_BYTES) return 'incomplete'
  const length = ((bytes[6] as number) << 16) | uint16(bytes, 7)
  if (bytes[5] !== CLIENT_HELLO || length > HELLO_BYTES) return 'unacceptable'
  return bytes.length < RECORD_HEADER_BYTES + record ? 'incomplete' : 'whole'
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
