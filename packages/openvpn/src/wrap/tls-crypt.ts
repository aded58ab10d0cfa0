import type { CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import {
  CONTROL_HEADER_BYTES,
  MAX_CONTROL_PACKET_BYTES,
  readControlPacket,
  writeControlBody,
  writeControlHeader,
} from '../wire/control-packet.ts'
import {
  type ControlWrap,
  type Unwrapped,
  unwrapped,
  type WrapFault,
  type WrapKeyOptions,
} from './control-wrap.ts'
import { type KeyHalf, keyHalves } from './static-key.ts'
import { readStamp, STAMP_BYTES, writeStamp } from './tls-auth.ts'

/** Length of the tag, whose first half is also the IV. */
export const TLS_CRYPT_TAG_BYTES = 32
/** Bytes that tls-crypt adds to a packet. */
export const TLS_CRYPT_OVERHEAD: number = STAMP_BYTES + TLS_CRYPT_TAG_BYTES

const KEY_BYTES = 32
const IV_BYTES = 16
const TAG_OFFSET = CONTROL_HEADER_BYTES + STAMP_BYTES
const CIPHERTEXT_OFFSET = TAG_OFFSET + TLS_CRYPT_TAG_BYTES

/**
 * tls-crypt: every control packet encrypted and authenticated with a key from outside
 * (openvpn-rfc, "tls-crypt"; OpenVPN doc/tls-crypt-v2.txt). The synthetic IV is the tag's first
 * half, so a repeated packet repeats its ciphertext and nothing worse.
 *
 * ```
 * | header 9 | packet id 32, net time 32 | tag 256 | AES-256-CTR(Ke, tag[0..16], rest) |
 * tag = HMAC-SHA256(Ka, header | packet id, net time | rest)
 * ```
 *
 * The server sends with the first half of the key, the client with the second.
 */
export function createTlsCrypt({ crypto, staticKey, role }: WrapKeyOptions): ControlWrap {
  const halves = keyHalves(staticKey, role === 'server' ? 0 : 1)
  return {
    kind: 'tls-crypt',
    staticKey,
    overheadBytes: () => TLS_CRYPT_OVERHEAD,
    wrap: (packet, stamp) => {
      const clear = concatBytes([writeControlHeader(packet), writeStamp(stamp)])
      return concatBytes([clear, sealSiv(crypto, halves.send, clear, writeControlBody(packet))])
    },
    unwrap: bytes => unwrapTlsCrypt(crypto, halves.receive, bytes),
  }
}

function unwrapTlsCrypt(crypto: CryptoPort, half: KeyHalf, bytes: Uint8Array): Unwrapped | WrapFault {
  if (bytes.length < CIPHERTEXT_OFFSET || bytes.length > MAX_CONTROL_PACKET_BYTES)
    return { type: 'fault', reason: 'malformed' }
  const body = openSiv(crypto, half, bytes.subarray(0, TAG_OFFSET), bytes.subarray(TAG_OFFSET))
  if (!body) return { type: 'fault', reason: 'authentication' }
  const packet = readControlPacket(concatBytes([bytes.subarray(0, CONTROL_HEADER_BYTES), body]))
  return unwrapped(packet, readStamp(bytes.subarray(CONTROL_HEADER_BYTES, TAG_OFFSET)))
}

/** Tag and ciphertext of `plain`, bound to the clear bytes before it. */
export function sealSiv(crypto: CryptoPort, half: KeyHalf, clear: Uint8Array, plain: Uint8Array): Uint8Array {
  const tag = crypto.hmac('SHA256', half.hmac.subarray(0, KEY_BYTES), [clear, plain])
  return concatBytes([
    tag,
    crypto.aesCtr(half.cipher.subarray(0, KEY_BYTES), tag.subarray(0, IV_BYTES), plain),
  ])
}

/** Opens what {@link sealSiv} made; `undefined` when it is too short or the tag does not fit. */
export function openSiv(
  crypto: CryptoPort,
  half: KeyHalf,
  clear: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TLS_CRYPT_TAG_BYTES) return undefined
  const tag = sealed.subarray(0, TLS_CRYPT_TAG_BYTES)
  const ciphertext = sealed.subarray(TLS_CRYPT_TAG_BYTES)
  const plain = crypto.aesCtr(half.cipher.subarray(0, KEY_BYTES), tag.subarray(0, IV_BYTES), ciphertext)
  const expected = crypto.hmac('SHA256', half.hmac.subarray(0, KEY_BYTES), [clear, plain])
  return crypto.equal(expected, tag) ? plain : undefined
}
