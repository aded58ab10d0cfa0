import { HASH_BYTES } from '@causeway/crypto'
import { concatBytes, Reader, Writer } from '@causeway/wire'
import {
  CONTROL_HEADER_BYTES,
  MAX_CONTROL_PACKET_BYTES,
  readControlPacket,
  writeControlBody,
  writeControlHeader,
} from '../wire/control-packet.ts'
import type { ControlWrap, PacketStamp, WrapKeyOptions } from './control-wrap.ts'
import { unwrapped } from './control-wrap.ts'
import { type KeyDirection, keyHalves } from './static-key.ts'

/** HMAC of tls-auth: the client's `auth` option. */
export type TlsAuthDigest = 'SHA1' | 'SHA256' | 'SHA512'

/** Bytes of packet id and net time. */
export const STAMP_BYTES = 8

export interface TlsAuthOptions extends Omit<WrapKeyOptions, 'role'> {
  readonly digest: TlsAuthDigest
  /** This side's `key-direction`; a server's is usually 0 and its clients' 1. */
  readonly direction: KeyDirection
}

/**
 * tls-auth: an HMAC over every control packet, in the clear (openvpn-rfc, "tls-auth").
 *
 * ```
 * on the wire:  header 9 | HMAC | packet id 32, net time 32 | rest
 * under HMAC:   packet id 32, net time 32 | header 9 | rest
 * ```
 */
export function createTlsAuth({ crypto, staticKey, digest, direction }: TlsAuthOptions): ControlWrap {
  const length = HASH_BYTES[digest]
  const halves = keyHalves(staticKey, direction)
  const sendKey = halves.send.hmac.slice(0, length)
  const receiveKey = halves.receive.hmac.slice(0, length)
  return {
    kind: 'tls-auth',
    staticKey,
    overheadBytes: () => length + STAMP_BYTES,
    wrap: (packet, stamp) => {
      const header = writeControlHeader(packet)
      const stampBytes = writeStamp(stamp)
      const body = writeControlBody(packet)
      const tag = crypto.hmac(digest, sendKey, [stampBytes, header, body])
      return concatBytes([header, tag, stampBytes, body])
    },
    unwrap: bytes => {
      const start = CONTROL_HEADER_BYTES + length
      if (bytes.length < start + STAMP_BYTES || bytes.length > MAX_CONTROL_PACKET_BYTES)
        return { type: 'fault', reason: 'malformed' }
      const header = bytes.subarray(0, CONTROL_HEADER_BYTES)
      const stampBytes = bytes.subarray(start, start + STAMP_BYTES)
      const body = bytes.subarray(start + STAMP_BYTES)
      const expected = crypto.hmac(digest, receiveKey, [stampBytes, header, body])
      if (!crypto.equal(expected, bytes.subarray(CONTROL_HEADER_BYTES, start)))
        return { type: 'fault', reason: 'authentication' }
      return unwrapped(readControlPacket(concatBytes([header, body])), readStamp(stampBytes))
    },
  }
}

/** The 8 bytes of a stamp. */
export function writeStamp(stamp: PacketStamp): Uint8Array {
  return new Writer(STAMP_BYTES).u32(stamp.packetId).u32(stamp.netTime).finish()
}

/** Reads the 8 bytes of a stamp. */
export function readStamp(bytes: Uint8Array): PacketStamp {
  const reader = new Reader(bytes)
  return { packetId: reader.u32('packet id'), netTime: reader.u32('net time') }
}
