import type { CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'

const BLOCK_BYTES = 16

/**
 * Hides a password of 1 to 128 bytes (RFC 2865 §5.2): padded with zeros to whole blocks, each added to
 * MD5(secret, the block before), the first to MD5(secret, Request Authenticator). An empty one becomes a block
 * of zeros.
 */
export function hideUserPassword(
  crypto: Pick<CryptoPort, 'hash'>,
  secret: Uint8Array,
  authenticator: Uint8Array,
  password: Uint8Array,
): Uint8Array {
  const blocks = Math.max(1, Math.ceil(password.length / BLOCK_BYTES))
  const hidden = new Uint8Array(blocks * BLOCK_BYTES)
  hidden.set(password)
  let before = authenticator
  for (let at = 0; at < hidden.length; at += BLOCK_BYTES) {
    const block = hidden.subarray(at, at + BLOCK_BYTES)
    mix(block, crypto.hash('MD5', [secret, before]))
    before = block
  }
  return hidden
}

/**
 * Opens MS-MPPE-Send-Key and MS-MPPE-Recv-Key (RFC 2548 §2.4.2, §2.4.3): a salt of two octets, then blocks
 * hidden as a password's, with Request Authenticator and salt for the first. Inside: the key's length, the key,
 * padding. `undefined` when that does not fit.
 */
export function openMppeKey(
  crypto: Pick<CryptoPort, 'hash'>,
  secret: Uint8Array,
  authenticator: Uint8Array,
  value: Uint8Array,
): Uint8Array | undefined {
  const salt = value.subarray(0, 2)
  const hidden = value.subarray(2)
  if (hidden.length === 0 || hidden.length % BLOCK_BYTES !== 0) return undefined
  const plain = hidden.slice()
  let before = concatBytes([authenticator, salt])
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    mix(plain.subarray(at, at + BLOCK_BYTES), crypto.hash('MD5', [secret, before]))
    before = hidden.subarray(at, at + BLOCK_BYTES)
  }
  const length = plain[0] as number
  return length === 0 || length > plain.length - 1 ? undefined : plain.slice(1, 1 + length)
}

function mix(block: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < block.length; i++) block[i] = (block[i] as number) ^ (mask[i] as number)
}
