import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { type CryptoPort, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { plainBytes } from './plain-bytes.ts'

const PRIVATE_KEY_BYTES = 32
/** The form of a key wants a public value beside the private one; OpenSSL makes its own and reads it not. */
const UNREAD = base64Url(new Uint8Array(PUBLIC_VALUE_BYTES.X25519))

/** Curve25519: RFC 8031, RFC 7748. Any 32 bytes are a private key. */
export function createX25519Agreement(random: CryptoPort['random']): KeyAgreement {
  // As JWK, which Node reads without OpenSSL's decoders: they take eight times as long.
  const d = base64Url(random(PRIVATE_KEY_BYTES))
  const privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', d, x: UNREAD } })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    group: 'X25519',
    publicValue: plainBytes(Buffer.from(x as string, 'base64url')),
    agree: peer => (peer.length === PUBLIC_VALUE_BYTES.X25519 ? multiply(privateKey, peer) : undefined),
  }
}

/** `undefined` for a result of zeros, which the points of small order give (RFC 7748 §6.1). */
function multiply(privateKey: KeyObject, value: Uint8Array): Uint8Array | undefined {
  const key = { kty: 'OKP', crv: 'X25519', x: base64Url(value) }
  const publicKey = createPublicKey({ format: 'jwk', key })
  try {
    return plainBytes(diffieHellman({ privateKey, publicKey }))
  } catch (error) {
    // OpenSSL checks for it, and has no other reason to fail. Node names the error by OpenSSL's reason, or
    // by its own where OpenSSL left none.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_OSSL_FAILED_DURING_DERIVATION' || code === 'ERR_CRYPTO_OPERATION_FAILED')
      return undefined
    throw error
  }
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
