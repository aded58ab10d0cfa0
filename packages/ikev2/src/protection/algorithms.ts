import type { AeadName, HashName } from '@causeway/crypto'
import type { EspEncryption, Integrity } from '../proposal/suite.ts'

/** What an encryption algorithm needs of keying material, in bytes. */
export interface EncryptionAlgorithm {
  readonly keyBytes: number
  /** GCM: 4 bytes behind the key (RFC 5282 §7.1, RFC 4106 §8.1); CBC: 0. */
  readonly saltBytes: number
  /** GCM; absent for CBC. */
  readonly aead?: AeadName
}

export const ENCRYPTION: Readonly<Record<EspEncryption, EncryptionAlgorithm>> = {
  'AES-GCM-16-128': { keyBytes: 16, saltBytes: 4, aead: 'AES-128-GCM' },
  'AES-GCM-16-192': { keyBytes: 24, saltBytes: 4, aead: 'AES-192-GCM' },
  'AES-GCM-16-256': { keyBytes: 32, saltBytes: 4, aead: 'AES-256-GCM' },
  'AES-CBC-128': { keyBytes: 16, saltBytes: 0 },
  'AES-CBC-192': { keyBytes: 24, saltBytes: 0 },
  'AES-CBC-256': { keyBytes: 32, saltBytes: 0 },
}

/** RFC 2404, RFC 4868: key and truncated output in bytes. */
export const INTEGRITY: Readonly<
  Record<Integrity, { readonly hash: HashName; readonly keyBytes: number; readonly icvBytes: number }>
> = {
  'HMAC-SHA1-96': { hash: 'SHA1', keyBytes: 20, icvBytes: 12 },
  'HMAC-SHA256-128': { hash: 'SHA256', keyBytes: 32, icvBytes: 16 },
  'HMAC-SHA384-192': { hash: 'SHA384', keyBytes: 48, icvBytes: 24 },
  'HMAC-SHA512-256': { hash: 'SHA512', keyBytes: 64, icvBytes: 32 },
}
