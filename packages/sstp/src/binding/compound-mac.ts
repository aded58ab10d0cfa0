import type { CryptoPort } from '@causeway/crypto'
import type { PppKeys } from '@causeway/ppp'
import { asciiBytes } from '@causeway/wire'
import { type BindingHash, hashBytes } from './binding-hash.ts'

/** Of the key that authentication gives to the binding. */
export const HIGHER_LAYER_KEY_BYTES = 32
/** A whole Call Connected message ([MS-SSTP] §2.2.11). */
export const CALL_CONNECTED_BYTES = 112
/** Where Cert Hash and Compound MAC begin in it. */
export const CERTIFICATE_HASH_OFFSET = 48
export const COMPOUND_MAC_OFFSET = 80

const SEED = asciiBytes('SSTP inner method derived CMK')

/**
 * The Higher-Layer Authentication Key ([MS-SSTP] §3.2.5.2.2): the first 32 bytes of the client's send and receive
 * keys, zeros where they are shorter, all zeros where authentication gave none.
 *
 * MS-CHAPv2 has keys of 16 bytes, so that both take part; EAP-TLS has 32, of which Windows takes the send key
 * alone. The two rules of the specification are this one. `keys` are from the side of `role`.
 */
export function higherLayerKey(role: 'server' | 'client', keys: PppKeys | undefined): Uint8Array {
  const key = new Uint8Array(HIGHER_LAYER_KEY_BYTES)
  if (!keys) return key
  const [first, second] = role === 'client' ? [keys.send, keys.receive] : [keys.receive, keys.send]
  key.set(first.subarray(0, key.length))
  const left = key.length - first.length
  if (left > 0) key.set(second.subarray(0, left), first.length)
  return key
}

/** What `pppd` before 2.5 keeps of a key, however long. */
const SHORT_KEY_BYTES = 16

/**
 * The keys that a server takes a binding by: {@link higherLayerKey}, and after EAP-TLS also the one that clients
 * with `pppd` before 2.5 make (Debian 12, Ubuntu 22.04): of the first 16 bytes of each key. Both are secret to the
 * same two ends.
 */
export function acceptedKeys(keys: PppKeys | undefined): readonly Uint8Array[] {
  const key = higherLayerKey('server', keys)
  if (!keys || keys.receive.length <= SHORT_KEY_BYTES) return [key]
  const send = keys.send.subarray(0, SHORT_KEY_BYTES)
  const receive = keys.receive.subarray(0, SHORT_KEY_BYTES)
  return [key, higherLayerKey('server', { send, receive })]
}

/**
 * The Compound MAC of a Call Connected message of 112 bytes ([MS-SSTP] §3.2.5.2), whatever its MAC and padding
 * fields hold: 20 or 32 bytes.
 */
export function compoundMac(
  crypto: Pick<CryptoPort, 'hmac'>,
  hash: BindingHash,
  key: Uint8Array,
  callConnected: Uint8Array,
): Uint8Array {
  const message = callConnected.slice()
  message.fill(0, CERTIFICATE_HASH_OFFSET + hashBytes(hash), COMPOUND_MAC_OFFSET)
  message.fill(0, COMPOUND_MAC_OFFSET)
  return crypto.hmac(hash, compoundMacKey(crypto, hash, key), [message])
}

/** CMK: the first block of the PRF+ of §3.2.5.2.2, since it asks for no more; its length is little-endian there. */
function compoundMacKey(
  crypto: Pick<CryptoPort, 'hmac'>,
  hash: BindingHash,
  higherLayer: Uint8Array,
): Uint8Array {
  return crypto.hmac(hash, higherLayer, [SEED, Uint8Array.of(hashBytes(hash), 0, 1)])
}
