import { type CryptoPort, HASH_BYTES, type HashName } from '@causeway/crypto'
import { asciiBytes, concatBytes } from '@causeway/wire'

type Hmac = CryptoPort['hmac']

/**
 * The PRF of TLS 1.0 and 1.1 (RFC 2246 §5): P_MD5 of the secret's first half xor P_SHA-1 of its
 * second; of a secret with an odd length both halves have the middle byte.
 */
export function tls1Prf(
  hmac: Hmac,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const half = Math.ceil(secret.length / 2)
  const labelAndSeed = concatBytes([asciiBytes(label), seed])
  const md5 = expand(hmac, 'MD5', secret.subarray(0, half), labelAndSeed, length)
  const sha1 = expand(hmac, 'SHA1', secret.subarray(secret.length - half), labelAndSeed, length)
  return md5.map((byte, i) => byte ^ (sha1[i] as number))
}

/** P_hash: HMAC(A(1) + seed) + HMAC(A(2) + seed) + …, where A(0) = seed and A(i) = HMAC(A(i-1)). */
function expand(
  hmac: Hmac,
  name: HashName,
  secret: Uint8Array,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const blocks: Uint8Array[] = []
  let a = seed
  for (let have = 0; have < length; have += HASH_BYTES[name]) {
    a = hmac(name, secret, [a])
    blocks.push(hmac(name, secret, [a, seed]))
  }
  return concatBytes(blocks).slice(0, length)
}
