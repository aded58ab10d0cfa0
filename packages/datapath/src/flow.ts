import type { Endpoint } from '@causeway/wire'
import type { KeyId, PortId, StreamId } from './ids.ts'

/** Where a flow's packets come from and go to. */
export type FlowPath =
  | { readonly type: 'udp'; readonly port: PortId; readonly remote: Endpoint }
  | { readonly type: 'stream'; readonly stream: StreamId }

/** A flow of the OpenVPN data channel. */
export interface FlowOptions {
  readonly path: FlowPath
  /** 24-bit peer-id of P_DATA_V2; absent: P_DATA_V1, and the flow is found by its path. */
  readonly peerId?: number
  /** TCP segments are clamped (MSS, both directions) so that an inner IP packet has at most these bytes. */
  readonly clampBytes: number
  /** Send OpenVPN's ping payload after so many seconds without a packet sent. 0: never. */
  readonly pingIntervalSeconds: number
  /** Raise `idle` after so many seconds without an authentic packet received. 0: never. */
  readonly idleTimeoutSeconds: number
}

/** Data channel ciphers. */
export type DataCipher =
  | 'AES-128-GCM'
  | 'AES-192-GCM'
  | 'AES-256-GCM'
  | 'CHACHA20-POLY1305'
  | 'AES-128-CBC'
  | 'AES-192-CBC'
  | 'AES-256-CBC'

/** HMAC of the CBC ciphers. */
export type DataDigest = 'SHA1' | 'SHA256' | 'SHA512'

/** The framing that compression leaves behind when it is never used. */
export type CompressionFraming =
  /** No framing. */
  | 'none'
  /** `comp-lzo no`: one leading byte 0xfa. */
  | 'lzo-stub'
  /** `compress stub`: leading byte 0xfb, the payload's first byte moved to its end. */
  | 'stub'
  /** `compress stub-v2`: 0x50 0x00 only before a payload that begins with 0x50. */
  | 'stub-v2'

/** One direction's keys. AEAD: `authKey` is the 8-byte implicit IV. CBC: it is the HMAC key. */
export interface DirectionKeys {
  readonly cipherKey: Uint8Array
  readonly authKey: Uint8Array
}

/** Keys for one key id: the standard data channel, or OpenVPN 2.7's epoch format. */
export interface OpenVpnKeySlot {
  readonly keyId: KeyId
  readonly cipher: DataCipher
  /** Only for CBC. */
  readonly digest?: DataDigest
  /**
   * `standard`: 32-bit packet id, tag before the ciphertext. `epoch`: 64-bit packet id with a
   * 16-bit epoch, tag at the end, keys ratcheted by HKDF; then `cipherKey` is the 32-byte epoch
   * secret and `authKey` is empty.
   */
  readonly format: 'standard' | 'epoch'
  readonly send: DirectionKeys
  readonly receive: DirectionKeys
  readonly compression: CompressionFraming
  /** Raise `soft-limit` once after so many packets sent or received with this slot. 0: never. */
  readonly packetLimit: number
  /** Raise `soft-limit` once after so many bytes sent or received with this slot. 0: never. */
  readonly byteLimit: number
}

/** Counts since the flow was opened. Bytes are inner bytes. */
export interface FlowCounters {
  readonly packetsReceived: number
  readonly bytesReceived: number
  readonly packetsSent: number
  readonly bytesSent: number
  /** Tag or HMAC did not verify. */
  readonly authenticationFailures: number
  /** Authentic, but seen before or older than the replay window. */
  readonly replays: number
  /** Authentic, but the inner source is not routed to this flow. */
  readonly sourceViolations: number
  /** Authentic, for another client while the switch is off, or not an IP packet. */
  readonly refused: number
  /** Not sent: no key, or the stream's queue or the socket was full. */
  readonly sendDrops: number
}
