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

/** AES with GCM and a 16-byte tag; by key length. */
export type AeadName = 'AES-128-GCM' | 'AES-192-GCM' | 'AES-256-GCM'

/** Key agreement groups, by IANA's IKEv2 registry: 2, 14, 24 (RFC 5114), 19, 20 (RFC 5903), 31 (RFC 8031). */
export type GroupName = 'MODP-1024' | 'MODP-2048' | 'MODP-2048-256' | 'ECP-256' | 'ECP-384' | 'X25519'

/** Bytes of a public value as IKEv2 carries it: MODP left-padded with zeros, ECP as x‖y (RFC 5903 §7). */
export const PUBLIC_VALUE_BYTES: Readonly<Record<GroupName, number>> = {
  'MODP-1024': 128,
  'MODP-2048': 256,
  'MODP-2048-256': 256,
  'ECP-256': 64,
  'ECP-384': 96,
  X25519: 32,
}

/** One side's half of a key agreement. Use it once, and let go of it. */
export interface KeyAgreement {
  readonly group: GroupName
  readonly publicValue: Uint8Array
  /**
   * The shared secret: MODP padded to the prime's length (RFC 7296 §2.14), ECP the x coordinate (RFC 5903
   * §7), X25519 32 bytes. `undefined` when the peer's value is refused: wrong length, outside 2…p−2, outside
   * the subgroup (MODP-2048-256, RFC 6989 §2.2), not on the curve, or (X25519) a result of all zeros.
   */
  agree(peerValue: Uint8Array): Uint8Array | undefined
}

/**
 * Signature schemes of IKEv2 authentication. ECDSA as DER (RFC 7427), or as r‖s of equal lengths (RFC 4754).
 * RSA-PSS with MGF1 of the same hash and a salt as long as the hash (RFC 8247 §3.2.1), no other.
 */
export type SignatureScheme =
  | { readonly family: 'RSA-PKCS1' | 'RSA-PSS'; readonly hash: 'SHA1' | 'SHA256' | 'SHA384' | 'SHA512' }
  | {
      readonly family: 'ECDSA'
      readonly hash: 'SHA1' | 'SHA256' | 'SHA384' | 'SHA512'
      readonly encoding: 'DER' | 'IEEE-P1363'
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
  /** Encrypts with a 12-byte nonce; gives ciphertext and tag as one. */
  aeadSeal(
    name: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array
  /** Decrypts ciphertext and tag. `undefined` when the tag does not verify, or there is none. */
  aeadOpen(
    name: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    associated: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined
  /** AES-CBC without padding: `data` is whole blocks; the key has 16, 24 or 32 bytes, the IV 16. */
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array
  /** The reverse. Errors: `RangeError` when `data` is not whole blocks: check before. */
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array
  /** A fresh key pair of the group. */
  createKeyAgreement(group: GroupName): KeyAgreement
  /**
   * Whether `signature` over the joined parts was made by the key that `certificate` (DER) names. Nobody
   * has validated the certificate: one that cannot be read, a key of the wrong kind or outside what is
   * accepted (RSA 2048–8192 bits with an odd exponent from 65537 to below 2^256, ECDSA on P-256, P-384,
   * P-521) gives `false`.
   */
  verifySignature(
    scheme: SignatureScheme,
    certificate: Uint8Array,
    parts: readonly Uint8Array[],
    signature: Uint8Array,
  ): boolean
  /**
   * Why no signature by the key of `certificate` (DER) is accepted, in words, for who looks for the reason of a
   * `false`; `undefined` where some are.
   */
  keyRefusal(certificate: Uint8Array): string | undefined
}
