import { Writer } from '@causeway/wire'
import { ATTRIBUTES, attributeReader, type SstpAttribute } from './attribute.ts'
import { NONCE_BYTES } from './crypto-binding-request.ts'

/**
 * Crypto Binding ([MS-SSTP] §2.2.7): a client's proof that it is the one that was authenticated.
 *
 * ```
 * +-----------------------------------------------+---------------+
 * |                   Reserved1                   | Hash Protocol |
 * +-----------------------------------------------+---------------+
 * |                        Nonce (32 bytes)                       |
 * +---------------------------------------------------------------+
 * |    Cert Hash (20 bytes and 12 of padding, or 32 bytes)        |
 * +---------------------------------------------------------------+
 * |    Compound MAC (20 bytes and 12 of padding, or 32 bytes)     |
 * +---------------------------------------------------------------+
 * ```
 */
export interface CryptoBinding {
  /** One of `HASH_PROTOCOLS`, or what nobody has defined. */
  readonly hashProtocol: number
  readonly nonce: Uint8Array
  /** Both 32 bytes with their padding. */
  readonly certificateHash: Uint8Array
  readonly compoundMac: Uint8Array
}

/** Of a hash or a MAC with its padding. */
export const BINDING_FIELD_BYTES = 32

const BINDING_BYTES = 4 + NONCE_BYTES + 2 * BINDING_FIELD_BYTES

/** Errors: `WireFault` when it has not 100 bytes. */
export function readCryptoBinding(attribute: SstpAttribute): CryptoBinding {
  const reader = attributeReader(attribute)
  reader.skip(3, 'Reserved1')
  const hashProtocol = reader.u8('Hash Protocol')
  const nonce = reader.bytes(NONCE_BYTES, 'Nonce')
  const certificateHash = reader.bytes(BINDING_FIELD_BYTES, 'Cert Hash')
  const compoundMac = reader.bytes(BINDING_FIELD_BYTES, 'Compound MAC')
  reader.end('Compound MAC')
  return { hashProtocol, nonce, certificateHash, compoundMac }
}

/** Hash and MAC may be shorter than their fields: zeros follow. */
export function writeCryptoBinding(binding: CryptoBinding): SstpAttribute {
  const writer = new Writer(BINDING_BYTES).u24(0).u8(binding.hashProtocol).bytes(binding.nonce)
  for (const field of [binding.certificateHash, binding.compoundMac]) {
    writer.patch(writer.reserve(BINDING_FIELD_BYTES), field)
  }
  return { id: ATTRIBUTES.CRYPTO_BINDING, value: writer.finish() }
}
