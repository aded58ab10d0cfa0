import type { CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'

type Hash = Pick<CryptoPort, 'hash'>

/** What a server does with User-Password (RFC 2865 §5.2), padding taken off. */
export function revealUserPassword(
  crypto: Hash,
  secret: Uint8Array,
  authenticator: Uint8Array,
  hidden: Uint8Array,
): Uint8Array {
  const clear = blocks(hidden).flatMap((block, i, all) => {
    const mask = crypto.hash('MD5', [secret, all[i - 1] ?? authenticator])
    return [...block].map((byte, at) => byte ^ (mask[at] as number))
  })
  const end = clear.indexOf(0)
  return Uint8Array.from(end < 0 ? clear : clear.slice(0, end))
}

/** What a server does to send an MPPE key (RFC 2548 §2.4.2); `length` may lie. */
export function hideMppeKey(
  crypto: Hash,
  terms: { readonly secret: Uint8Array; readonly authenticator: Uint8Array; readonly salt: Uint8Array },
  key: Uint8Array,
  length = key.length,
): Uint8Array {
  const plain = new Uint8Array(Math.ceil((1 + key.length) / 16) * 16)
  plain.set([length, ...key])
  let before = concatBytes([terms.authenticator, terms.salt])
  const hidden = blocks(plain).map(block => {
    const mask = crypto.hash('MD5', [terms.secret, before])
    before = block.map((byte, at) => byte ^ (mask[at] as number))
    return before
  })
  return concatBytes([terms.salt, ...hidden])
}

function blocks(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 16 }, (_, i) => bytes.subarray(16 * i, 16 * i + 16))
}
