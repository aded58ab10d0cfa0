import { type CryptoPort, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { place, take } from './area.ts'
import { native } from './native.ts'

const PRIVATE_KEY_BYTES = 32

/** Curve25519: RFC 8031, RFC 7748. Any 32 bytes are a private key. */
export function createX25519Agreement(random: CryptoPort['random']): KeyAgreement {
  const secret = random(PRIVATE_KEY_BYTES)
  place(secret, 0)
  native.x25519PublicValue()
  return {
    group: 'X25519',
    publicValue: take(PUBLIC_VALUE_BYTES.X25519),
    agree: peer => (peer.length === PUBLIC_VALUE_BYTES.X25519 ? multiply(secret, peer) : undefined),
  }
}

/** `undefined` for a result of zeros, which the points of small order give (RFC 7748 §6.1). */
function multiply(secret: Uint8Array, value: Uint8Array): Uint8Array | undefined {
  place(value, place(secret, 0))
  return native.x25519Agree() ? take(secret.length) : undefined
}
