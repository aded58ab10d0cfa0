import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { concatBytes } from '@causeway/wire'
import type { DataCipher, DataDigest } from './flow.ts'
import { DIGEST_BYTES } from './validate-key-slot.ts'

/** Length of every AEAD tag (OpenVPN wire protocol, "AEAD encrypted data channel packet"). */
export const TAG_BYTES = 16
/** AES block, and the CBC IV. */
const BLOCK_BYTES = 16

type AeadCipher = Exclude<DataCipher, `${string}-CBC`>

const AEAD_NAMES = {
  'AES-128-GCM': 'aes-128-gcm',
  'AES-192-GCM': 'aes-192-gcm',
  'AES-256-GCM': 'aes-256-gcm',
  // One type stands for all: node:crypto takes the same options for every AEAD.
  'CHACHA20-POLY1305': 'chacha20-poly1305',
} as const satisfies Record<AeadCipher, string>

/** Ciphertext and tag of an AEAD. */
export interface SealedAead {
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

export function isAead(cipher: DataCipher): cipher is AeadCipher {
  return Object.hasOwn(AEAD_NAMES, cipher)
}

export function sealAead(
  cipher: AeadCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): SealedAead {
  const sealing = createCipheriv(aeadName(cipher), key, nonce, { authTagLength: TAG_BYTES })
  sealing.setAAD(associated, { plaintextLength: plaintext.length })
  const ciphertext = concatBytes([sealing.update(plaintext), sealing.final()])
  return { ciphertext, tag: new Uint8Array(sealing.getAuthTag()) }
}

/** The plaintext, or `undefined` when the tag does not verify. */
export function openAead(
  cipher: AeadCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  { ciphertext, tag }: SealedAead,
): Uint8Array | undefined {
  const opening = createDecipheriv(aeadName(cipher), key, nonce, { authTagLength: TAG_BYTES })
  opening.setAAD(associated, { plaintextLength: ciphertext.length })
  opening.setAuthTag(tag)
  const plaintext = opening.update(ciphertext)
  try {
    return concatBytes([plaintext, opening.final()])
  } catch {
    // The only failure of final() here is a tag that does not verify.
    return undefined
  }
}

function aeadName(cipher: AeadCipher): 'aes-256-gcm' {
  return AEAD_NAMES[cipher] as 'aes-256-gcm'
}

/** Encrypts with a random IV and puts the HMAC of IV and ciphertext before them. */
export function sealCbc(
  cipher: DataCipher,
  digest: DataDigest,
  cipherKey: Uint8Array,
  hmacKey: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const iv = randomBytes(BLOCK_BYTES)
  const sealing = createCipheriv(cipher.toLowerCase(), cipherKey, iv)
  const sealed = concatBytes([iv, sealing.update(plaintext), sealing.final()])
  return concatBytes([createHmac(digest, hmacKey).update(sealed).digest(), sealed])
}

/** The plaintext, or why there is none. HMAC first: nothing is decrypted that does not verify. */
export function openCbc(
  cipher: DataCipher,
  digest: DataDigest,
  cipherKey: Uint8Array,
  hmacKey: Uint8Array,
  body: Uint8Array,
): Uint8Array | 'malformed' | 'unauthentic' {
  const macBytes = DIGEST_BYTES[digest]
  const ciphertextBytes = body.length - macBytes - BLOCK_BYTES
  if (ciphertextBytes < BLOCK_BYTES || ciphertextBytes % BLOCK_BYTES !== 0) return 'malformed'
  const sealed = body.subarray(macBytes)
  const mac = createHmac(digest, hmacKey).update(sealed).digest()
  if (!timingSafeEqual(mac, body.subarray(0, macBytes))) return 'unauthentic'
  const opening = createDecipheriv(cipher.toLowerCase(), cipherKey, sealed.subarray(0, BLOCK_BYTES))
  try {
    return concatBytes([opening.update(sealed.subarray(BLOCK_BYTES)), opening.final()])
  } catch {
    // Authentic but badly padded: a peer's defect, and harmless to tell since the HMAC held.
    return 'malformed'
  }
}
