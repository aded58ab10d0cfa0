import { createHmac } from 'node:crypto'
import { asciiBytes, concatBytes, Writer } from '@causeway/wire'
import type { DataCipher } from './flow.ts'
import { isAead, openAead, sealAead, TAG_BYTES } from './memory-packet-cipher.ts'
import {
  authenticatedHeader,
  MALFORMED,
  type Opened,
  type PacketFormat,
  REPLAY,
  UNAUTHENTIC,
} from './memory-packet-format.ts'
import { ReplayWindow } from './memory-replay-window.ts'
import { CIPHER_KEYS, EPOCH_SECRET_BYTES } from './validate-key-slot.ts'

const PACKET_ID_BYTES = 8
const NONCE_BYTES = 12
const LAST_EPOCH = 0xffff
const LAST_COUNTER = 2 ** 48 - 1
/** How far ahead of the current epoch a packet may be (OpenVPN wire protocol: 16 or 32). */
const FUTURE_EPOCHS = 16
/** Blocks and packets under one AES-GCM key: q + s ≤ 2^36 (OpenVPN wire protocol, "epoch data channel keys"). */
const GCM_USAGE_LIMIT = 2 ** 36
const BLOCK_BYTES = 16

type AeadCipher = Parameters<typeof sealAead>[0]

/** The keys of one epoch in one direction. */
interface EpochKey {
  readonly epoch: number
  readonly secret: Uint8Array
  readonly key: Uint8Array
  readonly implicitIv: Uint8Array
}

/** Keys of an epoch that has received, with its own replay window. */
interface ReceiveEpoch extends EpochKey {
  readonly window: ReplayWindow
}

/**
 * OpenVPN 2.7's epoch format: header, 16-bit epoch and 48-bit counter, ciphertext, tag. Nonce =
 * packet id xor implicit IV; keys are ratcheted by OVPN-Expand-Label (HKDF-SHA256).
 */
export function createEpochFormat(
  cipher: DataCipher,
  sendSecret: Uint8Array,
  receiveSecret: Uint8Array,
): PacketFormat {
  if (!isAead(cipher)) throw new TypeError('not an AEAD cipher')
  const sender = new EpochSender(cipher, firstEpoch(cipher, sendSecret))
  const receiver = new EpochReceiver(cipher, firstEpoch(cipher, receiveSecret))
  return {
    seal: (header, plaintext) => sender.seal(header, plaintext),
    open(packet, headerLength) {
      const opened = receiver.open(packet, headerLength)
      sender.reach(receiver.epoch)
      return opened
    },
  }
}

class EpochSender {
  readonly #cipher: AeadCipher
  #current: EpochKey
  #counter = 0
  #usage = 0

  constructor(cipher: AeadCipher, first: EpochKey) {
    this.#cipher = cipher
    this.#current = first
  }

