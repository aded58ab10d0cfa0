import type { Endpoint, IpAddress, TrafficSelector } from '@causeway/wire'
import type { OpenVpnKeyId, PortId, StreamId } from './ids.ts'

/** Where a flow's packets come from and go to. A raw ESP port counts as `udp` with port numbers of 0. */
export type FlowPath =
  | {
      readonly type: 'udp'
      readonly port: PortId
      readonly remote: Endpoint
      /** Our own address to send from, as with {@link OutgoingDatagram}. Absent: the kernel's choice. */
      readonly local?: IpAddress
    }
  | { readonly type: 'stream'; readonly stream: StreamId }

export type FlowOptions = OpenVpnFlowOptions | EspFlowOptions | SstpFlowOptions

/**
 * A flow of SSTP: IP packets in PPP frames in SSTP data packets. It has no keys; it carries from the moment it is
 * open. IP that comes on its stream before is dropped, counted as `unknownFlow`.
 */
export interface SstpFlowOptions {
  readonly protocol: 'sstp'
  /** A stream of framing `sstp`, which carries one flow. */
  readonly path: FlowPath
  /** As with {@link EspFlowOptions}. */
  readonly clampBytes: number
  /** As with {@link EspFlowOptions}, at most 4087: an SSTP packet has 4095 bytes. */
  readonly innerMtu: number
  /** PPP's address and control fields are left out of what is sent (RFC 1661 §6.6). Either is taken. */
  readonly compressAddressControl: boolean
  /** PPP's protocol field is one byte in what is sent (RFC 1661 §6.5). Either is taken. */
  readonly compressProtocol: boolean
  /** Raise `idle` after so many seconds without anything received on the stream. 0: never. */
  readonly idleTimeoutSeconds: number
}

/** A flow of ESP (RFC 4303, tunnel mode): a Child SA and those that follow it. */
export interface EspFlowOptions {
  readonly protocol: 'esp'
  /**
   * Who is at the far end: decides to which flows its packets may go ({@link DatapathSettings}). A site has routers,
   * whose ICMP errors pass the limits of others' flows as the host's do ({@link Datapath.limitFlow}). Absent: a client.
   */
  readonly peer?: 'client' | 'site'
  /** Over a port of protocol `ike-esp` (UDP encapsulation, RFC 3948) or `esp` (raw). */
  readonly path: FlowPath
  /** TCP segments are clamped (MSS, both directions) so that an inner IP packet has at most these bytes. */
  readonly clampBytes: number
  /**
   * Largest inner packet that fits the path, 576 to 9000. A larger one from the host is fragmented before
   * it is encrypted where it may be (IPv4 without DF); else it is dropped, counted as `sendDrops`, and the host
   * is told (ICMP "fragmentation needed", ICMPv6 "packet too big") from the address that it wrote to, up to
   * ten times a second. Another client that sent it is told through its own flow. For IPv6 at least 1280
   * (RFC 8200 §5) counts.
   */
  readonly innerMtu: number
  /** Raise `idle` after so many seconds without an authentic packet received. 0: never. */
  readonly idleTimeoutSeconds: number
}

/** A flow of the OpenVPN data channel. */
export interface OpenVpnFlowOptions {
  readonly protocol?: 'openvpn'

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
  readonly keyId: OpenVpnKeyId
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

/** ESP ciphers: RFC 4106 with a 16-byte tag, and RFC 3602. */
export type EspCipher =
  | 'AES-GCM-128'
  | 'AES-GCM-192'
  | 'AES-GCM-256'
  | 'AES-CBC-128'
  | 'AES-CBC-192'
  | 'AES-CBC-256'

/** Integrity of AES-CBC, with its truncation: RFC 2404 and RFC 4868. */
export type EspIntegrity = 'HMAC-SHA1-96' | 'HMAC-SHA256-128' | 'HMAC-SHA384-192' | 'HMAC-SHA512-256'

/** One direction's keys. GCM: `cipherKey` without the salt, `integrityKey` the 4-byte salt. */
export interface EspKeys {
  readonly cipherKey: Uint8Array
  readonly integrityKey: Uint8Array
}

/** A pair of ESP SAs, one for each direction. */
export interface EspSa {
  /** SPI of what is received: ours, unique in the datapath, above 255. It names the pair in all calls. */
  readonly keyId: number
  /** SPI of what is sent: the peer's. */
  readonly sendSpi: number
  readonly cipher: EspCipher
  /** Only for AES-CBC. */
  readonly integrity?: EspIntegrity
  /** 64-bit sequence numbers (RFC 4304). */
  readonly extendedSequence: boolean
  /** Sequence numbers that may come late: 32 to 1024. */
  readonly replayWindow: number
  readonly send: EspKeys
  readonly receive: EspKeys
  /**
   * An inner packet passes when its near end (ours) and its far end (the peer's) each match one of these, 1 to
   * 255 a side. Ports are those of TCP, UDP, UDP-Lite, SCTP and DCCP; of ICMP, type‖code stands for both
   * ends' port. Where a packet shows none (another protocol, a later fragment), only 0–65535 matches.
   */
  readonly selectors: {
    readonly local: readonly TrafficSelector[]
    readonly remote: readonly TrafficSelector[]
  }
  /** Raise `soft-limit` once after so many packets or bytes sent and received together. 0: never. */
  readonly packetLimit: number
  readonly byteLimit: number
  /**
   * Carry nothing more, in either direction, after so many; the last one raises `hard-limit`. 0: only when the
   * last sequence number is sent, and then receiving goes on.
   */
  readonly hardPacketLimit: number
  readonly hardByteLimit: number
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
  /** Authentic, but no route to this flow would take an answer, or the SA's selectors do not hold it. */
  readonly sourceViolations: number
  /**
   * Authentic, but for another flow while the switch is off, to where the flow's limit does not reach, not an IP
   * packet, or past the SA's hard limit.
   */
  readonly refused: number
  /** Not sent: no key or a used-up one, refused by selectors or limit, too large, or the queue or socket was full. */
  readonly sendDrops: number
  /** Of `sourceViolations`, those that the SA's selectors do not hold. */
  readonly selectorMismatchesReceived: number
  /** Of `sendDrops`, those that the SA's selectors do not hold. */
  readonly selectorMismatchesSent: number
  /**
   * Of `refused` and `sendDrops`, those that could not be translated: by a dynamic rule from the side that may not begin,
   * of a protocol that it does not know, with no port left; or for a translated host under its internal address.
   */
  readonly natDrops: number
}
