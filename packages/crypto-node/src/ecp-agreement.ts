import { createECDH, type ECDH } from 'node:crypto'
import { type CryptoPort, type GroupName, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { concatBytes, parseHex } from '@causeway/wire'
import { plainBytes } from './plain-bytes.ts'
import { drawPrivateNumber } from './private-number.ts'

type EcpName = Extract<GroupName, `ECP-${string}`>

/** By OpenSSL's name of the curve, with the order of its base point (RFC 5903 §3.1, §3.2). */
const CURVES: Readonly<Record<EcpName, { readonly name: string; readonly order: Uint8Array }>> = {
  'ECP-256': {
    name: 'prime256v1',
    order: hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  'ECP-384': {
    name: 'secp384r1',
    order: hex(
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
  },
}

/** SEC 1 §2.3.3: what precedes x‖y of a point written in full. IKEv2 leaves it out. */
const UNCOMPRESSED = Uint8Array.of(4)

/** Diffie-Hellman over a curve: RFC 5903. */
export function createEcpAgreement(random: CryptoPort['random'], group: EcpName): KeyAgreement {
  const { name, order } = CURVES[group]
  const engine = createECDH(name)
  engine.setPrivateKey(drawPrivateNumber(random, order))
  return {
    group,
    publicValue: plainBytes(engine.getPublicKey()).slice(UNCOMPRESSED.length),
    agree: peer => (peer.length === PUBLIC_VALUE_BYTES[group] ? multiply(engine, peer) : undefined),
  }
}

/** `undefined` when the point is not on the curve. On curves of prime order, that is all there is to check. */
function multiply(engine: ECDH, point: Uint8Array): Uint8Array | undefined {
  try {
    return plainBytes(engine.computeSecret(concatBytes([UNCOMPRESSED, point])))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY')
      return undefined
    throw error
  }
}

function hex(text: string): Uint8Array {
  return parseHex(text) as Uint8Array
}
