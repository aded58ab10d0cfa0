import { concatBytes, Writer } from '@causeway/wire'
import type { DataCipher, DataDigest, DirectionKeys } from './flow.ts'
import { isAead, openAead, openCbc, sealAead, sealCbc, TAG_BYTES } from './memory-packet-cipher.ts'
import {
  authenticatedHeader,
  MALFORMED,
  type Opened,
  type PacketFormat,
  REPLAY,
  UNAUTHENTIC,
} from './memory-packet-format.ts'
import { ReplayWindow } from './memory-replay-window.ts'

const PACKET_ID_BYTES = 4
/** A key is used up when its 32-bit packet id is. */
const LAST_PACKET_ID = 0xffffffff

/** The keys of a standard data channel. */
export interface StandardKeys {
  readonly send: DirectionKeys
  readonly receive: DirectionKeys
}

/**
 * The standard format with a 32-bit packet id.
 * AEAD: header, packet id, tag, ciphertext; nonce = packet id, implicit IV.
 */
export function createAeadFormat(cipher: DataCipher, keys: StandardKeys): PacketFormat {
  if (!isAead(cipher)) throw new TypeError('not an AEAD cipher')
  const { send, receive } = keys
  const ids = new PacketIds()
  return {
    seal(header, plaintext) {
      const id = ids.next()
      if (!id) return undefined
      const associated = concatBytes([authenticatedHeader(header), id])
      const nonce = concatBytes([id, send.authKey])
      const { ciphertext, tag } = sealAead(cipher, send.cipherKey, nonce, associated, plaintext)
      return concatBytes([header, id, tag, ciphertext])
    },
    open(packet, headerLength) {
      const tagAt = headerLength + PACKET_ID_BYTES
      const ciphertext = packet.subarray(tagAt + TAG_BYTES)
      if (ciphertext.length === 0) return MALFORMED
      const id = packet.subarray(headerLength, tagAt)
      const associated = concatBytes([authenticatedHeader(packet.subarray(0, headerLength)), id])
      const nonce = concatBytes([id, receive.authKey])
      const tag = packet.subarray(tagAt, tagAt + TAG_BYTES)
      const payload = openAead(cipher, receive.cipherKey, nonce, associated, { ciphertext, tag })
      return payload ? ids.accept(id, payload) : UNAUTHENTIC
    },
  }
}

/** CBC: header, HMAC, IV, then encrypted: packet id, payload. The HMAC covers IV and ciphertext only. */
export function createCbcFormat(cipher: DataCipher, digest: DataDigest, keys: StandardKeys): PacketFormat {
  const { send, receive } = keys
  const ids = new PacketIds()
  return {
    seal(header, plaintext) {
      const id = ids.next()
      if (!id) return undefined
      const body = sealCbc(cipher, digest, send.cipherKey, send.authKey, concatBytes([id, plaintext]))
      return concatBytes([header, body])
    },
    open(packet, headerLength) {
      const body = packet.subarray(headerLength)
      const opened = openCbc(cipher, digest, receive.cipherKey, receive.authKey, body)
      if (opened === 'malformed') return MALFORMED
      if (opened === 'unauthentic') return UNAUTHENTIC
      if (opened.length <= PACKET_ID_BYTES) return MALFORMED
      return ids.accept(opened.subarray(0, PACKET_ID_BYTES), opened.subarray(PACKET_ID_BYTES))
    },
  }
}

/** 32-bit packet ids: 1, 2, … for sending, and the window of those received. */
class PacketIds {
  readonly #received = new ReplayWindow()
  #sent = 0

  next(): Uint8Array | undefined {
    if (this.#sent === LAST_PACKET_ID) return undefined
    return new Writer(PACKET_ID_BYTES).u32(++this.#sent).finish()
  }

  accept(id: Uint8Array, payload: Uint8Array): Opened {
    const verdict = this.#received.accept(new DataView(id.buffer, id.byteOffset, id.length).getUint32(0))
    return verdict === 'replay' ? REPLAY : { type: 'payload', payload, newest: verdict === 'newest' }
  }
}
