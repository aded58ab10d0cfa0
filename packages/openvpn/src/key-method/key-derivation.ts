import { type CryptoPort, HASH_BYTES } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import { DATA_CIPHERS, type DataCipher, type DataDigest, type DirectionKeys } from '../data-channel.ts'
import type { WrapRole } from '../wrap/control-wrap.ts'
import { type KeyHalf, keyHalves, STATIC_KEY_BYTES } from '../wrap/static-key.ts'
import type { KeySource } from './key-method-2.ts'

/** TLS exporter label of the data keys (RFC 5705), no context, {@link KEY_EXPANSION_BYTES}. */
export const DATA_KEY_LABEL = 'EXPORTER-OpenVPN-datakeys'
/** Key material of one key negotiation, by exporter or PRF: two halves like a static key's. */
export const KEY_EXPANSION_BYTES: number = STATIC_KEY_BYTES

const MASTER_LABEL = 'OpenVPN master secret'
const EXPANSION_LABEL = 'OpenVPN key expansion'
const MASTER_BYTES = 48
/** Part of an AEAD nonce that is never sent; the rest is the packet id. */
const IMPLICIT_IV_BYTES = 8
/** Secret of the first epoch (OpenVPN 2.7, epoch data format). */
const EPOCH_SECRET_BYTES = 32

/** What the old key derivation works on. */
export interface PrfInput {
  /** With its pre-master. */
  readonly client: Required<KeySource>
  readonly server: KeySource
  readonly clientSessionId: Uint8Array
  readonly serverSessionId: Uint8Array
}

/** What the key material is for. */
export interface DataKeyShape {
  readonly role: WrapRole
  readonly cipher: DataCipher
  /** For CBC ciphers. */
  readonly digest?: DataDigest
  readonly format: 'standard' | 'epoch'
}

/**
 * Key material by the PRF of TLS 1.0, for clients that cannot export keys from TLS (openvpn-rfc,
 * "Key derivation"). 256 bytes.
 */
export function expandKeysByPrf(crypto: CryptoPort, input: PrfInput): Uint8Array {
  const { client, server, clientSessionId, serverSessionId } = input
  const master = crypto.tls1Prf(
    client.preMaster,
    MASTER_LABEL,
    concatBytes([client.random1, server.random1]),
    MASTER_BYTES,
  )
  const seed = concatBytes([client.random2, server.random2, clientSessionId, serverSessionId])
  return crypto.tls1Prf(master, EXPANSION_LABEL, seed, KEY_EXPANSION_BYTES)
}

/**
 * Cuts 256 bytes of key material to the keys of both directions. The client sends with the first
 * half and the server with the second (the other way round than in tls-crypt). Errors: `RangeError`
 * when a CBC cipher has no digest, or the epoch format no AEAD cipher.
 */
export function sliceDataKeys(
  material: Uint8Array,
  shape: DataKeyShape,
): { readonly send: DirectionKeys; readonly receive: DirectionKeys } {
  const halves = keyHalves(material, shape.role === 'client' ? 0 : 1)
  return { send: sliceHalf(halves.send, shape), receive: sliceHalf(halves.receive, shape) }
}

function sliceHalf(half: KeyHalf, { cipher, digest, format }: DataKeyShape): DirectionKeys {
  const { kind, keyBytes } = DATA_CIPHERS[cipher]
  if (format === 'epoch') {
    if (kind !== 'aead') throw new RangeError('the epoch format wants an AEAD cipher')
    return { cipherKey: half.cipher.slice(0, EPOCH_SECRET_BYTES), authKey: new Uint8Array(0) }
  }
  const cipherKey = half.cipher.slice(0, keyBytes)
  if (kind === 'aead') return { cipherKey, authKey: half.hmac.slice(0, IMPLICIT_IV_BYTES) }
  if (!digest) throw new RangeError('a CBC cipher wants a digest')
  return { cipherKey, authKey: half.hmac.slice(0, HASH_BYTES[digest]) }
}
