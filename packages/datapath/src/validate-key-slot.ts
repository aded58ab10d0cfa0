import type { DataCipher, DataDigest, DirectionKeys, EspSa, OpenVpnKeySlot } from './flow.ts'
import { refuse, requireBytes, requireInteger, requireObject } from './validate.ts'
import { isEspSa, validateEspSa } from './validate-esp-sa.ts'

/** What each cipher needs: its key, and whether it authenticates by itself. */
export const CIPHER_KEYS: Readonly<Record<DataCipher, { kind: 'aead' | 'cbc'; keyBytes: number }>> = {
  'AES-128-GCM': { kind: 'aead', keyBytes: 16 },
  'AES-192-GCM': { kind: 'aead', keyBytes: 24 },
  'AES-256-GCM': { kind: 'aead', keyBytes: 32 },
  'CHACHA20-POLY1305': { kind: 'aead', keyBytes: 32 },
  'AES-128-CBC': { kind: 'cbc', keyBytes: 16 },
  'AES-192-CBC': { kind: 'cbc', keyBytes: 24 },
  'AES-256-CBC': { kind: 'cbc', keyBytes: 32 },
}

/** Output and key length of each HMAC in bytes. */
export const DIGEST_BYTES: Readonly<Record<DataDigest, number>> = { SHA1: 20, SHA256: 32, SHA512: 64 }

/** Implicit IV of the AEAD ciphers in the standard format. */
export const IMPLICIT_IV_BYTES = 8
/** The epoch format's secret, from which keys and IVs are derived. */
export const EPOCH_SECRET_BYTES = 32

const COMPRESSIONS = ['none', 'lzo-stub', 'stub', 'stub-v2']

/** OpenVPN's key id has three bits. */
const MAX_OPENVPN_KEY_ID = 7

/** Checks a key slot or SA. Errors: DatapathError `ERR_DATAPATH_ARGUMENT`. Never shows key bytes. */
export function validateKeySlot(slot: OpenVpnKeySlot | EspSa): void {
  requireObject('slot', slot)
  if (isEspSa(slot)) validateEspSa(slot)
  else validateOpenVpnSlot(slot)
}

function validateOpenVpnSlot(slot: OpenVpnKeySlot): void {
  requireInteger('keyId', slot.keyId, 0, MAX_OPENVPN_KEY_ID)
  if (!Object.hasOwn(CIPHER_KEYS, slot.cipher)) refuse('cipher', 'is not a known data cipher')
  if (slot.format !== 'standard' && slot.format !== 'epoch') refuse('format', "is 'standard' or 'epoch'")
  if (!COMPRESSIONS.includes(slot.compression)) refuse('compression', `is one of ${COMPRESSIONS.join(', ')}`)
  validateDigest(slot)
  validateDirection('send', slot, slot.send)
  validateDirection('receive', slot, slot.receive)
  requireInteger('packetLimit', slot.packetLimit, 0, Number.MAX_SAFE_INTEGER)
  requireInteger('byteLimit', slot.byteLimit, 0, Number.MAX_SAFE_INTEGER)
}

function validateDigest({ cipher, digest, format }: OpenVpnKeySlot): void {
  if (CIPHER_KEYS[cipher].kind === 'aead') {
    if (digest !== undefined) refuse('digest', 'goes only with CBC ciphers')
    return
  }
  if (digest === undefined || !Object.hasOwn(DIGEST_BYTES, digest))
    refuse('digest', 'is SHA1, SHA256 or SHA512 for CBC ciphers')
  if (format === 'epoch') refuse('format', "'epoch' goes only with AEAD ciphers")
}

function validateDirection(name: 'send' | 'receive', slot: OpenVpnKeySlot, keys: DirectionKeys): void {
  requireObject(name, keys)
  const [cipherKey, authKey] = keyBytes(slot)
  requireBytes(`${name}.cipherKey`, keys.cipherKey, cipherKey, cipherKey)
  requireBytes(`${name}.authKey`, keys.authKey, authKey, authKey)
}

/** The lengths of `cipherKey` and `authKey` that a slot must have. */
function keyBytes({ cipher, digest, format }: OpenVpnKeySlot): readonly [number, number] {
  if (format === 'epoch') return [EPOCH_SECRET_BYTES, 0]
  if (digest !== undefined) return [CIPHER_KEYS[cipher].keyBytes, DIGEST_BYTES[digest]]
  return [CIPHER_KEYS[cipher].keyBytes, IMPLICIT_IV_BYTES]
}
