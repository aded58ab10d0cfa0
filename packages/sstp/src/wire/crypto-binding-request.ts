import { Writer } from '@causeway/wire'
import { ATTRIBUTES, attributeReader, type SstpAttribute } from './attribute.ts'

/**
 * Crypto Binding Request ([MS-SSTP] §2.2.6): what a server wants bound, and by which hashes.
 *
 * ```
 * +-----------------------------------------------+---------------+
 * |                   Reserved1                   | Hash bitmask  |
 * +-----------------------------------------------+---------------+
 * |                        Nonce (32 bytes)                       |
 * +---------------------------------------------------------------+
 * ```
 */
export interface CryptoBindingRequest {
  /** Bits of `HASH_PROTOCOLS`, and others that are not known. */
  readonly hashProtocols: number
  readonly nonce: Uint8Array
}

export const NONCE_BYTES = 32

/** Errors: `WireFault` when it has not 36 bytes. */
export function readCryptoBindingRequest(attribute: SstpAttribute): CryptoBindingRequest {
  const reader = attributeReader(attribute)
  reader.skip(3, 'Reserved1')
  const hashProtocols = reader.u8('Hash Protocol Bitmask')
  const nonce = reader.bytes(NONCE_BYTES, 'Nonce')
  reader.end('Nonce')
  return { hashProtocols, nonce }
}

export function writeCryptoBindingRequest({ hashProtocols, nonce }: CryptoBindingRequest): SstpAttribute {
  const value = new Writer(4 + NONCE_BYTES).u24(0).u8(hashProtocols).bytes(nonce).finish()
  return { id: ATTRIBUTES.CRYPTO_BINDING_REQUEST, value }
}
