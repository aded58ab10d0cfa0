import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { concatBytes, Writer } from '@causeway/wire'
import type { EspCipher, EspIntegrity, EspKeys, EspSa } from './flow.ts'
import { isGcm } from './validate-esp-sa.ts'

/** What a packet is numbered with; `extended` numbers have 64 bits, of which 32 are sent (RFC 4304). */
export interface EspNumbers {
  readonly spi: number
  readonly sequence: number
  readonly extended: boolean
}

/** Encryption and integrity of one direction: all that comes after SPI and sequence number. */
export interface EspTransform {
  /** What the plaintext must fill. */
  readonly blockBytes: number
  /** An IV that this key has not had. */
  nextIv(sequence: number): Uint8Array
  /** IV, ciphertext and ICV. */
  seal(numbers: EspNumbers, iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  open(numbers: EspNumbers, body: Uint8Array): Uint8Array | 'malformed' | 'unauthentic'
}

/** SPI and the sequence number that is sent. */
export const ESP_HEADER_BYTES = 8
/** Pad length and next header. */
export const ESP_TRAILER_BYTES = 2
const GCM_IV_BYTES = 8
const GCM_ICV_BYTES = 16
const CBC_BLOCK_BYTES = 16
/** ESP ends at a multiple of four bytes (RFC 4303 §2.4). */
const ALIGNMENT = 4

/** Hash and ICV bytes of each algorithm: RFC 2404 §2, RFC 4868 §2.3. */
const INTEGRITY: Readonly<Record<EspIntegrity, readonly [hash: string, icvBytes: number]>> = {
  'HMAC-SHA1-96': ['sha1', 12],
  'HMAC-SHA256-128': ['sha256', 16],
  'HMAC-SHA384-192': ['sha384', 24],
  'HMAC-SHA512-256': ['sha512', 32],
}

/** The transform of one direction of an SA. */
export function createEspTransform({ cipher, integrity }: EspSa, keys: EspKeys): EspTransform {
  const own = { cipherKey: keys.cipherKey.slice(), integrityKey: keys.integrityKey.slice() }
  if (isGcm(cipher)) return createGcm(cipher, own)
  if (integrity === undefined) throw new TypeError('AES-CBC without integrity')
  return createCbc(cipher, integrity, own)
}

/** The first eight bytes of a packet. */
export function espHeader({ spi, sequence }: EspNumbers): Uint8Array {
  return new Writer(ESP_HEADER_BYTES)
    .u32(spi)
    .u32(sequence % 2 ** 32)
    .finish()
}

/** RFC 4106: nonce = salt, IV; what is authenticated beside the ciphertext holds the whole number (§5). */
function createGcm(cipher: EspCipher, { cipherKey, integrityKey: salt }: EspKeys): EspTransform {
  const name = `aes-${cipher.slice(-3)}-gcm` as 'aes-128-gcm'
  const options = { authTagLength: GCM_ICV_BYTES }
  return {
    blockBytes: ALIGNMENT,
    // RFC 4106 §3.1 asks for uniqueness alone, and the number never repeats.
    nextIv: sequence => new Writer(GCM_IV_BYTES).u64(BigInt(sequence)).finish(),
    seal(numbers, iv, plaintext) {
      const sealing = createCipheriv(name, cipherKey, concatBytes([salt, iv]), options)
      sealing.setAAD(gcmAssociated(numbers))
      const ciphertext = concatBytes([sealing.update(plaintext), sealing.final()])
      return concatBytes([iv, ciphertext, sealing.getAuthTag()])
    },
    open(numbers, body) {
      const end = body.length - GCM_ICV_BYTES
      if (end - GCM_IV_BYTES < ESP_TRAILER_BYTES) return 'malformed'
      const nonce = concatBytes([salt, body.subarray(0, GCM_IV_BYTES)])
      const opening = createDecipheriv(name, cipherKey, nonce, options)
      opening.setAAD(gcmAssociated(numbers))
      opening.setAuthTag(body.subarray(end))
      const plaintext = opening.update(body.subarray(GCM_IV_BYTES, end))
      try {
        return concatBytes([plaintext, opening.final()])
      } catch {
        // The only failure of final() here is a tag that does not verify.
        return 'unauthentic'
      }
    },
  }
}

function gcmAssociated({ spi, sequence, extended }: EspNumbers): Uint8Array {
  const writer = new Writer(12).u32(spi)
  return (extended ? writer.u64(BigInt(sequence)) : writer.u32(sequence)).finish()
}

/** RFC 3602 with an HMAC over header, IV, ciphertext, and the number's unsent half (RFC 4303 §2.2.1). */
function createCbc(cipher: EspCipher, integrity: EspIntegrity, keys: EspKeys): EspTransform {
  const { cipherKey, integrityKey } = keys
  const name = `aes-${cipher.slice(-3)}-cbc`
  const [hash, icvBytes] = INTEGRITY[integrity]
  const icvOf = (numbers: EspNumbers, sealed: Uint8Array) => {
    const hmac = createHmac(hash, integrityKey).update(espHeader(numbers)).update(sealed)
    if (numbers.extended) hmac.update(new Writer(4).u32(Math.floor(numbers.sequence / 2 ** 32)).finish())
    return hmac.digest().subarray(0, icvBytes)
  }
  return {
    blockBytes: CBC_BLOCK_BYTES,
    nextIv: () => randomBytes(CBC_BLOCK_BYTES),
    seal(numbers, iv, plaintext) {
      const sealing = createCipheriv(name, cipherKey, iv).setAutoPadding(false)
      const sealed = concatBytes([iv, sealing.update(plaintext), sealing.final()])
      return concatBytes([sealed, icvOf(numbers, sealed)])
    },
    open(numbers, body) {
      const end = body.length - icvBytes
      if (end < 2 * CBC_BLOCK_BYTES || end % CBC_BLOCK_BYTES !== 0) return 'malformed'
      const sealed = body.subarray(0, end)
      if (!timingSafeEqual(icvOf(numbers, sealed), body.subarray(end))) return 'unauthentic'
      const iv = sealed.subarray(0, CBC_BLOCK_BYTES)
      const opening = createDecipheriv(name, cipherKey, iv).setAutoPadding(false)
      return concatBytes([opening.update(sealed.subarray(CBC_BLOCK_BYTES)), opening.final()])
    },
  }
}
