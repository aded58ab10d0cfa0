import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { DataCipher, DataDigest, OpenVpnKeySlot } from './flow.ts'
import type { OpenVpnKeyId } from './ids.ts'

/*
 * The far end of the data channel, written for the suite from OpenVPN's wire protocol and apart
 * from both implementations, so that they cannot share a mistake with their judge.
 */

/** What a test fixes about a channel. */
export interface Channel {
  readonly cipher: DataCipher
  readonly digest?: DataDigest
  readonly format: 'standard' | 'epoch'
  readonly keyId: OpenVpnKeyId
  /** Absent: P_DATA_V1. */
  readonly peerId?: number
}

/** Keys of one direction. */
export interface PeerKeys {
  readonly cipherKey: Uint8Array
  readonly authKey: Uint8Array
}

/** Both directions, as the datapath under test sees them. */
export interface ChannelKeys {
  readonly send: PeerKeys
  readonly receive: PeerKeys
}

const KEY_BYTES = { '128': 16, '192': 24, '256': 32 } as const
const MAC_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 } as const

function keyBytes(cipher: DataCipher): number {
  const bits = /(128|192|256)-/.exec(cipher)?.[1] as keyof typeof KEY_BYTES | undefined
  return bits === undefined ? 32 : KEY_BYTES[bits]
}

/** Keys filled from a seed byte, so that a failing test can be repeated. */
export function makeKeys(channel: Channel, seed = 1): ChannelKeys {
  const direction = (from: number): PeerKeys => {
    const cipherKey = new Uint8Array(channel.format === 'epoch' ? 32 : keyBytes(channel.cipher))
    const standardAuth = channel.digest ? MAC_BYTES[channel.digest] : 8
    const authKey = new Uint8Array(channel.format === 'epoch' ? 0 : standardAuth)
    return {
      cipherKey: cipherKey.map((_, i) => (from + 7 * i) & 0xff),
      authKey: authKey.map((_, i) => (from + 101 + 3 * i) & 0xff),
    }
  }
  return { send: direction(seed), receive: direction(seed + 128) }
}

/** The slot to install for a channel. */
export function makeSlot(
  channel: Channel,
  keys: ChannelKeys,
  more: Partial<OpenVpnKeySlot> = {},
): OpenVpnKeySlot {
  const { cipher, digest, format, keyId } = channel
  const base = { keyId, cipher, format, ...keys, compression: 'none', packetLimit: 0, byteLimit: 0 } as const
  return { ...base, ...(digest ? { digest } : {}), ...more }
}

function header({ keyId, peerId }: Channel): Buffer {
  const head = Buffer.alloc(peerId === undefined ? 1 : 4)
  if (peerId !== undefined) head.writeUInt32BE(peerId)
  head[0] = ((peerId === undefined ? 6 : 9) << 3) | keyId
  return head
}

/** Encrypts what the datapath is to receive. `packetId` counts from 1; `epoch` too. */
export function sealPacket(
  channel: Channel,
  keys: PeerKeys,
  packetId: number,
  payload: Uint8Array,
  epoch = 1,
): Uint8Array {
  const head = header(channel)
  if (channel.digest) return sealCbcPacket(channel, channel.digest, keys, packetId, payload, head)
  const { id, key, nonce } = aeadInput(channel, keys, packetId, epoch)
  const cipher = createCipheriv(channel.cipher.toLowerCase() as 'aes-128-gcm', key, nonce, {
    authTagLength: 16,
  })
  const associated = channel.peerId === undefined ? id : Buffer.concat([head, id])
  cipher.setAAD(associated, { plaintextLength: payload.length })
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()])
  const tag = cipher.getAuthTag()
  const body = channel.format === 'epoch' ? [ciphertext, tag] : [tag, ciphertext]
  return new Uint8Array(Buffer.concat([head, id, ...body]))
}

