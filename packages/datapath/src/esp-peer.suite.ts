import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { parseIpPrefix, prefixSelector, type TrafficSelector } from '@causeway/wire'
import type { EspCipher, EspIntegrity, EspKeys, EspSa } from './flow.ts'

/*
 * The far end of ESP, written for the suite from RFC 4303, RFC 4106, RFC 3602 and RFC 4868 and apart
 * from both implementations, so that they cannot share a mistake with their judge.
 */

/** What a test fixes about a pair of SAs. */
export interface EspChannel {
  readonly cipher: EspCipher
  readonly integrity?: EspIntegrity
  readonly extendedSequence: boolean
  /** By which the datapath receives. */
  readonly spi: number
  /** To which it sends. */
  readonly sendSpi: number
}

/** Both directions, as the datapath under test sees them. */
export interface EspChannelKeys {
  readonly send: EspKeys
  readonly receive: EspKeys
}

/** What the datapath sent, opened. */
export interface OpenedEsp {
  readonly spi: number
  /** The 32 bits in the packet. */
  readonly sequence: number
  readonly nextHeader: number
  readonly padding: Uint8Array
  readonly payload: Uint8Array
}

/** Hash, key bytes and ICV bytes. */
const HMAC = {
  'HMAC-SHA1-96': ['sha1', 20, 12],
  'HMAC-SHA256-128': ['sha256', 32, 16],
  'HMAC-SHA384-192': ['sha384', 48, 24],
  'HMAC-SHA512-256': ['sha512', 64, 32],
} as const

/** Keys filled from a seed byte, so that a failing test can be repeated. */
export function makeEspKeys({ cipher, integrity }: EspChannel, seed = 1): EspChannelKeys {
  const direction = (from: number): EspKeys => ({
    cipherKey: Uint8Array.from({ length: Number(cipher.slice(-3)) / 8 }, (_, i) => (from + 7 * i) & 0xff),
    integrityKey: Uint8Array.from(
      { length: integrity ? HMAC[integrity][1] : 4 },
      (_, i) => (from + 101 + 3 * i) & 0xff,
    ),
  })
  return { send: direction(seed), receive: direction(seed + 128) }
}

/** A selector of a network or address. */
export function selector(text: string, more: Partial<TrafficSelector> = {}): TrafficSelector {
  const prefix = parseIpPrefix(text)
  if (!prefix) throw new TypeError(`not a prefix: ${text}`)
  return { ...prefixSelector(prefix), ...more }
}

/** Selectors that hold everything. */
export const EVERYTHING: readonly TrafficSelector[] = [selector('0.0.0.0/0'), selector('::/0')]

/** The pair to install for a channel. */
export function makeSa(channel: EspChannel, keys: EspChannelKeys, more: Partial<EspSa> = {}): EspSa {
  const { cipher, integrity, extendedSequence, spi, sendSpi } = channel
  return {
    keyId: spi,
    sendSpi,
    cipher,
    ...(integrity ? { integrity } : {}),
    extendedSequence,
    replayWindow: 64,
    ...keys,
    selectors: { local: EVERYTHING, remote: EVERYTHING },
    packetLimit: 0,
    byteLimit: 0,
    hardPacketLimit: 0,
    hardByteLimit: 0,
    ...more,
  }
}

/** Pads an inner packet as RFC 4303 §2.4 says. */
export function espPlaintext(channel: EspChannel, payload: Uint8Array, nextHeader?: number): Uint8Array {
  const block = channel.integrity ? 16 : 4
  const padLength = (block - ((payload.length + 2) % block)) % block
  const padding = Array.from({ length: padLength }, (_, i) => i + 1)
  const version = (payload[0] ?? 0) >> 4
  return Uint8Array.from([...payload, ...padding, padLength, nextHeader ?? (version === 6 ? 41 : 4)])
}

