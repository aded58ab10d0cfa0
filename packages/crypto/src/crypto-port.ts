/** Hash functions. MD5 and SHA-1 only where a protocol still derives keys with them. */
export type HashName = 'MD5' | 'SHA1' | 'SHA256' | 'SHA384' | 'SHA512'

/** Output length of each hash in bytes. */
export const HASH_BYTES: Readonly<Record<HashName, number>> = {
  MD5: 16,
  SHA1: 20,
  SHA256: 32,
  SHA384: 48,
  SHA512: 64,
}

/**
 * What protocol cores need of cryptography. Implemented over OpenSSL by `@causeway/crypto-node`.
 * Every array given back belongs to the caller; nothing given in is kept.
 *
 * Errors: a wrong key or IV length throws, since only our own code chooses them.
 */
export interface CryptoPort {
  /** Bytes from the system's cryptographic random source. */
  random(length: number): Uint8Array
  hash(name: HashName, parts: readonly Uint8Array[]): Uint8Array
  /** HMAC (RFC 2104) over the joined parts. */
  hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array
  /** Compares in constant time. `false` when the lengths differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** AES-CTR with a 16, 24 or 32-byte key and a 16-byte initial counter; encrypts and decrypts. */
  aesCtr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array
  /** The PRF of TLS 1.0 and 1.1 (RFC 2246 §5): P_MD5 xor P_SHA-1 over label and seed. */
  tls1Prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array
}