function sealCbcPacket(
  channel: Channel,
  digest: DataDigest,
  keys: PeerKeys,
  packetId: number,
  payload: Uint8Array,
  head: Buffer,
): Uint8Array {
  const iv = randomBytes(16)
  const id = Buffer.alloc(4)
  id.writeUInt32BE(packetId)
  const cipher = createCipheriv(channel.cipher.toLowerCase(), keys.cipherKey, iv)
  const sealed = Buffer.concat([iv, cipher.update(id), cipher.update(payload), cipher.final()])
  const mac = createHmac(digest, keys.authKey).update(sealed).digest()
  return new Uint8Array(Buffer.concat([head, mac, sealed]))
}

/** What the datapath sent, decrypted. Throws when it does not verify: then the test fails. */
export function openPacket(
  channel: Channel,
  keys: PeerKeys,
  packet: Uint8Array,
): { readonly packetId: number; readonly epoch: number; readonly payload: Uint8Array } {
  const bytes = Buffer.from(packet)
  const head = header(channel)
  if (!bytes.subarray(0, head.length).equals(head))
    throw new Error(`unexpected header ${bytes.toString('hex', 0, 4)}`)
  const body = bytes.subarray(head.length)
  if (channel.digest) return openCbcPacket(channel, channel.digest, keys, body)
  const standard = channel.format === 'standard'
  const epoch = standard ? 1 : body.readUInt16BE(0)
  const packetId = standard ? body.readUInt32BE(0) : body.readUIntBE(2, 6)
  const { id, key, nonce } = aeadInput(channel, keys, packetId, epoch)
  const cipher = createDecipheriv(channel.cipher.toLowerCase() as 'aes-128-gcm', key, nonce, {
    authTagLength: 16,
  })
  const rest = body.subarray(id.length)
  const [tag, ciphertext] = standard
    ? [rest.subarray(0, 16), rest.subarray(16)]
    : [rest.subarray(-16), rest.subarray(0, -16)]
  const associated = channel.peerId === undefined ? id : Buffer.concat([head, id])
  cipher.setAAD(associated, { plaintextLength: ciphertext.length })
  cipher.setAuthTag(tag)
  return {
    packetId,
    epoch,
    payload: new Uint8Array(Buffer.concat([cipher.update(ciphertext), cipher.final()])),
  }
}

function openCbcPacket(channel: Channel, digest: DataDigest, keys: PeerKeys, body: Buffer) {
  const mac = body.subarray(0, MAC_BYTES[digest])
  const sealed = body.subarray(MAC_BYTES[digest])
  if (!createHmac(digest, keys.authKey).update(sealed).digest().equals(mac)) throw new Error('HMAC differs')
  const cipher = createDecipheriv(channel.cipher.toLowerCase(), keys.cipherKey, sealed.subarray(0, 16))
  const opened = Buffer.concat([cipher.update(sealed.subarray(16)), cipher.final()])
  return { packetId: opened.readUInt32BE(0), epoch: 1, payload: new Uint8Array(opened.subarray(4)) }
}

function aeadInput(channel: Channel, keys: PeerKeys, packetId: number, epoch: number) {
  if (channel.format === 'standard') {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(packetId)
    return { id, key: keys.cipherKey, nonce: Buffer.concat([id, keys.authKey]) }
  }
  const id = Buffer.alloc(8)
  id.writeUInt16BE(epoch)
  id.writeUIntBE(packetId, 2, 6)
  let secret = keys.cipherKey
  for (let at = 1; at < epoch; at++) secret = expandLabel(secret, 'datakey upd', 32)
  const nonce = expandLabel(secret, 'data_iv', 12)
  for (const [i, byte] of id.entries()) nonce[i] = (nonce[i] as number) ^ byte
  return { id, key: expandLabel(secret, 'data_key', keyBytes(channel.cipher)), nonce }
}

/** HKDF-Expand alone, which node:crypto does not offer: T(1) for one block, from its definition. */
function expandLabel(secret: Uint8Array, label: string, length: number): Uint8Array {
  const text = Buffer.from(`ovpn ${label}`)
  const info = Buffer.concat([Buffer.from([0, length, text.length]), text, Buffer.from([0, 1])])
  return new Uint8Array(createHmac('sha256', secret).update(info).digest().subarray(0, length))
}
