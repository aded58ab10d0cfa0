import { type CryptoPort, type GroupName, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { parseHex } from '@causeway/wire'
import { place, take } from './area.ts'
import { type NativeCurve, native } from './native.ts'
import { drawPrivateNumber } from './private-number.ts'

type EcpName = Extract<GroupName, `ECP-${string}`>

/** With the order of the curve's base point (RFC 5903 §3.1, §3.2). */
const CURVES: Readonly<Record<EcpName, { readonly number: NativeCurve; readonly order: Uint8Array }>> = {
  'ECP-256': {
    number: 0,
    order: hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  'ECP-384': {
    number: 1,
    order: hex(
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
  },
}

/** Diffie-Hellman over a curve: RFC 5903. */
export function createEcpAgreement(random: CryptoPort['random'], group: EcpName): KeyAgreement {
  const { number, order } = CURVES[group]
  const secret = drawPrivateNumber(random, order)
  place(secret, 0)
  native.ecpPublicValue(number)
  return {
    group,
    publicValue: take(PUBLIC_VALUE_BYTES[group]),
    agree: peer => (peer.length === PUBLIC_VALUE_BYTES[group] ? multiply(number, secret, peer) : undefined),
  }
}

/** `undefined` when the point is not on the curve. On curves of prime order, that is all there is to check. */
function multiply(curve: NativeCurve, secret: Uint8Array, point: Uint8Array): Uint8Array | undefined {
  place(point, place(secret, 0))
  return native.ecpAgree(curve) ? take(secret.length) : undefined
}

function hex(text: string): Uint8Array {
  return parseHex(text) as Uint8Array
}
