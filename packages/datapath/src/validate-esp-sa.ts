import type { EspCipher, EspIntegrity, EspKeys, EspSa, OpenVpnKeySlot } from './flow.ts'
import { refuse, requireBytes, requireInteger, requireObject } from './validate.ts'
import { validateSelectors } from './validate-traffic-selectors.ts'

/** Key bytes of each cipher, without GCM's salt. */
export const ESP_KEY_BYTES: Readonly<Record<EspCipher, number>> = {
  'AES-GCM-128': 16,
  'AES-GCM-192': 24,
  'AES-GCM-256': 32,
  'AES-CBC-128': 16,
  'AES-CBC-192': 24,
  'AES-CBC-256': 32,
}

/** Key bytes of each integrity algorithm: its hash's output (RFC 2404 §3, RFC 4868 §2.1.1). */
export const ESP_INTEGRITY_KEY_BYTES: Readonly<Record<EspIntegrity, number>> = {
  'HMAC-SHA1-96': 20,
  'HMAC-SHA256-128': 32,
  'HMAC-SHA384-192': 48,
  'HMAC-SHA512-256': 64,
}

/** Salt of AES-GCM (RFC 4106 §4). */
export const ESP_SALT_BYTES = 4
/** Narrower than 32 is not allowed (RFC 4303 §3.4.3); above 1024 nothing is gained. The upper one is ours. */
const REPLAY_WINDOW_RANGE = { min: 32, max: 1024 }
/** SPIs up to 255 are reserved (RFC 4303 §2.1). */
const SPI_RANGE = { min: 256, max: 0xffffffff }

/** Tells the two kinds of slots apart: only an SA has the peer's SPI. */
export function isEspSa(slot: OpenVpnKeySlot | EspSa): slot is EspSa {
  return 'sendSpi' in slot
}

/** Whether the cipher authenticates by itself. */
export function isGcm(cipher: EspCipher): boolean {
  return cipher.startsWith('AES-GCM')
}

/** Checks a pair of SAs. Errors: DatapathError `ERR_DATAPATH_ARGUMENT`. Never shows key bytes. */
export function validateEspSa(sa: EspSa): void {
  requireInteger('keyId', sa.keyId, SPI_RANGE.min, SPI_RANGE.max)
  requireInteger('sendSpi', sa.sendSpi, SPI_RANGE.min, SPI_RANGE.max)
  validateAlgorithms(sa)
  if (typeof sa.extendedSequence !== 'boolean') refuse('extendedSequence', 'must be a boolean')
  requireInteger('replayWindow', sa.replayWindow, REPLAY_WINDOW_RANGE.min, REPLAY_WINDOW_RANGE.max)
  validateKeys('send', sa, sa.send)
  validateKeys('receive', sa, sa.receive)
  requireObject('selectors', sa.selectors)
  validateSelectors('selectors.local', sa.selectors.local, 1)
  validateSelectors('selectors.remote', sa.selectors.remote, 1)
  for (const limit of ['packetLimit', 'byteLimit', 'hardPacketLimit', 'hardByteLimit'] as const)
    requireInteger(limit, sa[limit], 0, Number.MAX_SAFE_INTEGER)
}

function validateAlgorithms({ cipher, integrity }: EspSa): void {
  if (!Object.hasOwn(ESP_KEY_BYTES, cipher)) refuse('cipher', 'is not a known ESP cipher')
  if (isGcm(cipher)) {
    if (integrity !== undefined) refuse('integrity', 'goes only with AES-CBC')
    return
  }
  if (integrity === undefined || !Object.hasOwn(ESP_INTEGRITY_KEY_BYTES, integrity))
    refuse('integrity', `with AES-CBC is one of ${Object.keys(ESP_INTEGRITY_KEY_BYTES).join(', ')}`)
}

function validateKeys(name: 'send' | 'receive', { cipher, integrity }: EspSa, keys: EspKeys): void {
  requireObject(name, keys)
  const cipherKey = ESP_KEY_BYTES[cipher]
  const integrityKey = integrity === undefined ? ESP_SALT_BYTES : ESP_INTEGRITY_KEY_BYTES[integrity]
  requireBytes(`${name}.cipherKey`, keys.cipherKey, cipherKey, cipherKey)
  requireBytes(`${name}.integrityKey`, keys.integrityKey, integrityKey, integrityKey)
}
