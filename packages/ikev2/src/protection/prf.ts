import type { CryptoPort, HashName } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import type { Prf } from '../proposal/suite.ts'

/** The hash below each PRF. */
const HASH: Readonly<Record<Prf, HashName>> = {
  'HMAC-SHA1': 'SHA1',
  'HMAC-SHA256': 'SHA256',
  'HMAC-SHA384': 'SHA384',
  'HMAC-SHA512': 'SHA512',
}

/** Length of the PRF's output, which is its preferred key length (RFC 7296 §2.13), in bytes. */
export const PRF_BYTES: Readonly<Record<Prf, number>> = {
  'HMAC-SHA1': 20,
  'HMAC-SHA256': 32,
  'HMAC-SHA384': 48,
  'HMAC-SHA512': 64,
}

/** prf(key, parts joined). */
export function prf(
  crypto: CryptoPort,
  name: Prf,
  key: Uint8Array,
  parts: readonly Uint8Array[],
): Uint8Array {
  return crypto.hmac(HASH[name], key, parts)
}

/** prf+ (RFC 7296 §2.13): T1 | T2 | … with Tn = prf(K, Tn-1 | S | n), cut to `length` bytes. */
export function prfPlus(
  crypto: CryptoPort,
  name: Prf,
  key: Uint8Array,
  seed: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const blocks: Uint8Array[] = []
  let previous: Uint8Array = new Uint8Array(0)
  for (let n = 1; (n - 1) * PRF_BYTES[name] < length; n++) {
    if (n > 255) throw new RangeError('prf+ gives no more than 255 blocks')
    previous = prf(crypto, name, key, [previous, ...seed, Uint8Array.of(n)])
    blocks.push(previous)
  }
  return concatBytes(blocks).slice(0, length)
}
