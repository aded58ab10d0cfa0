import { Reader } from '@causeway/wire'
import type { OpenVpnKeyId } from './ids.ts'

/** What became of a received packet under a key slot. */
export type Opened =
  | { readonly type: 'payload'; readonly payload: Uint8Array; readonly newest: boolean }
  | { readonly type: 'malformed' }
  | { readonly type: 'unauthentic' }
  | { readonly type: 'replay' }
  /** Authentic, made only to hide traffic (RFC 4303 §2.6). */
  | { readonly type: 'dummy'; readonly newest: boolean }
  /** Authentic, but the SA's hard limit was reached before. */
  | { readonly type: 'spent'; readonly newest: boolean }

/** One direction pair of keys in one packet format. */
export interface PacketFormat {
  /** The whole packet, or `undefined` when the key's packet ids are used up. */
  seal(header: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined
  /** Opens a packet whose header (opcode, and peer-id for P_DATA_V2) has `headerLength` bytes. */
  open(packet: Uint8Array, headerLength: number): Opened
}

export const MALFORMED: Opened = { type: 'malformed' }
export const UNAUTHENTIC: Opened = { type: 'unauthentic' }
export const REPLAY: Opened = { type: 'replay' }

/** P_DATA_V1: opcode and key id. */
export const OPCODE_DATA_V1 = 6
/** P_DATA_V2: opcode, key id and 24-bit peer-id. */
export const OPCODE_DATA_V2 = 9
export const V1_HEADER_BYTES = 1
export const V2_HEADER_BYTES = 4
const FIRST_OPCODE = 1
/** P_CONTROL_WKC_V1. */
const LAST_OPCODE = 11

/** What the first byte says: data of either version, a control packet, or neither. */
export function packetKind(packet: Uint8Array): 'data-v1' | 'data-v2' | 'control' | 'unknown' {
  const opcode = (packet[0] ?? 0) >> 3
  if (opcode === OPCODE_DATA_V1) return 'data-v1'
  if (opcode === OPCODE_DATA_V2) return 'data-v2'
  return opcode >= FIRST_OPCODE && opcode <= LAST_OPCODE ? 'control' : 'unknown'
}

/** The low three bits of the first byte. */
export function packetKeyId(packet: Uint8Array): OpenVpnKeyId {
  return ((packet[0] as number) & 7) as OpenVpnKeyId
}

/** The peer-id of P_DATA_V2; `undefined` when the packet is too short for one. */
export function packetPeerId(packet: Uint8Array): number | undefined {
  if (packet.length < V2_HEADER_BYTES) return undefined
  return new Reader(packet, 1).u24('peer-id')
}

/** The header of a data packet to send. */
export function dataHeader(keyId: OpenVpnKeyId, peerId: number | undefined): Uint8Array {
  if (peerId === undefined) return Uint8Array.of((OPCODE_DATA_V1 << 3) | keyId)
  return Uint8Array.of((OPCODE_DATA_V2 << 3) | keyId, peerId >> 16, (peerId >> 8) & 0xff, peerId & 0xff)
}

/** What the AEAD formats authenticate of the header: all of P_DATA_V2's, nothing of P_DATA_V1's. */
export function authenticatedHeader(header: Uint8Array): Uint8Array {
  return header.length === V2_HEADER_BYTES ? header : header.subarray(header.length)
}