  seal(header: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
    if (!this.#makeRoom(plaintext.length)) return undefined
    const { epoch, key, implicitIv } = this.#current
    const id = new Writer(PACKET_ID_BYTES).u64((BigInt(epoch) << 48n) | BigInt(++this.#counter)).finish()
    const associated = concatBytes([authenticatedHeader(header), id])
    const { ciphertext, tag } = sealAead(this.#cipher, key, xorNonce(implicitIv, id), associated, plaintext)
    return concatBytes([header, id, ciphertext, tag])
  }

  /** Follows the peer to a later epoch, so that either side can retire a worn key. */
  reach(epoch: number): void {
    if (epoch > this.#current.epoch) this.#start(laterEpoch(this.#cipher, this.#current, epoch))
  }

  /** Moves to the next epoch when this one is used up; `false` when there is none. */
  #makeRoom(bytes: number): boolean {
    const usage = 1 + Math.ceil(bytes / BLOCK_BYTES)
    const worn = this.#cipher !== 'CHACHA20-POLY1305' && this.#usage + usage > GCM_USAGE_LIMIT
    if (worn || this.#counter === LAST_COUNTER) {
      if (this.#current.epoch === LAST_EPOCH) return false
      this.reach(this.#current.epoch + 1)
    }
    this.#usage += usage
    return true
  }

  #start(epoch: EpochKey): void {
    this.#current = epoch
    this.#counter = 0
    this.#usage = 0
  }
}

class EpochReceiver {
  readonly #cipher: AeadCipher
  #current: ReceiveEpoch
  #previous: ReceiveEpoch | undefined

  constructor(cipher: AeadCipher, first: EpochKey) {
    this.#cipher = cipher
    this.#current = { ...first, window: new ReplayWindow() }
  }

  get epoch(): number {
    return this.#current.epoch
  }

  open(packet: Uint8Array, headerLength: number): Opened {
    const start = headerLength + PACKET_ID_BYTES
    if (packet.length <= start + TAG_BYTES) return MALFORMED
    const id = packet.subarray(headerLength, start)
    const epoch = this.#epoch(new DataView(id.buffer, id.byteOffset, 2).getUint16(0))
    if (!epoch) return UNAUTHENTIC
    const associated = concatBytes([authenticatedHeader(packet.subarray(0, headerLength)), id])
    const sealed = { ciphertext: packet.subarray(start, -TAG_BYTES), tag: packet.subarray(-TAG_BYTES) }
    const payload = openAead(this.#cipher, epoch.key, xorNonce(epoch.implicitIv, id), associated, sealed)
    return payload ? this.#accept(epoch, counterOf(id), payload) : UNAUTHENTIC
  }

  /** The keys for an epoch: the current, the one before it in use, or one not too far ahead. */
  #epoch(epoch: number): ReceiveEpoch | undefined {
    if (epoch === this.#current.epoch) return this.#current
    if (epoch === this.#previous?.epoch) return this.#previous
    if (epoch < this.#current.epoch || epoch > this.#current.epoch + FUTURE_EPOCHS) return undefined
    return { ...laterEpoch(this.#cipher, this.#current, epoch), window: new ReplayWindow() }
  }

  #accept(epoch: ReceiveEpoch, counter: number, payload: Uint8Array): Opened {
    const verdict = epoch.window.accept(counter)
    if (verdict === 'replay') return REPLAY
    if (epoch.epoch > this.#current.epoch) {
      this.#previous = this.#current
      this.#current = epoch
    }
    return { type: 'payload', payload, newest: verdict === 'newest' && epoch === this.#current }
  }
}

function firstEpoch(cipher: AeadCipher, secret: Uint8Array): EpochKey {
  return epochKey(cipher, 1, secret)
}

/** E_N+1 = OVPN-Expand-Label(E_N, "datakey upd", "", 32), as often as it takes. */
function laterEpoch(cipher: AeadCipher, from: EpochKey, epoch: number): EpochKey {
  let { secret } = from
  for (let at = from.epoch; at < epoch; at++) secret = expandLabel(secret, 'datakey upd', EPOCH_SECRET_BYTES)
  return epochKey(cipher, epoch, secret)
}

function epochKey(cipher: AeadCipher, epoch: number, secret: Uint8Array): EpochKey {
  return {
    epoch,
    secret,
    key: expandLabel(secret, 'data_key', CIPHER_KEYS[cipher].keyBytes),
    implicitIv: expandLabel(secret, 'data_iv', NONCE_BYTES),
  }
}

/** OVPN-Expand-Label with an empty context: RFC 8446 §7.1 with the prefix "ovpn ". Up to 32 bytes. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const text = asciiBytes(`ovpn ${label}`)
  const info = new Writer().u16(length).u8(text.length).bytes(text).u8(0).finish()
  // HKDF-Expand (RFC 5869 §2.3): one block of SHA-256 is enough.
  const block = createHmac('sha256', secret).update(info).update(Uint8Array.of(1)).digest()
  return new Uint8Array(block.subarray(0, length))
}

function xorNonce(implicitIv: Uint8Array, packetId: Uint8Array): Uint8Array {
  return implicitIv.map((byte, i) => byte ^ (packetId[i] ?? 0))
}

function counterOf(packetId: Uint8Array): number {
  const view = new DataView(packetId.buffer, packetId.byteOffset, PACKET_ID_BYTES)
  return view.getUint16(2) * 2 ** 32 + view.getUint32(4)
}