/** Encrypts what the datapath is to receive, under a sequence number of up to 53 bits. */
export function sealEsp(
  channel: EspChannel,
  keys: EspKeys,
  sequence: number,
  plaintext: Uint8Array,
): Uint8Array {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(channel.spi)
  header.writeUInt32BE(sequence % 2 ** 32, 4)
  if (channel.integrity) return sealCbcEsp(channel, channel.integrity, keys, sequence, header, plaintext)
  const iv = randomBytes(8)
  const cipher = createCipheriv(gcmName(channel), keys.cipherKey, Buffer.concat([keys.integrityKey, iv]))
  cipher.setAAD(associated(channel, header, sequence))
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return new Uint8Array(Buffer.concat([header, iv, sealed, cipher.getAuthTag()]))
}

function sealCbcEsp(
  channel: EspChannel,
  integrity: EspIntegrity,
  keys: EspKeys,
  sequence: number,
  header: Buffer,
  plaintext: Uint8Array,
): Uint8Array {
  const iv = randomBytes(16)
  const cipher = createCipheriv(cbcName(channel), keys.cipherKey, iv).setAutoPadding(false)
  const packet = Buffer.concat([header, iv, cipher.update(plaintext), cipher.final()])
  return new Uint8Array(Buffer.concat([packet, icv(channel, integrity, keys, packet, sequence)]))
}

/** Opens what the datapath sent. Throws when it does not verify: then the test fails. */
export function openEsp(channel: EspChannel, keys: EspKeys, packet: Uint8Array, highBits = 0): OpenedEsp {
  const bytes = Buffer.from(packet)
  const [spi, low] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)]
  const sequence = highBits * 2 ** 32 + low
  const plaintext = channel.integrity
    ? openCbcEsp(channel, channel.integrity, keys, sequence, bytes)
    : openGcmEsp(channel, keys, sequence, bytes)
  const padLength = plaintext.at(-2) as number
  return {
    spi,
    sequence: low,
    nextHeader: plaintext.at(-1) as number,
    padding: new Uint8Array(plaintext.subarray(plaintext.length - 2 - padLength, -2)),
    payload: new Uint8Array(plaintext.subarray(0, plaintext.length - 2 - padLength)),
  }
}

function openGcmEsp(channel: EspChannel, keys: EspKeys, sequence: number, packet: Buffer): Buffer {
  const nonce = Buffer.concat([keys.integrityKey, packet.subarray(8, 16)])
  const cipher = createDecipheriv(gcmName(channel), keys.cipherKey, nonce)
  cipher.setAAD(associated(channel, packet.subarray(0, 8), sequence))
  cipher.setAuthTag(packet.subarray(-16))
  return Buffer.concat([cipher.update(packet.subarray(16, -16)), cipher.final()])
}

function openCbcEsp(
  channel: EspChannel,
  integrity: EspIntegrity,
  keys: EspKeys,
  sequence: number,
  packet: Buffer,
): Buffer {
  const icvBytes = HMAC[integrity][2]
  const covered = packet.subarray(0, -icvBytes)
  if (!icv(channel, integrity, keys, covered, sequence).equals(packet.subarray(-icvBytes)))
    throw new Error('ICV differs')
  const cipher = createDecipheriv(cbcName(channel), keys.cipherKey, covered.subarray(8, 24))
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(covered.subarray(24)), cipher.final()])
}

function gcmName({ cipher }: EspChannel): 'aes-128-gcm' {
  return `aes-${cipher.slice(-3)}-gcm` as 'aes-128-gcm'
}

function cbcName({ cipher }: EspChannel): string {
  return `aes-${cipher.slice(-3)}-cbc`
}

/** SPI and the sequence number, whole. */
function associated({ extendedSequence }: EspChannel, header: Buffer, sequence: number): Buffer {
  return extendedSequence
    ? Buffer.concat([header.subarray(0, 4), highHalf(sequence), header.subarray(4)])
    : header
}

function icv(
  { extendedSequence }: EspChannel,
  integrity: EspIntegrity,
  keys: EspKeys,
  covered: Buffer,
  sequence: number,
): Buffer {
  const [hash, , icvBytes] = HMAC[integrity]
  const hmac = createHmac(hash, keys.integrityKey).update(covered)
  if (extendedSequence) hmac.update(highHalf(sequence))
  return hmac.digest().subarray(0, icvBytes)
}

function highHalf(sequence: number): Buffer {
  const half = Buffer.alloc(4)
  half.writeUInt32BE(Math.floor(sequence / 2 ** 32))
  return half
}
