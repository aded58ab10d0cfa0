import type { CryptoPort } from '@causeway/crypto'
import type { WireFault } from '@causeway/wire'
import { type ControlPacket, readControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import type { ControlOpcode } from '../wire/opcode.ts'

/** How control packets are protected before TLS. */
export type WrapKind = 'none' | 'tls-auth' | 'tls-crypt' | 'tls-crypt-v2'

/** The side of the protocol that a key is used on: it decides which half of the key sends. */
export type WrapRole = 'server' | 'client'

/**
 * The replay stamp of a wrapped packet: a number that starts at 1 and grows with every packet sent,
 * and the Unix time in seconds at which that count began. Retransmissions are stamped anew.
 */
export interface PacketStamp {
  readonly packetId: number
  readonly netTime: number
}

/** A packet whose wrap was authentic. Whether it is a replay is for a `ReplayWindow` to say. */
export interface Unwrapped {
  readonly type: 'packet'
  readonly packet: ControlPacket
  /** Absent without wrap. */
  readonly stamp?: PacketStamp
}

/** Why a packet was not unwrapped. */
export type WrapFaultReason =
  /** The packet could not be read; `fault` says where. */
  | 'malformed'
  /** The MAC is not the one that the key gives. */
  | 'authentication'
  /** The tls-crypt-v2 client key at the packet's end is missing, broken or not of this server. */
  | 'wrapped-key'
  /** No wrap that is allowed here fits the packet. */
  | 'no-wrap'

/** A peer's packet that was refused, as a value. */
export interface WrapFault {
  readonly type: 'fault'
  readonly reason: WrapFaultReason
  readonly fault?: WireFault
}

/**
 * Protection of control packets with one key. It holds keys and no other state: stamps and replay
 * windows belong to the session.
 */
export interface ControlWrap {
  readonly kind: WrapKind
  /** The 256 bytes that dynamic tls-crypt mixes in; absent without wrap. */
  readonly staticKey?: Uint8Array
  /** Bytes that wrapping adds to a packet of this opcode. */
  overheadBytes(opcode: ControlOpcode): number
  /** Errors: `RangeError` when the packet breaks its own interface. */
  wrap(packet: ControlPacket, stamp: PacketStamp): Uint8Array
  unwrap(bytes: Uint8Array): Unwrapped | WrapFault
}

/** What every keyed wrap is made from. */
export interface WrapKeyOptions {
  readonly crypto: CryptoPort
  /** 256 bytes, see `parseStaticKey`. */
  readonly staticKey: Uint8Array
  readonly role: WrapRole
}

/** Packets in the clear. */
export const NO_WRAP: ControlWrap = {
  kind: 'none',
  overheadBytes: () => 0,
  wrap: packet => writeControlPacket(packet),
  unwrap: bytes => unwrapped(readControlPacket(bytes)),
}

/** A packet or the fault that reading it gave, as the result of an unwrap. */
export function unwrapped(packet: ControlPacket | WireFault, stamp?: PacketStamp): Unwrapped | WrapFault {
  if ('kind' in packet) return { type: 'fault', reason: 'malformed', fault: packet }
  return { type: 'packet', packet, ...(stamp && { stamp }) }
}
